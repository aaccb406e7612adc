"""Dialogues: two sides speak in turn until the agreement judge says yes or the turns are over; agent 1 then answers."""
from dataclasses import dataclass, field

from chat_prompts import ROLES


@dataclass
class Utterance:
    role: str
    turn: int
    # The context that its speaker saw, which may be cut: its likelihood is exact under these ids only.
    prompt_ids: list
    # Stop token included.
    ids: list
    is_truncated: bool
    text: str

    @property
    def words(self):
        """Without the stop token: the chat template closes the turn itself."""
        return self.ids if self.is_truncated else self.ids[:-1]


@dataclass
class Dialogue:
    # {"dilemma", "persona_1", "persona_2"}: texts; {"dilemma_id", "pair_id"}.
    task: dict
    utterances: list = field(default_factory=list)
    has_agreed: bool = False
    # Text of the final answer; None without agreement.
    completion: str | None = None
    # 0 to 5; NaN if the judge's answer could not be read; None if there is nothing to judge.
    score: float | None = None

    @property
    def spoken(self):
        return [(utterance.role, utterance.text) for utterance in self.utterances]

    @property
    def rounds(self):
        return len(self.utterances) // 2


def negotiate(tasks, settings, prompts, policy, agreement, judge):
    """
    One dialogue for each task, all of them side by side.

    `agreement.agreements(dialogues)` -> [bool] of their last exchanges; `judge.scores(dialogues)` -> [float].
    """
    dialogues = [Dialogue(task) for task in tasks]
    for turn in range(1, settings["max_turns"] + 1):
        open_ones = [dialogue for dialogue in dialogues if not dialogue.has_agreed]
        if not policy.any_process(len(open_ones)):
            break
        for role in ROLES:
            speak(open_ones, role, turn, settings, prompts, policy)
        for dialogue, has_agreed in zip(open_ones, agreement.agreements(open_ones), strict=True):
            dialogue.has_agreed = has_agreed
    agreed = [dialogue for dialogue in dialogues if dialogue.has_agreed]
    answer(agreed, settings, prompts, policy)
    for dialogue, score in zip(agreed, judge.scores(agreed), strict=True):
        dialogue.score = score
    return dialogues


def speak(dialogues, role, turn, settings, prompts, policy):
    contexts = [prompts.utterance(role, dialogue.task, dialogue.utterances) for dialogue in dialogues]
    found = policy.sample(
        contexts,
        settings["max_utterance_tokens"],
        settings["utterance_temperature"],
        settings["utterance_top_p"],
        settings["adapter_" + role],
    )
    for dialogue, context, ids in zip(dialogues, contexts, found, strict=True):
        is_truncated = ids[-1] not in policy.stop_ids
        words = ids if is_truncated else ids[:-1]
        dialogue.utterances.append(Utterance(role, turn, context, ids, is_truncated, prompts.text_of(words)))


def answer(dialogues, settings, prompts, policy):
    """The final answer is agent 1's. It is judged, and never trained on."""
    found = policy.sample(
        [prompts.completion(dialogue.task, dialogue.utterances) for dialogue in dialogues],
        settings["max_completion_tokens"],
        settings["completion_temperature"],
        settings["completion_top_p"],
        settings["adapter_agent1"],
    )
    for dialogue, ids in zip(dialogues, found, strict=True):
        dialogue.completion = prompts.text_of(ids)
