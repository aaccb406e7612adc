"""Who decides whether the sides agree, and who scores the final answer for Collective Agency (0 to 5).

Each class has `agreements(dialogues)` -> [bool] or `scores(dialogues)` -> [float, NaN where an answer cannot be read].
"""
import json
import math
import os
import re
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

SCORES = range(6)
CONSENT = ("i agree", "we agree", "i accept", "agreed", "deal")


def expected_score(logits):
    """sum_s s softmax(z)_s of the logits or log-probabilities of the scores 0 to 5; NaN if one is no number."""
    top = max(logits)
    if not math.isfinite(top) or any(math.isnan(z) for z in logits):
        return math.nan
    weights = [math.exp(z - top) for z in logits]
    return sum(score * weight for score, weight in zip(SCORES, weights)) / sum(weights)


class SelfJudge:
    """The model itself with its adapter off, by the logits where its answer would begin: nothing is generated."""

    def __init__(self, policy, prompts, settings):
        self.policy, self.prompts = policy, prompts
        self.answers = (settings["agreement_yes"], settings["agreement_no"])
        self.threshold = settings["agreement_threshold"]

    def agreements(self, dialogues):
        """p(yes) = sigmoid(z_yes - z_no) above the threshold."""
        ids = self.prompts.single_tokens(self.answers)
        contexts = []
        for dialogue in dialogues:
            messages = self.prompts.agreement(dialogue.task, "\ue0000\ue001", "\ue0001\ue001", *self.answers)
            contexts.append(self.prompts.encode(messages, [said.words for said in dialogue.utterances[-2:]]))
        margins = [yes - no for yes, no in self.policy.base_logits(contexts, ids)]
        # A margin that is no number is no consent.
        return [sigmoid(margin) > self.threshold for margin in margins]

    def scores(self, dialogues):
        ids = self.prompts.single_tokens([str(score) for score in SCORES])
        contexts = [
            self.prompts.encode(self.prompts.judge(dialogue.task, dialogue.completion, dialogue.spoken))
            for dialogue in dialogues
        ]
        return [expected_score(logits) for logits in self.policy.base_logits(contexts, ids)]


def sigmoid(x):
    if math.isnan(x):
        return math.nan
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


class RuleAgreement:
    """Both sides have written something that accepts."""

    def agreements(self, dialogues):
        return [
            all(any(words in said.text.lower() for words in CONSENT) for said in dialogue.utterances[-2:])
            for dialogue in dialogues
        ]


class EndpointJudge:
    """
    A server that speaks OpenAI's chat completions.

    `url`: up to /v1, or the whole address; the key, if it needs one, is read from the environment: JUDGE_API_KEY.
    """

    def __init__(self, url, model, prompts, max_tokens=16, attempts=3, timeout_s=60, at_once=8):
        path = "/chat/completions"
        self.url = url.rstrip("/") if url.rstrip("/").endswith(path) else url.rstrip("/") + path
        self.model, self.prompts = model, prompts
        self.max_tokens, self.attempts, self.timeout_s, self.at_once = max_tokens, attempts, timeout_s, at_once
        self.asks_log_probs = True

    def agreements(self, dialogues):
        """An answer that cannot be read is no consent."""
        asked = [
            self.prompts.agreement(dialogue.task, *(said.text for said in dialogue.utterances[-2:]), "YES", "NO")
            for dialogue in dialogues
        ]
        return [found is True for found in self._ask_all(asked, read_consent, 0)]

    def scores(self, dialogues):
        asked = [self.prompts.judge(dialogue.task, dialogue.completion, dialogue.spoken) for dialogue in dialogues]
        return [math.nan if found is None else found for found in self._ask_all(asked, read_score, 5)]

    def _ask_all(self, asked, read, top_log_probs):
        with ThreadPoolExecutor(self.at_once) as pool:
            return list(pool.map(lambda messages: self._ask(messages, read, top_log_probs), asked))

    def _ask(self, messages, read, top_log_probs):
        """Asks until an answer can be read, a few times at most; None if none can."""
        for attempt in range(self.attempts):
            choice = self._complete(messages, 0 if attempt == 0 else 0.7, top_log_probs)
            found = None if choice is None else read(choice)
            if found is not None:
                return found
        return None

    def _complete(self, messages, temperature, top_log_probs):
        body = {"model": self.model, "messages": messages, "max_tokens": self.max_tokens, "temperature": temperature}
        wants_log_probs = top_log_probs > 0 and self.asks_log_probs
        if wants_log_probs:
            body |= {"logprobs": True, "top_logprobs": top_log_probs}
        headers = {"content-type": "application/json"}
        if os.environ.get("JUDGE_API_KEY"):
            headers["authorization"] = f"Bearer {os.environ['JUDGE_API_KEY']}"
        request = urllib.request.Request(self.url, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as response:
                return json.load(response)["choices"][0]
        except urllib.error.HTTPError as error:
            if error.code == 400 and wants_log_probs:
                self.asks_log_probs = False
                return self._complete(messages, temperature, 0)
            if error.code in (400, 401, 403, 404):
                raise RuntimeError(f"The judge's server refuses to answer: HTTP {error.code}.") from None
            time.sleep(1)
        except (OSError, ValueError, KeyError, IndexError):
            time.sleep(1)
        return None


def without_thoughts(text):
    """What stands behind the thoughts of a model that thinks aloud; thoughts that never end leave no answer."""
    if "</think>" in text:
        return text.rsplit("</think>", 1)[1]
    return "" if "<think>" in text else text


def read_score(choice):
    """The expected score if the server gives probabilities, else the text's only number; "4/5" and "3.5" are none."""
    text = without_thoughts(choice["message"].get("content") or "")
    numbers = re.findall(r"[-+]?[0-9]+(?:[.,][0-9]+)*", text)
    if len(numbers) != 1 or not re.fullmatch(r"\+?[0-5]", numbers[0]):
        return None
    tokens = ((choice.get("logprobs") or {}).get("content")) or []
    place = next((token for token in reversed(tokens) if token["token"].strip() == str(int(numbers[0]))), None)
    masses = [0.0] * 6
    for top in (place or {}).get("top_logprobs") or []:
        if re.fullmatch("[0-5]", top["token"].strip()):
            masses[int(top["token"])] += math.exp(top["logprob"])
    if sum(masses) <= 0:
        return float(numbers[0])
    return sum(score * mass for score, mass in zip(SCORES, masses)) / sum(masses)


def read_consent(choice):
    word = re.match(r"\W*(yes|no)\b", without_thoughts(choice["message"].get("content") or "").strip(), re.IGNORECASE)
    return None if word is None else word[1].lower() == "yes"
