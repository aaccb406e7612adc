import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { readGoldenJson } from '@/testing/golden-files.ts';
import { advantagesOf, type RewardSettings } from './advantages.ts';

type Verdict = number | null;
type Metrics = Readonly<Record<string, Verdict>>;

interface GoldenCase {
  readonly name: string;
  readonly num_generations: number;
  readonly rewards: readonly Verdict[];
  readonly expected: Readonly<
    Record<'group' | 'batch' | 'none', { readonly advantages: readonly number[]; readonly trl_metrics: Metrics }>
  >;
}

interface MultiRewardCase {
  readonly name: string;
  readonly num_generations: number;
  readonly rewards_per_func: readonly (readonly Verdict[])[];
  readonly reward_weights: readonly number[];
  readonly multi_objective_aggregation: 'sum_then_normalize' | 'normalize_then_sum';
  readonly scale_rewards: 'group' | 'batch' | 'none';
  readonly advantages: readonly number[];
  readonly trl_metrics: Metrics;
}

const golden = await readGoldenJson<{
  readonly cases: readonly GoldenCase[];
  readonly multi_reward_cases: readonly MultiRewardCase[];
}>('grpo/advantages.json');

const numberOf = (verdict: Verdict): number => verdict ?? Number.NaN;
const runsOf = (count: number, size: number): number[] => Array.from({ length: count }, (_, i) => Math.floor(i / size));
const one = (rewards: readonly number[], groupIds: readonly number[], settings: RewardSettings) =>
  advantagesOf(
    rewards.map((reward) => [reward]),
    groupIds,
    settings,
  );

/** f32 rounding of the reference: means that are off by one ulp, divided by 1e-4. */
const TOLERANCES: Readonly<Record<string, number>> = { equal_inexact_G7: 5e-3, tiny_spread_G4: 2e-3 };

function expectMetrics(metrics: Readonly<Record<string, number>>, expected: Metrics, name: string): void {
  for (const [key, value] of Object.entries(expected)) {
    if (name === 'equal_inexact_G7' && key !== 'reward') expect(metrics[key]).toBe(key === 'reward_std' ? 0 : 1);
    else if (value === null) expect(metrics[key]).toBeNaN();
    else expect(Math.abs((metrics[key] ?? Number.NaN) - value), key).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
  }
}

describe("TRL's values", () => {
  const cases = golden.cases.flatMap((each) =>
    (['group', 'batch', 'none'] as const).map((scale) => [`${each.name} ${scale}`, each, scale] as const),
  );
  test.each(cases)('%s', (_name, { name, num_generations, rewards, expected }, scaleRewards) => {
    const { advantages, metrics } = one(rewards.map(numberOf), runsOf(rewards.length, num_generations), {
      scaleRewards,
    });
    for (const [i, value] of expected[scaleRewards].advantages.entries())
      expect(Math.abs(at(advantages, i) - value)).toBeLessThanOrEqual(TOLERANCES[name] ?? 1e-5);
    expectMetrics(metrics, expected[scaleRewards].trl_metrics, name);
  });

  test.each(golden.multi_reward_cases.map((each) => [each.name, each] as const))('%s', (name, each) => {
    const rewards = each.rewards_per_func.map((row) => row.map(numberOf));
    const { advantages, metrics } = advantagesOf(rewards, runsOf(rewards.length, each.num_generations), {
      scaleRewards: each.scale_rewards,
      aggregation: each.multi_objective_aggregation,
      weights: each.reward_weights,
    });
    for (const [i, value] of each.advantages.entries())
      expect(Math.abs(at(advantages, i) - value)).toBeLessThanOrEqual(1e-5);
    expectMetrics(metrics, each.trl_metrics, name);
  });
});

