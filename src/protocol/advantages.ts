/**
 * Rewards of groups of rollouts as advantages; computed where they are trained on, and where they are only shown.
 * Meanings and names are TRL's; a group of equal rewards is exactly 0.
 */
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from './failures.ts';
import type { TrainingSettings } from './training.ts';

/** TRL's constant, added to the standard deviation. */
const STD_EPSILON = 1e-4;

export interface RewardSettings {
  readonly scaleRewards: TrainingSettings['scaleRewards'];
  /**
   * How several rewards become one: their weighted sum is normalised, or each is normalised in its group and the
   * weighted sum of those over the batch (GDPO; `scaleRewards` does not matter then).
   */
  readonly aggregation?: 'sum_then_normalize' | 'normalize_then_sum';
  /** [functions]. Default: 1 each. */
  readonly weights?: readonly number[];
}

export interface RewardReport {
  /** [rows] */
  readonly advantages: readonly number[];
  /** Weighted sums, NaN where nothing could be scored. [rows] */
  readonly rewards: readonly number[];
  /** TRL's names: 'reward', 'reward_std', 'frac_reward_zero_std'. NaN where there is nothing to average. */
  readonly metrics: Readonly<Record<string, number>>;
}

interface Normalised {
  readonly values: readonly number[];
  /** Standard deviation that belongs to each row. */
  readonly stds: readonly number[];
}

/**
 * Group-relative advantages.
 *
 *   A_i = (r_i - mean_g) / (std_g + 1e-4)      scaleRewards 'group'
 *   A_i = (r_i - mean_g) / (std + 1e-4)        'batch': std of all rewards
 *   A_i =  r_i - mean_g                        'none' (Dr. GRPO)
 *
 * Means and deviations (ddof 1) are over scorable rows only.
 *
 * @param rewards   [rows][functions]; NaN = no verdict of this function; a row with none but NaN is unscorable
 * @param groupIds  [rows]; rows of equal number are one group
 * @returns         advantages, 0 for unscorable rows and for the only scorable row of a group
 * @throws {Failure} 'invalidConfig' for an infinite reward, or lists whose lengths do not fit
 * @see Shao et al. 2024 (DeepSeekMath), section 4.1; TRL for 1e-4 and the handling of NaN
 */
export function advantagesOf(
  rewards: readonly (readonly number[])[],
  groupIds: readonly number[],
  settings: RewardSettings,
): RewardReport {
  const { scaleRewards, aggregation = 'sum_then_normalize' } = settings;
  const weights = settings.weights ?? (rewards[0] ?? []).map(() => 1);
  checkRewards(rewards, groupIds, weights);
  const sums = weightedSums(rewards, weights);
  const { values, stds } =
    aggregation === 'sum_then_normalize'
      ? normalised(sums, groupIds, scaleRewards)
      : normalisedEach(rewards, weights, groupIds);
  return {
    advantages: values.map((value) => (Number.isNaN(value) ? 0 : value)),
    rewards: sums,
    metrics: {
      reward: mean(sums),
      reward_std: standardDeviation(sums),
      frac_reward_zero_std: mean(stds.map((std) => (std === 0 ? 1 : 0))),
    },
  };
}

function checkRewards(
  rewards: readonly (readonly number[])[],
  groupIds: readonly number[],
  weights: readonly number[],
): void {
  if (rewards.length !== groupIds.length)
    throw invalid(`There are ${rewards.length} rows of rewards and ${groupIds.length} group numbers.`);
  for (const [index, row] of rewards.entries()) {
    if (row.length !== weights.length)
      throw invalid(`Row ${index} has ${row.length} rewards; there are ${weights.length} weights.`);
    if (row.some((reward) => Math.abs(reward) === Infinity))
      throw invalid(`Row ${index} has an infinite reward. Use NaN for a row that could not be scored.`);
  }
}

function invalid(message: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidConfig', message);
}

/** [rows]; a missing verdict counts as 0 beside another one. */
function weightedSums(rewards: readonly (readonly number[])[], weights: readonly number[]): number[] {
  return rewards.map((row) =>
    row.every(Number.isNaN)
      ? Number.NaN
      : row.reduce((sum, reward, k) => sum + (Number.isNaN(reward) ? 0 : reward * at(weights, k)), 0),
  );
}

function normalised(
  rewards: readonly number[],
  groupIds: readonly number[],
  scale: TrainingSettings['scaleRewards'],
): Normalised {
  const groups = rowsByGroup(rewards, groupIds);
  const means = perRow(groups, groupIds, mean);
  const batchStd = standardDeviation(rewards);
  const stds = scale === 'batch' ? rewards.map(() => batchStd) : perRow(groups, groupIds, standardDeviation);
  const values = rewards.map((reward, i) => {
    const centred = reward - at(means, i);
    return scale === 'none' ? centred : centred / (at(stds, i) + STD_EPSILON);
  });
  return { values, stds };
}

function normalisedEach(
  rewards: readonly (readonly number[])[],
  weights: readonly number[],
  groupIds: readonly number[],
): Normalised {
  const columns = weights.map((_, k) =>
    normalised(
      rewards.map((row) => at(row, k)),
      groupIds,
      'group',
    ),
  );
  const sums = rewards.map((row, i) => {
    if (row.every(Number.isNaN)) return Number.NaN;
    const scores = columns.map(({ values }, k) => at(values, i) * at(weights, k));
    return scores.reduce((sum, score) => sum + (Number.isNaN(score) ? 0 : score), 0);
  });
  const batchMean = mean(sums);
  const batchStd = standardDeviation(sums);
  return {
    values: sums.map((sum) => (sum - batchMean) / (batchStd + STD_EPSILON)),
    stds: sums.map(() => batchStd),
  };
}

function rowsByGroup(rewards: readonly number[], groupIds: readonly number[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [i, groupId] of groupIds.entries()) {
    const group = groups.get(groupId) ?? [];
    group.push(at(rewards, i));
    groups.set(groupId, group);
  }
  return groups;
}

function perRow(
  groups: ReadonlyMap<number, readonly number[]>,
  groupIds: readonly number[],
  statistic: (values: readonly number[]) => number,
): number[] {
  const byGroup = new Map([...groups].map(([groupId, values]) => [groupId, statistic(values)]));
  return groupIds.map((groupId) => byGroup.get(groupId) ?? Number.NaN);
}

/** Of what is not NaN. Equal values are their own mean, without a rounding error that 1e-4 would blow up. */
function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  const [first] = known;
  if (first === undefined) return Number.NaN;
  if (known.every((value) => value === first)) return first;
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Of what is not NaN, ddof 1; NaN for fewer than two values. */
function standardDeviation(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length < 2) return Number.NaN;
  const centre = mean(known);
  return Math.sqrt(known.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (known.length - 1));
}
