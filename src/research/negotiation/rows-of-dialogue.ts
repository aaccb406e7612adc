import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { HELD_OUT_DILEMMAS, HELD_OUT_PERSONA_PAIRS } from '@/protocol/negotiation/held-out.ts';
import type { DialogueRecord, GroupRecord, NegotiationRole, Utterance } from '@/protocol/negotiation-run.ts';
import type { TrainingRow, TrainingSettings } from '@/protocol/training.ts';

/** A row to train on, and where it comes from. */
export interface DialogueRow {
  readonly training: TrainingRow;
  /** Index in the group's `dialogues`, and in the dialogue's `utterances`. */
  readonly dialogue: number;
  readonly utterance: number;
}

/**
 * One row for each utterance under the context that its speaker saw, so that its likelihood is exact; the stop token
 * counts. The completion, what a person said, sides that spoke without the adapter, and dialogues that were stopped give
 * no row. Failed dialogues do.
 *
 * The log-probabilities are those of the sampling temperature: train with `temperature` equal to it. An utterance behind
 * private thoughts has none: its speaker saw thoughts that were made while it was still listening, which one reading of
 * the prompt does not repeat, so they have to come from the trainer.
 *
 * @param advantages  [dialogues]; default 0, to be filled in
 * @throws {Failure} 'invalidConfig' if the dilemma or the pair is held out: training never touches it
 */
export function rowsOfGroup(
  group: GroupRecord,
  options: {
    readonly groupId: number;
    readonly trainRoles: TrainingSettings['trainRoles'];
    readonly advantages?: readonly number[];
  },
): DialogueRow[] {
  refuseHeldOut(group);
  const { groupId, trainRoles, advantages } = options;
  const { adapterAgent1, adapterAgent2 } = group.settings;
  const isTrained: Record<NegotiationRole, boolean> = {
    agent1: adapterAgent1 === 'on',
    agent2: adapterAgent2 === 'on' && trainRoles === 'both',
  };
  return group.dialogues.flatMap((record, dialogue) =>
    spokenIn(record).flatMap((said, utterance) => {
      if (!isTrained[said.role] || said.origin === 'person') return [];
      const advantage = advantages === undefined ? 0 : at(advantages, dialogue);
      const isThought = thoughtsBefore(record, said);
      return [{ dialogue, utterance, training: rowOf(said, groupId, advantage, isThought) }];
    }),
  );
}

/** By its own word and by the list: a copy of ours that calls itself 'train' is held out all the same. */
function refuseHeldOut({ dilemma, pair }: Pick<GroupRecord, 'dilemma' | 'pair'>): void {
  const held =
    dilemma.split === 'test' || HELD_OUT_DILEMMAS.has(dilemma.id)
      ? `dilemma "${dilemma.id}"`
      : pair.split === 'test' || HELD_OUT_PERSONA_PAIRS.has(pair.id)
        ? `persona pair "${pair.id}"`
        : undefined;
  if (held !== undefined)
    throw new Failure<FailureCode>(
      'invalidConfig',
      `The ${held} is held out for evaluation, and training never touches it. Choose another one.`,
    );
}

function spokenIn({ outcome, utterances }: DialogueRecord): readonly Utterance[] {
  return outcome === 'stopped' ? [] : utterances;
}

function thoughtsBefore({ thoughts = [] }: DialogueRecord, { role, turn }: Utterance): boolean {
  return thoughts.some((thought) => thought.role === role && thought.turn === turn);
}

function rowOf(
  { promptIds, tokenIds, logProbs, isTruncated, role }: Utterance,
  groupId: number,
  advantage: number,
  isThought: boolean,
): TrainingRow {
  return {
    promptIds,
    completionIds: tokenIds,
    lossMask: tokenIds.map(() => 1),
    advantage,
    ...(!isThought && { oldLogProbs: logProbs }),
    isTruncated,
    role,
    groupId,
  };
}