describe('closed forms in float64', () => {
  test.each<[number[], RewardSettings['scaleRewards'], number[]]>([
    [
      [0, 3, 4, 5, 5, 4, 4, 5],
      'group',
      [
        -2.2466579784, -0.4493315957, 0.1497771986, 0.7488859928, 0.7488859928, 0.1497771986, 0.1497771986,
        0.7488859928,
      ],
    ],
    [[0, 3, 4, 5, 5, 4, 4, 5], 'none', [-3.75, -0.75, 0.25, 1.25, 1.25, 0.25, 0.25, 1.25]],
    [[0, 4, 4, 4, 4, 4, 4, 4], 'group', [-2.4746987465, ...Array<number>(7).fill(0.3535283924)]],
    [[0, 0, 5, 5, 5, 5, 5, 5], 'group', [-1.6201151776, -1.6201151776, ...Array<number>(6).fill(0.5400383925)]],
    [[3, 4], 'group', [-0.7070067953, 0.7070067953]],
    [[4, 4, 4, 4, 4, 4, 4, 4], 'group', Array<number>(8).fill(0)],
  ])('%j %s', (rewards, scaleRewards, expected) => {
    const { advantages } = one(rewards, runsOf(rewards.length, rewards.length), { scaleRewards });
    for (const [i, value] of expected.entries()) expect(at(advantages, i)).toBeCloseTo(value, 9);
  });

  it('divides by the deviation of the whole batch', () => {
    const { advantages } = one([0, 3, 4, 5, 5, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 5], runsOf(16, 8), {
      scaleRewards: 'batch',
    });
    const wanted = [-3.1737866374, -0.6347573275, 0.2115857758, 1.0579288791];
    for (const [i, value] of wanted.entries()) expect(at(advantages, i)).toBeCloseTo(value, 9);
    expect(at(advantages, 8)).toBeCloseTo(-0.1057928879, 9);
    expect(at(advantages, 15)).toBeCloseTo(0.7405502154, 9);
  });

  it('refuses infinite rewards and lists that do not fit', () => {
    const settings = { scaleRewards: 'group' } as const;
    expect(() => one([1, Infinity], [0, 0], settings)).toThrow(/Row 1 has an infinite reward/);
    expect(() => one([1, 2], [0], settings)).toThrow(/2 rows of rewards and 1 group numbers/);
    expect(() => advantagesOf([[1], [1, 2]], [0, 0], settings)).toThrow(/Row 1 has 2 rewards/);
  });
});

describe('for all rewards', () => {
  const reward = fc.double({ min: -100, max: 100, noNaN: true }).map((value) => Math.round(value * 1000) / 1000);
  const verdict = fc.oneof({ weight: 8, arbitrary: reward }, { weight: 1, arbitrary: fc.constant(Number.NaN) });
  const rows = fc.array(fc.tuple(verdict, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 24 });
  const scale = fc.constantFrom('group', 'batch', 'none' as const);
  const run = (list: readonly (readonly [number, number])[], scaleRewards: RewardSettings['scaleRewards']) =>
    one(
      list.map(([value]) => value),
      list.map(([, groupId]) => groupId),
      { scaleRewards },
    ).advantages;

  it('a group sums to 0, what is unscorable is 0, and a constant group is exactly 0', () => {
    fc.assert(
      fc.property(rows, scale, (list, scaleRewards) => {
        const advantages = run(list, scaleRewards);
        for (const groupId of new Set(list.map(([, id]) => id))) {
          const indices = [...list.keys()].filter((i) => at(list, i)[1] === groupId);
          const scored = indices.filter((i) => !Number.isNaN(at(list, i)[0]));
          const size = Math.max(...indices.map((i) => Math.abs(at(advantages, i))));
          expect(Math.abs(indices.reduce((sum, i) => sum + at(advantages, i), 0))).toBeLessThan(1e-9 * (1 + size));
          if (new Set(scored.map((i) => at(list, i)[0])).size <= 1) expect(size).toBe(0);
        }
        for (const [i, [value]] of list.entries()) if (Number.isNaN(value)) expect(at(advantages, i)).toBe(0);
      }),
    );
  });

  it('a constant added to a group changes nothing', () => {
    fc.assert(
      fc.property(rows, scale, fc.integer({ min: -50, max: 50 }), (list, scaleRewards, shift) => {
        const before = run(list, scaleRewards === 'batch' ? 'none' : scaleRewards);
        const shifted = list.map(([value, id]) => [id === 0 ? value + shift : value, id] as const);
        const after = run(shifted, scaleRewards === 'batch' ? 'none' : scaleRewards);
        for (const [i, value] of before.entries())
          expect(Math.abs(at(after, i) - value)).toBeLessThan(1e-7 * (1 + Math.abs(value)));
      }),
    );
  });

  it('rows may come in any order', () => {
    fc.assert(
      fc.property(rows, scale, (list, scaleRewards) => {
        const forwards = run(list, scaleRewards);
        const backwards = run(list.toReversed(), scaleRewards).toReversed();
        for (const [i, value] of forwards.entries())
          expect(Math.abs(at(backwards, i) - value)).toBeLessThan(1e-9 * (1 + Math.abs(value)));
      }),
    );
  });
});
