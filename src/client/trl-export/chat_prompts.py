"""What the two sides and the judges read: texts with {slots} from prompts.json, and their token ids.

What was said is never decoded and encoded again: the chat template is filled with placeholders, and the ids of
utterances are put where the placeholders stand. Contents are encoded as plain text, so nothing that a person or a model
wrote can open another turn.
"""
import re

ROLES = ("agent1", "agent2")

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# Of the private use area: no text of ours, and no chat template, has them.
CONTENT = re.compile("\ue002([0-9]+)\ue003")
SAID = re.compile("\ue000([0-9]+)\ue001")
MARKS = re.compile("[\ue000-\ue003]")


def fill(text, values):
    """What is put in is never looked at again: a {slot} in it stays as it is."""
    return SLOT.sub(lambda match: values[match[1]], text)


def other(role):
    return ROLES[1 - ROLES.index(role)]


def recent_utterances(said, turns, unit):
    """What the next speaker sees. In exchanges, the turn that is under way is one of them."""
    if unit == "utterances":
        return said[-turns:]
    return said[-(2 * turns - len(said) % 2) :]


def joined(messages):
    """Two messages of one role in a row become one: many chat templates insist on alternation."""
    result = []
    for message in messages:
        if result and result[-1]["role"] == message["role"]:
            content = f"{result[-1]['content']}\n\n{message['content']}"
            result[-1] = {"role": message["role"], "content": content}
        else:
            result.append(message)
    return result


class ChatPrompts:
    """`prompts`: {"names": {role: name}, "templates": {id: text}}; `settings`: config.json's "negotiation"."""

    def __init__(self, prompts, settings, tokenizer):
        self.names, self.templates = prompts["names"], prompts["templates"]
        self.settings, self.tokenizer = settings, tokenizer

    def _fill(self, template, **values):
        return fill(self.templates[template], values)

    def _names(self, role):
        return {"name": self.names[role], "other": self.names[other(role)]}

    def _written(self, dialogue):
        return "\n\n".join(f"{self.names[role]}: {text}" for role, text in dialogue)

    def utterance(self, role, task, said):
        """Ids that the next utterance follows. `said`: the utterances so far, agent 1 first."""
        recent = recent_utterances(said, self.settings["context_turns"], self.settings["context_unit"])
        about = {**self._names(role), "initial_prompt": task["dilemma"]}
        persona = task["persona_1" if role == "agent1" else "persona_2"]
        messages = [{"role": "system", "content": self._fill("agent", **about, persona=persona)}]
        if role == "agent1":
            messages.append({"role": "user", "content": self._fill("opening", **about)})
        for index, utterance in enumerate(recent):
            mark = f"\ue000{index}\ue001"
            if utterance.role == role:
                messages.append({"role": "assistant", "content": mark})
            else:
                messages.append({"role": "user", "content": self._fill("turn", **about, utterance=mark)})
        return self.encode(joined(messages), [utterance.words for utterance in recent])

    def completion(self, task, said):
        seen = said
        if self.settings["completion_sees"] == "recent":
            seen = recent_utterances(said, self.settings["context_turns"], self.settings["context_unit"])
        dialogue = [(utterance.role, f"\ue000{index}\ue001") for index, utterance in enumerate(seen)]
        text = self._fill("completion", **self._about(task), dialogue=self._written(dialogue))
        return self.encode([{"role": "user", "content": text}], [utterance.words for utterance in seen])

    def agreement(self, task, first, second, yes, no):
        """Messages that end where the bare word `yes` or `no` comes next. `first`, `second`: texts."""
        values = {"initial_prompt": task["dilemma"], "utterance_1": first, "utterance_2": second, "yes": yes, "no": no}
        return [{"role": "user", "content": self._fill("agreement", **values)}]

    def judge(self, task, completion, dialogue):
        """Messages that end where a bare digit from 0 to 5 comes next. `dialogue`: (role, text) pairs."""
        values = {**self._about(task), "completion": completion}
        if not self.settings["judge_sees_dialogue"]:
            return [{"role": "user", "content": self._fill("caJudge", **values)}]
        return [{"role": "user", "content": self._fill("caJudgeDialogue", **values, dialogue=self._written(dialogue))}]

    def _about(self, task):
        return {"initial_prompt": task["dilemma"], "persona_1": task["persona_1"], "persona_2": task["persona_2"]}

    def encode(self, messages, said=()):
        """Token ids of a chat, the head of the assistant's turn at its end. `said`: ids by placeholder number."""
        contents = [{"role": m["role"], "content": f"\ue002{i}\ue003"} for i, m in enumerate(messages)]
        # Models that can think aloud are told not to; other templates do not know the switch and ignore it.
        scaffold = self.tokenizer.apply_chat_template(
            contents, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        parts = CONTENT.split(scaffold)
        if len({int(number) for number in parts[1::2]}) < len(messages):
            raise ValueError("The chat template leaves a message out. Choose a model that takes a system message.")
        ids = []
        for index, part in enumerate(parts):
            if index % 2 == 0:
                ids += self._ids(part, split_special_tokens=False)
                continue
            for place, words in enumerate(SAID.split(messages[int(part)]["content"])):
                ids += self.plain_ids(words) if place % 2 == 0 else said[int(words)]
        return ids

    def plain_ids(self, text):
        return self._ids(text, split_special_tokens=True)

    def _ids(self, text, split_special_tokens):
        if text == "":
            return []
        return self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=split_special_tokens)

    def text_of(self, ids):
        text = self.tokenizer.decode(ids, skip_special_tokens=True)
        return MARKS.sub("", text)

    def single_tokens(self, words):
        """Ids of words that must be one token each, all different."""
        ids = [self.plain_ids(word) for word in words]
        if any(len(found) != 1 for found in ids) or len({found[0] for found in ids}) < len(words):
            raise ValueError(
                f"{', '.join(words)} must be one token each in this model's vocabulary. Change agreement_yes and "
                "agreement_no in config.json, or take another judge (--judge endpoint) or another model."
            )
        return [found[0] for found in ids]
