import type { DialogueRecord } from '@/protocol/negotiation-run.ts';
import type { PastGroup } from './negotiation-slice.ts';
import { dialogueRecord, keyOf, nameOf, type GroupHead, type RolloutView } from './negotiation-view.ts';

/** A dialogue that another one can be compared with. */
export interface Comparable {
  /** Unique in the session. */
  readonly key: string;
  readonly name: string;
  readonly head: Pick<GroupHead, 'dilemma' | 'pair'>;
  readonly record: DialogueRecord;
}

/** All dialogues of the shown group, then those of the session's other groups. */
export function comparables(rollout: RolloutView, history: readonly PastGroup[]): readonly Comparable[] {
  const { head, groupId, dialogues } = rollout;
  const shown =
    head === null ? [] : dialogues.map((dialogue) => comparable(groupId, head, dialogueRecord(dialogue), 'This group'));
  const earlier = history.filter((past) => past.groupId !== groupId);
  return [
    ...shown,
    ...earlier.flatMap(({ groupId: id, record }) =>
      record.dialogues.map((dialogue) => comparable(id, record, dialogue, record.dilemma.goal)),
    ),
  ];
}

function comparable(
  groupId: number,
  { dilemma, pair }: Pick<GroupHead, 'dilemma' | 'pair'>,
  record: DialogueRecord,
  group: string,
): Comparable {
  const name = `${group}: dialogue ${nameOf(record)}, ${record.outcome}`;
  return { key: `${groupId}/${keyOf(record)}`, name, head: { dilemma, pair }, record };
}
