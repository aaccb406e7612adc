/** One training step: groups negotiate, are judged, and the advantages of their dialogues update the adapter. */
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { Trainer } from '@/engine/generation/trainer.ts';
import { at } from '@/lib/assert.ts';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import { createRng, shuffled } from '@/lib/rng.ts';
import { NO_PAIR, type Dilemma, type PersonaPair } from '@/protocol/negotiation.ts';
import { rewardOf, type GroupRecord, type NegotiationEvent } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { TrainingMethod } from '@/protocol/negotiation-training.ts';
import type { RowLogProbs, StepReport, TrainingRow, TrainingSettings } from '@/protocol/training.ts';
import { advantagesOf, type RewardReport } from '@/protocol/advantages.ts';
import { passOptions, trainOnBatch } from '../grpo/train-step.ts';
import { answerAlone } from './answer-alone.ts';
import { rolloutGroup, type RolloutIo } from './group-rollout.ts';
import type { Judge } from './judge.ts';
import { rowsOfAnswers, rowsOfGroup, type DialogueRow } from './rows-of-dialogue.ts';
import { scoreGroup } from './score-group.ts';

export interface StepTask {
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
}

export interface NegotiationStepPlan {
  readonly method: TrainingMethod;
  /** One a group; none of them held out. */
  readonly tasks: readonly StepTask[];
  readonly settings: NegotiationSettings;
  /** `temperature` is taken from the settings of the dialogue: log-probabilities are those of the sampling. */
  readonly training: TrainingSettings;
  /** Steps of the run before this one; what is drawn follows from it. */
  readonly stepsBefore: number;
  /** Updates that the adapter has had. */
  readonly updatesBefore: number;
  readonly measuresChange: boolean;
  readonly trainsThoughts: boolean;
}

/** A row that is trained, and the group that it comes from. */
export type StepRow = DialogueRow & { readonly group: number };

export type NegotiationStepEvent =
  | { readonly kind: 'groupStarted'; readonly group: number; readonly head: StepTask & Pick<GroupRecord, 'settings'> }
  | { readonly kind: 'rollout'; readonly group: number; readonly event: NegotiationEvent }
  /** Its dialogues are over, and are judged next. */
  | { readonly kind: 'judging'; readonly group: number }
  | { readonly kind: 'groupEnded'; readonly group: number; readonly record: GroupRecord }
  /** Before the first update. */
  | { readonly kind: 'training'; readonly rows: readonly StepRow[] }
  | { readonly kind: 'updated'; readonly report: StepReport }
  | { readonly kind: 'measuring' };

export interface NegotiationStepResult {
  readonly groups: readonly GroupRecord[];
  readonly rewards: RewardReport;
  /** [groups][dialogues] */
  readonly advantages: readonly (readonly number[])[];
  readonly rows: readonly StepRow[];
  /** `numIterations` of them; none where every advantage is 0 and nothing pulls otherwise. */
  readonly reports: readonly StepReport[];
  /** Of the rows, by the trainer: before the first update, and behind the last. Null where they were not read. */
  readonly before: readonly RowLogProbs[] | null;
  readonly after: readonly RowLogProbs[] | null;
}

/**
 * Runs one step. Stopped before its first update, the adapter is as it was; behind that the step is finished, without its
 * last reading.
 *
 * @throws {DOMException} 'AbortError' or {Failure} 'cancelled' once the signal has fired; 'trainingDiverged' before an
 *         update that would spoil the adapter; 'invalidConfig' for a held-out task; what decoder and judge throw
 */
