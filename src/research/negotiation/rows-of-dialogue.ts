import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { HELD_OUT_DILEMMAS, HELD_OUT_PERSONA_PAIRS } from '@/protocol/negotiation/held-out.ts';
import type { DialogueRecord, GroupRecord, NegotiationRole, Thoughts, Utterance } from '@/protocol/negotiation-run.ts';
import type { TrainingRow, TrainingSettings } from '@/protocol/training.ts';

/** A row to train on, and where it comes from. */
export interface DialogueRow {
  readonly training: TrainingRow;
  /** Index in the group's `dialogues`, and in the dialogue's `utterances`; null: its answer. */
  readonly dialogue: number;
  readonly utterance: number | null;
}

/**
 * One row for each utterance under the context that its speaker saw, so that its likelihood is exact; the stop token
 * counts. The completion, what a person said, sides that spoke without the adapter, and dialogues that were stopped give
 * no row. Failed dialogues do.
 *
 * The log-probabilities are those of the sampling temperature: train with `temperature` equal to it. An utterance behind
 * private thoughts has none: its speaker saw thoughts that were made while it was still listening, which one reading of
 * the prompt does not repeat, so they have to come from the trainer. With `trainsThoughts` the thoughts count in the loss
 * too, as they read in one go behind all that was heard.
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
    readonly trainsThoughts?: boolean;
  },
): DialogueRow[] {
  refuseHeldOut(group);
  const { groupId, trainRoles, advantages, trainsThoughts = false } = options;
  const { adapterAgent1, adapterAgent2 } = group.settings;
  const isTrained: Record<NegotiationRole, boolean> = {
    agent1: adapterAgent1 === 'on',
    agent2: adapterAgent2 === 'on' && trainRoles === 'both',
  };
  return group.dialogues.flatMap((record, dialogue) =>
    spokenIn(record).flatMap((said, utterance) => {
      if (!isTrained[said.role] || said.origin === 'person') return [];
      const advantage = advantages === undefined ? 0 : at(advantages, dialogue);
      const thoughts = thoughtsBefore(record, said);
      const training =
        thoughts === undefined
          ? { ...rowOf(said, groupId, advantage), oldLogProbs: said.logProbs }
          : rowBehind(thoughts, rowOf(said, groupId, advantage), trainsThoughts);
      return [{ dialogue, utterance, training }];
    }),
  );
}

/**
 * One row for the answer of each dialogue of one agent alone.
 *
 * @param advantages  [dialogues]; default 0, to be filled in
 * @throws {Failure} 'invalidConfig' if the dilemma is held out
 */
export function rowsOfAnswers(
  group: GroupRecord,
  options: { readonly groupId: number; readonly advantages?: readonly number[] },
): DialogueRow[] {
  refuseHeldOut({ dilemma: group.dilemma });
  const { groupId, advantages } = options;
  if (group.settings.adapterAgent1 === 'off') return [];
  return group.dialogues.flatMap(({ completion }, dialogue) => {
    if (completion === undefined) return [];
    const advantage = advantages === undefined ? 0 : at(advantages, dialogue);
    const training = { ...rowOf(completion, groupId, advantage), oldLogProbs: completion.logProbs };
    return [{ dialogue, utterance: null, training }];
  });
}

/**
 * By its own word and by the list: a copy of ours that calls itself 'train' is held out all the same.
 *
 * @throws {Failure} 'invalidConfig'
 */
export function refuseHeldOut({ dilemma, pair }: Partial<Pick<GroupRecord, 'dilemma' | 'pair'>>): void {
  const held =
    dilemma !== undefined && (dilemma.split === 'test' || HELD_OUT_DILEMMAS.has(dilemma.id))
      ? `dilemma "${dilemma.id}"`
      : pair !== undefined && (pair.split === 'test' || HELD_OUT_PERSONA_PAIRS.has(pair.id))
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

function thoughtsBefore({ thoughts = [] }: DialogueRecord, { role, turn }: Utterance): Thoughts | undefined {
  return thoughts.find((thought) => thought.role === role && thought.turn === turn);
}

function rowOf(
  { promptIds, tokenIds, isTruncated, role }: Utterance,
  groupId: number,
  advantage: number,
): Omit<TrainingRow, 'oldLogProbs'> {
  return {
    promptIds,
    completionIds: tokenIds,
    lossMask: tokenIds.map(() => 1),
    advantage,
    isTruncated,
    role,
    groupId,
  };
}

/** The same row, with the thoughts that its prompt holds as part of what is trained, if they are to be. */
function rowBehind({ tokenIds, stop }: Thoughts, row: TrainingRow, trainsThoughts: boolean): TrainingRow {
  const thought = stop === 'stopToken' ? tokenIds.slice(0, -1) : tokenIds;
  const start = trainsThoughts && thought.length > 0 ? lastPlaceOf(thought, row.promptIds) : -1;
  if (start < 0) return row;
  const behind = row.promptIds.slice(start + thought.length);
  return {
    ...row,
    promptIds: row.promptIds.slice(0, start),
    completionIds: [...thought, ...behind, ...row.completionIds],
    lossMask: [...thought.map(() => 1), ...behind.map(() => 0), ...row.lossMask],
  };
}

/** @returns -1 if it is nowhere */
function lastPlaceOf(part: readonly number[], ids: readonly number[]): number {
  for (let start = ids.length - part.length; start >= 0; start--)
    if (part.every((id, index) => ids[start + index] === id)) return start;
  return -1;
}
