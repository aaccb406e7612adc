/** One training step: groups negotiate, are judged, and the advantages of their dialogues update the adapter. */
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { Trainer } from '@/engine/generation/trainer.ts';
import { at } from '@/lib/assert.ts';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import { createRng, shuffled } from '@/lib/rng.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { rewardOf, type GroupRecord, type NegotiationEvent } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { StepReport, TrainingSettings } from '@/protocol/training.ts';
import { advantagesOf, type RewardReport } from '../grpo/advantages.ts';
import { trainOnBatch } from '../grpo/train-step.ts';
import { rolloutGroup, type RolloutIo } from './group-rollout.ts';
import type { Judge } from './judge.ts';
import { rowsOfGroup } from './rows-of-dialogue.ts';
import { scoreGroup } from './score-group.ts';

export interface StepTask {
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
}

export interface NegotiationStepPlan {
  /** One a group; none of them held out. */
  readonly tasks: readonly StepTask[];
  readonly settings: NegotiationSettings;
  /** `temperature` is taken from the settings of the dialogue: log-probabilities are those of the sampling. */
  readonly training: TrainingSettings;
  /** Updates that the adapter has had. */
  readonly step: number;
}

export type NegotiationStepEvent =
  | { readonly kind: 'rollout'; readonly group: number; readonly event: NegotiationEvent }
  | { readonly kind: 'rewarded'; readonly rewards: RewardReport }
  | { readonly kind: 'updated'; readonly report: StepReport };

export interface NegotiationStepResult {
  readonly groups: readonly GroupRecord[];
  readonly rewards: RewardReport;
  /** `numIterations` of them; none where every advantage is 0 and nothing pulls otherwise. */
  readonly reports: readonly StepReport[];
}

/**
 * Runs one step. Stopped before its update, the adapter is as it was.
 *
 * @throws {DOMException} 'AbortError' or {Failure} 'cancelled' once the signal has fired; 'trainingDiverged' before an
 *         update that would spoil the adapter; 'invalidConfig' for a held-out task; what decoder and judge throw
 */
export async function* negotiationStep(
  parts: { readonly decoder: Decoder; readonly trainer: Trainer; readonly judge: Judge },
  plan: NegotiationStepPlan,
  io: RolloutIo & { readonly signal: AbortSignal },
): AsyncGenerator<NegotiationStepEvent, NegotiationStepResult> {
  const { tasks, settings, training, step } = plan;
  const groups: GroupRecord[] = [];
  for (const [group, task] of tasks.entries()) {
    const request = { ...task, settings: { ...settings, seed: groupSeed(settings.seed, step, group) } };
    const rolledOut = yield* labelled(group, rolloutGroup(parts.decoder, request, io));
    io.signal.throwIfAborted();
    groups.push(yield* labelled(group, scoreGroup(rolledOut, parts.judge, io.signal)));
  }
  const rewards = advantagesOf(
    groups.flatMap(({ dialogues }) => dialogues.map((dialogue) => [rewardOf(dialogue)])),
    groups.flatMap(({ dialogues }, group) => dialogues.map(() => group)),
    training,
  );
  yield { kind: 'rewarded', rewards };
  const rows = trainingRows(groups, rewards.advantages, training.trainRoles);
  const reports: StepReport[] = [];
  const isIdle = training.beta === 0 && rows.every(({ advantage }) => advantage === 0);
  if (isIdle) return { groups, rewards, reports };
  const tempered = { ...training, temperature: settings.utteranceTemperature };
  for await (const report of trainOnBatch(parts.trainer, rows, tempered, step, io.signal)) {
    reports.push(report);
    yield { kind: 'updated', report };
  }
  return { groups, rewards, reports };
}

/**
 * The tasks of a step: dilemmas and pairs in seeded orders, each of all before any comes again; the same for a step that is
 * repeated.
 *
 * @param step  updates before it, from 0 on
 */
export function tasksOfStep(
  dilemmas: readonly Dilemma[],
  pairs: readonly PersonaPair[],
  { seed, step, groupsPerStep }: { readonly seed: number; readonly step: number; readonly groupsPerStep: number },
): StepTask[] {
  return Array.from({ length: groupsPerStep }, (_, group) => {
    const place = step * groupsPerStep + group;
    return { dilemma: drawn(dilemmas, 'dilemmas', seed, place), pair: drawn(pairs, 'pairs', seed, place) };
  });
}

function drawn<Item>(items: readonly Item[], name: string, seed: number, place: number): Item {
  const epoch = Math.floor(place / items.length);
  return at(shuffled(items, createRng(fnv1a32(`${name} ${seed}/${epoch}`))), place % items.length);
}

/** Of the draws of one group of one step. */
function groupSeed(seed: number, step: number, group: number): number {
  return fnv1a32(`${seed}/${step}/${group}`);
}

/** @param advantages  [dialogues of all groups] */
function trainingRows(
  groups: readonly GroupRecord[],
  advantages: readonly number[],
  trainRoles: TrainingSettings['trainRoles'],
): ReturnType<typeof rowsOfGroup>[number]['training'][] {
  let first = 0;
  return groups.flatMap((group, groupId) => {
    const own = advantages.slice(first, (first += group.dialogues.length));
    return rowsOfGroup(group, { groupId, trainRoles, advantages: own }).map(({ training }) => training);
  });
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
