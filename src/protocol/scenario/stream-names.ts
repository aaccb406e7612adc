/** What the streams of an outcome are called. */
import type { DialogueRecord, Thoughts, Utterance } from '../negotiation-run.ts';
import type { StreamName } from '../reasoning.ts';

/** @param turn  from 0 on */
export function streamNameOf(turn: number, stream: StreamName): string {
  return `turn${turn + 1}.${stream}`;
}

/** @param index  from 0 on */
export function answerNameOf(index: number): string {
  return `answer${index + 1}`;
}

export function dialogueNameOf({ row, branch }: Pick<DialogueRecord, 'row' | 'branch'>): string {
  return `dialogue${row + 1}${branch === 0 ? '' : `.branch${branch}`}`;
}

/** What was said and thought in a dialogue, in the order of turns, the answer last. */
export function dialogueStreams(
  dialogue: DialogueRecord,
): { readonly name: string; readonly said: Utterance | Thoughts }[] {
  const { utterances, thoughts = [], completion } = dialogue;
  const name = dialogueNameOf(dialogue);
  return [
    ...utterances.map((said) => ({ name: `${name}.turn${said.turn}.${said.role}`, said })),
    ...thoughts.map((said) => ({ name: `${name}.turn${said.turn}.${said.role}.thoughts`, said })),
    ...(completion === undefined ? [] : [{ name: `${name}.answer`, said: completion }]),
  ];
}
