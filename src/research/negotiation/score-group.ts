import type { DialogueRecord, GroupRecord, NegotiationEvent } from '@/protocol/negotiation-run.ts';
import { answerOf } from '@/protocol/negotiation-api.ts';
import type { Judge } from './judge.ts';

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
    const answer = dialogue.verdict === undefined ? answerOf(group, dialogue) : undefined;
    if (answer === undefined) {
      dialogues.push(dialogue);
      continue;
    }
    signal?.throwIfAborted();
    const verdict = await judge.score(answer, signal);
    dialogues.push({ ...dialogue, verdict });
    yield { kind: 'judged', row: dialogue.row, verdict };
  }
  return { ...group, dialogues };
}
