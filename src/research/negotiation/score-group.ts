import type { DialogueRecord, GroupRecord, NegotiationEvent } from '@/protocol/negotiation-run.ts';
import { type Judge, transcriptOf } from './judge.ts';

/**
 * Judges every completion of a group that has no verdict yet.
 *
 * @throws {DOMException} 'AbortError' once the signal has fired; whatever the judge throws
 */
export async function* scoreGroup(
  group: GroupRecord,
  judge: Judge,
  signal?: AbortSignal,
): AsyncGenerator<NegotiationEvent, GroupRecord> {
  const dialogues: DialogueRecord[] = [];
  for (const dialogue of group.dialogues) {
    const transcript = dialogue.verdict === undefined ? transcriptOf(group, dialogue) : undefined;
    if (transcript === undefined) {
      dialogues.push(dialogue);
      continue;
    }
    signal?.throwIfAborted();
    const verdict = await judge.score(transcript, signal);
    dialogues.push({ ...dialogue, verdict });
    yield { kind: 'judged', row: dialogue.row, verdict };
  }
  return { ...group, dialogues };
}

/**
 * The reward of a dialogue.
 *
 * @returns 0 without agreement, whatever a completion that was written all the same may be worth; NaN where there is no
 *          score: it was stopped, is not judged yet, or could not be read
 */
export function rewardOf({ outcome, verdict }: Pick<DialogueRecord, 'outcome' | 'verdict'>): number {
  if (outcome === 'failed') return 0;
  return outcome === 'agreed' && verdict?.state === 'scored' ? verdict.score : Number.NaN;
}