export async function* negotiationStep(
  parts: { readonly decoder: Decoder; readonly trainer: Trainer; readonly judge: Judge },
  plan: NegotiationStepPlan,
  io: RolloutIo & { readonly signal: AbortSignal },
): AsyncGenerator<NegotiationStepEvent, NegotiationStepResult> {
  const { trainer, judge } = parts;
  const groups: GroupRecord[] = [];
  for (const [group, task] of plan.tasks.entries()) {
    const settings = { ...plan.settings, seed: groupSeed(plan.settings.seed, plan.stepsBefore, group) };
    yield { kind: 'groupStarted', group, head: { ...task, settings } };
    const rolledOut = yield* labelled(group, rollout(parts.decoder, plan.method, { ...task, settings }, io));
    io.signal.throwIfAborted();
    yield { kind: 'judging', group };
    const record = yield* labelled(group, scoreGroup(rolledOut, judge, io.signal));
    groups.push(record);
    yield { kind: 'groupEnded', group, record };
  }
  const rewards = advantagesOf(
    groups.flatMap(({ dialogues }) => dialogues.map((dialogue) => [rewardOf(dialogue)])),
    groups.flatMap(({ dialogues }, group) => dialogues.map(() => group)),
    plan.training,
  );
  const advantages = byGroup(groups, rewards.advantages);
  const rows = groups.flatMap((record, group) => rowsOf(record, group, advantages[group] ?? [], plan));
  const training = { ...plan.training, temperature: plan.settings.utteranceTemperature };
  const known = { groups, rewards, advantages, rows };
  yield { kind: 'training', rows };
  const reports: StepReport[] = [];
  const batch = rows.map((row) => row.training);
  if (training.beta !== 0 || batch.some(({ advantage }) => advantage !== 0)) {
    // Half of a step's updates would be no step of any run: behind the first one the others follow.
    const link = linked(io.signal);
    for await (const report of trainOnBatch(trainer, batch, training, plan.updatesBefore, link.signal)) {
      link.release();
      reports.push(report);
      yield { kind: 'updated', report };
    }
  }
  const before = reports[0]?.rows ?? null;
  if (before === null || !plan.measuresChange) return { ...known, reports, before, after: null };
  yield { kind: 'measuring' };
  const after = await logProbsOf(trainer, batch, training, io.signal).catch((error: unknown) => {
    // The step is made; only what it did is not known.
    if (io.signal.aborted) return null;
    throw error;
  });
  return { ...known, reports, before, after };
}

/** A signal that fires with another one until it is let go. */
function linked(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return { signal: controller.signal, release: () => signal.removeEventListener('abort', abort) };
}

function rollout(
  decoder: Decoder,
  method: TrainingMethod,
  request: StepTask & { readonly settings: NegotiationSettings },
  io: RolloutIo,
): AsyncGenerator<NegotiationEvent, GroupRecord> {
  if (method === 'negotiation') return rolloutGroup(decoder, request, io);
  const { dilemma, settings } = request;
  return answerAlone(decoder, { dilemma, settings }, io);
}

function rowsOf(
  record: GroupRecord,
  group: number,
  advantages: readonly number[],
  { method, training: { trainRoles }, trainsThoughts }: NegotiationStepPlan,
): StepRow[] {
  const rows =
    method === 'singleAgent'
      ? rowsOfAnswers(record, { groupId: group, advantages })
      : rowsOfGroup(record, { groupId: group, trainRoles, advantages, trainsThoughts });
  return rows.map((row) => ({ ...row, group }));
}

/** Rows without a completion have nothing to read. */
async function logProbsOf(
  trainer: Trainer,
  batch: readonly TrainingRow[],
  settings: TrainingSettings,
  signal: AbortSignal,
): Promise<RowLogProbs[]> {
  const spoken = batch.filter(({ completionIds }) => completionIds.length > 0);
  const read = spoken.length === 0 ? [] : await trainer.logProbs(spoken, 'on', passOptions(settings, signal));
  const byRow = new Map(spoken.map((row, index) => [row, at(read, index)]));
  return batch.map((row) => byRow.get(row) ?? { logProbs: [], entropies: [] });
}

/**
 * The tasks of a step: dilemmas and pairs in seeded orders, each of all before any comes again; the same for a step that is
 * repeated.
 *
 * @param pairs        none: one agent alone
 * @param stepsBefore  steps of the run before it
 */
export function tasksOfStep(
  dilemmas: readonly Dilemma[],
  pairs: readonly PersonaPair[],
  {
    seed,
    stepsBefore,
    groupsPerStep,
  }: { readonly seed: number; readonly stepsBefore: number; readonly groupsPerStep: number },
): StepTask[] {
  return Array.from({ length: groupsPerStep }, (_, group) => {
    const place = stepsBefore * groupsPerStep + group;
    const pair = pairs.length === 0 ? NO_PAIR : drawn(pairs, 'pairs', seed, place);
    return { dilemma: drawn(dilemmas, 'dilemmas', seed, place), pair };
  });
}

function drawn<Item>(items: readonly Item[], name: string, seed: number, place: number): Item {
  const epoch = Math.floor(place / items.length);
  return at(shuffled(items, createRng(fnv1a32(`${name} ${seed}/${epoch}`))), place % items.length);
}

/** Of the draws of one group of one step. */
function groupSeed(seed: number, stepsBefore: number, group: number): number {
  return fnv1a32(`${seed}/${stepsBefore}/${group}`);
}

/** @param values  [dialogues of all groups] */
function byGroup(groups: readonly GroupRecord[], values: readonly number[]): number[][] {
  let first = 0;
  return groups.map(({ dialogues }) => values.slice(first, (first += dialogues.length)));
}

async function* labelled(
  group: number,
  run: AsyncGenerator<NegotiationEvent, GroupRecord>,
): AsyncGenerator<NegotiationStepEvent, GroupRecord> {
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
    yield { kind: 'rollout', group, event: value };
  }
}
