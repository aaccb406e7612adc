import { expect, test } from 'vitest';
import { z } from 'zod';
import { at } from '@/lib/assert.ts';
import golden from '@/testing/golden/grpo/sampling.json?raw';
import { POISON, bitsOf, kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import {
  chancesReference,
  drawReference,
  gumbelReference,
  keptReference,
  pcg3d,
  temperedReference,
} from './sample-token.reference.ts';
import type { SamplingReference } from './sample-token.reference.ts';
import { recordSampleToken } from './sample-token.ts';

const ROWS_AT = 16;
const NEXT_AT = 5;
const RESULTS_AT = 16;
const RESULT_WORDS = 16;
/** Below this distance of the two best scores an f32 rounding may decide. */
const CLEAR_GAP = 1e-4;
/** What select-token has left as the tempered log-sum-exp. */
const LOG_SUM_EXP = 7.25;

const OFF: SamplingReference = { temperature: 1, topK: 0, topP: 1, minP: 0 };

interface Draw {
  readonly sampling: SamplingReference;
  readonly seed: number;
  readonly step: number;
  readonly biasIndex?: number;
}

interface Inputs {
  readonly V: number;
  /** [rows, V], or [V]: the same for every row. */
  readonly logits: Float32Array;
  readonly bias: Float32Array;
  readonly draws: readonly Draw[];
}

interface DrawnRow {
  readonly id: number;
  readonly nextId: number;
  readonly logProb: number;
}

/** One dispatch with a row per draw. */
async function sample(bench: KernelBench, { V, logits, bias, draws }: Inputs): Promise<DrawnRow[]> {
  const table = new Uint32Array(ROWS_AT + draws.length * 8).fill(0xffffffff);
  draws.forEach(({ sampling, seed, step, biasIndex = 0 }, row) => {
    const { temperature, topK, topP, minP } = sampling;
    const entry = [biasIndex, bitsOf(temperature), topK, bitsOf(topP), bitsOf(minP), seed, step, 0];
    table.set(entry, ROWS_AT + row * 8);
  });
  const allLogits = new Float32Array(draws.length * V);
  for (let row = 0; row < draws.length; row++)
    allLogits.set(logits.length === V ? logits : logits.subarray(row * V, (row + 1) * V), row * V);
  const before = new Uint32Array(RESULTS_AT + draws.length * RESULT_WORDS).fill(POISON);
  draws.forEach((_, row) => (before[RESULTS_AT + row * RESULT_WORDS + 3] = bitsOf(LOG_SUM_EXP)));
  const y = bench.inOut('y', before);
  const tokenIds = bench.output('token ids', NEXT_AT + draws.length);
  const bound = {
    tokenIds,
    y,
    logits: bench.input('logits', allLogits),
    bias: bench.input('bias', bias),
    table: bench.input('table', table),
  };
  const places = { rowsAt: ROWS_AT, nextAt: NEXT_AT, resultsAt: RESULTS_AT };
  recordSampleToken(bench.recorder, bound, { vocabSize: V, numRows: draws.length, ...places });
  await bench.run();
  const words = bench.words(y);
  draws.forEach((_, row) => {
    const others = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((i) => RESULTS_AT + row * RESULT_WORDS + i);
    for (const i of others) if (words[i] !== before[i]) expect.fail(`word ${i} of the results changed`);
  });
  return draws.map((_, row) => ({
    id: at(words, RESULTS_AT + row * RESULT_WORDS),
    nextId: at(bench.words(tokenIds), NEXT_AT + row),
    logProb: at(bench.floats(y), RESULTS_AT + row * RESULT_WORDS + 1),
  }));
}

/** Every clear draw equals the reference's; says how many were not clear. */
function expectReferenceDraws({ V, logits, bias, draws }: Inputs, rows: readonly DrawnRow[]): void {
  let numUnclear = 0;
  const keptOf = new Map<string, { t: Float32Array; kept: number[] }>();
  draws.forEach(({ sampling, seed, step, biasIndex = 0 }, row) => {
    const isShared = logits.length === V;
    const key = JSON.stringify([isShared ? 0 : row, sampling, biasIndex]);
    const t = (): Float32Array =>
      temperedReference(
        isShared ? logits : logits.subarray(row * V, (row + 1) * V),
        bias.subarray(biasIndex * V, (biasIndex + 1) * V),
        sampling.temperature,
      );
    const known = keptOf.get(key) ?? { t: t(), kept: keptReference(t(), sampling) };
    keptOf.set(key, known);
    const drawn = at(rows, row);
    const expected = drawReference(known.t, known.kept, seed, step);
    expect(drawn.nextId).toBe(drawn.id);
    if (expected.gap <= CLEAR_GAP) numUnclear++;
    else expect(drawn.id, `row ${row}, ${key}, seed ${seed}, step ${step}`).toBe(expected.id);
    const logProb = at(known.t, drawn.id) - LOG_SUM_EXP;
    expect(Math.abs(drawn.logProb - logProb)).toBeLessThan(1e-5 * Math.max(1, Math.abs(logProb)));
  });
  expect(numUnclear).toBeLessThan(draws.length / 100 + 1);
}

/** Pearson's statistic of the draws against the exact chances; sparse cells (below 5 expected) are joined. */
function chiSquare(ids: readonly number[], kept: readonly number[], chances: readonly number[]) {
  let statistic = 0;
  let numCells = 0;
  let [rareExpected, rareObserved] = [0, 0];
  kept.forEach((id, i) => {
    const expected = at(chances, i) * ids.length;
    const observed = ids.filter((drawn) => drawn === id).length;
    if (expected < 5) {
      rareExpected += expected;
      rareObserved += observed;
      return;
    }
    statistic += (observed - expected) ** 2 / expected;
    numCells++;
  });
  if (rareExpected > 0) {
    statistic += (rareObserved - rareExpected) ** 2 / Math.max(rareExpected, 1);
    numCells++;
  }
  return { statistic, freedom: numCells - 1 };
}

/** Wilson and Hilferty's approximation of the chi-square quantile that chance exceeds once in a million times. */
function criticalValue(freedom: number): number {
  const part = 2 / (9 * freedom);
  return freedom * (1 - part + 4.753 * Math.sqrt(part)) ** 3;
}

const manyDraws = (count: number, sampling: SamplingReference): Draw[] =>
  Array.from({ length: count }, (_, i) => ({ sampling, seed: 1000 + Math.floor(i / 64), step: i % 64 }));

const DISTRIBUTIONS = [
  { what: 'control', V: 8, count: 4096, sampling: OFF },
  { what: 'temperature 0.7', V: 8, count: 1024, sampling: { ...OFF, temperature: 0.7 } },
  { what: 'temperature 1.5', V: 64, count: 1024, sampling: { ...OFF, temperature: 1.5 } },
  { what: 'more tokens than lanes', V: 700, count: 1024, sampling: OFF },
  { what: 'top-k 5', V: 64, count: 1024, sampling: { ...OFF, topK: 5 } },
  { what: 'top-p 0.8', V: 64, count: 1024, sampling: { ...OFF, topP: 0.8 } },
  { what: 'min-p 0.1', V: 64, count: 1024, sampling: { ...OFF, minP: 0.1 } },
  { what: 'all filters', V: 64, count: 1024, sampling: { temperature: 1.2, topK: 20, topP: 0.9, minP: 0.05 } },
];

for (const { what, V, count, sampling } of DISTRIBUTIONS)
  kernelTest(`sample-token: ${count} draws follow the distribution, ${what}, V ${V}`, 81, async (bench, rng) => {
    const inputs = { V, logits: normals(rng, V, 1.5), bias: new Float32Array(V), draws: manyDraws(count, sampling) };
    const rows = await sample(bench, inputs);
    expectReferenceDraws(inputs, rows);
    const t = temperedReference(inputs.logits, inputs.bias, sampling.temperature);
    const kept = keptReference(t, sampling);
    const ids = rows.map(({ id }) => id);
    expect(ids.filter((id) => !kept.includes(id))).toEqual([]);
    const { statistic, freedom } = chiSquare(ids, kept, chancesReference(t, kept));
    expect(statistic).toBeLessThan(criticalValue(freedom));
  });

for (const { V, count } of [
  { V: 49_152, count: 8 },
  { V: 151_936, count: 3 },
])
  kernelTest(`sample-token: the reference's draw with bias and filters, V ${V}`, 82, async (bench, rng) => {
    const settings = [
      { ...OFF, temperature: 0.8 },
      { temperature: 0.7, topK: 50, topP: 0.9, minP: 0.02 },
      { ...OFF, topP: 0.95 },
      { ...OFF, topK: 40 },
    ];
    const draws = Array.from({ length: count }, (_, i) => ({
      sampling: at(settings, i % settings.length),
      seed: rng.integer(2 ** 32),
      step: i,
      biasIndex: i % 2,
    }));
    const bias = new Float32Array(2 * V);
    for (let id = 0; id < V; id += 3) bias[V + id] = -Infinity;
    const inputs = { V, logits: normals(rng, count * V, 3), bias, draws };
    expectReferenceDraws(inputs, await sample(bench, inputs));
  });

kernelTest('sample-token: seed and step alone decide', 83, async (bench, rng) => {
  const V = 64;
  const draw = (seed: number, step: number): Draw => ({ sampling: { ...OFF, temperature: 3 }, seed, step });
  const draws = [draw(1, 1), draw(1, 1), draw(1, 2), draw(2, 1), draw(2, 2), draw(0xffffffff, 0), draw(1, 1)];
  const inputs = { V, logits: normals(rng, V, 0.1), bias: new Float32Array(V), draws };
  const ids = (await sample(bench, inputs)).map(({ id }) => id);
  expect([ids[1], ids[6]]).toEqual([ids[0], ids[0]]);
  expect(new Set(ids).size).toBeGreaterThan(3);
});

kernelTest('sample-token: rows of temperature 0 are left alone', 84, async (bench, rng) => {
  const V = 32;
  const greedy: Draw = { sampling: { ...OFF, temperature: 0 }, seed: 1, step: 1 };
  const drawn: Draw = { sampling: OFF, seed: 1, step: 1 };
  const draws = [greedy, drawn, greedy];
  const rows = await sample(bench, { V, logits: normals(rng, V), bias: new Float32Array(V), draws });
  expect(rows.map(({ id, nextId }) => [id === POISON, nextId === POISON])).toEqual([
    [true, true],
    [false, false],
    [true, true],
  ]);
});

kernelTest('sample-token: ties of the k-th value stay, also of zeros of both signs', 85, async (bench) => {
  const logits = Float32Array.of(-1, 0, -0, 0, -2, -0, -3, -4);
  const draws = manyDraws(256, { ...OFF, topK: 1 });
  // A bias of -0 keeps the sign of zero; +0 would clear it.
  const rows = await sample(bench, { V: 8, logits, bias: new Float32Array(8).fill(-0), draws });
  expect([...new Set(rows.map(({ id }) => id))].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5]);
});

kernelTest('sample-token: the most extreme random numbers choose no hopeless token', 86, async (bench) => {
  // The upper 24 bits of these hashes are all ones, or all zeros.
  const extremes = [
    { seed: 136_234, id: 0 },
    { seed: 7_765_070, id: 3 },
    { seed: 9_960_778, id: 2 },
    { seed: 4_547_857, id: 0 },
    { seed: 12_161_599, id: 0 },
  ];
  for (const { seed, id } of extremes) expect([0, 0xffffff]).toContain(pcg3d(seed, 0, id)[0] >>> 8);
  const logits = new Float32Array(extremes.length * 4).fill(20);
  extremes.forEach(({ id }, row) => (logits[row * 4 + id] = -20));
  const draws = extremes.map(({ seed }) => ({ sampling: OFF, seed, step: 0 }));
  const inputs = { V: 4, logits, bias: new Float32Array(4), draws };
  const rows = await sample(bench, inputs);
  expectReferenceDraws(inputs, rows);
  rows.forEach(({ id }, row) => expect(id).not.toBe(at(extremes, row).id));
});

kernelTest('sample-token: the most extreme random numbers still find the one allowed token', 89, async (bench) => {
  const extremes = [136_234, 4_547_857, 12_161_599];
  for (const seed of extremes) expect([0, 0xffffff]).toContain(pcg3d(seed, 0, 0)[0] >>> 8);
  const draws = extremes.map((seed) => ({ sampling: OFF, seed, step: 0 }));
  const bias = Float32Array.of(0, -Infinity, -Infinity, -Infinity);
  const rows = await sample(bench, { V: 4, logits: new Float32Array(4), bias, draws });
  expect(rows.map(({ id }) => id)).toEqual([0, 0, 0]);
});

kernelTest('sample-token: one allowed token is always found', 87, async (bench) => {
  const bias = new Float32Array(300).fill(-Infinity);
  bias[299] = 0;
  const draws = manyDraws(32, { temperature: 0.3, topK: 3, topP: 0.9, minP: 0.1 });
  const rows = await sample(bench, { V: 300, logits: new Float32Array(300), bias, draws });
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([299]));
});

test('the random numbers: mean and variance of a Gumbel variable', () => {
  const values = Array.from({ length: 100_000 }, (_, i) => gumbelReference(i % 7, i % 1000, i));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  expect(mean).toBeCloseTo(0.5772, 1);
  expect(variance).toBeCloseTo(Math.PI ** 2 / 6, 1);
});

const goldenSchema = z.object({
  logits: z.record(z.string(), z.array(z.number())),
  cases: z.array(
    z.object({
      logits_name: z.string(),
      config: z.object({
        temperature: z.number(),
        top_k: z.number(),
        top_p: z.number(),
        min_p: z.number().nullable(),
        repetition_penalty: z.number(),
      }),
      kept: z.array(z.number()),
      probs: z.array(z.number()),
    }),
  ),
});

const { logits: goldenLogits, cases: goldenCases } = goldenSchema.parse(JSON.parse(golden));
const DRAWS_PER_CASE = 32;

/** What transformers keeps; among equals top-p may keep some there, all here. */
for (const [name, values] of Object.entries(goldenLogits))
  kernelTest(`sample-token: keeps what transformers keeps, ${name}, V ${values.length}`, 88, async (bench) => {
    const V = values.length;
    const logits = Float32Array.from(values);
    const cases = goldenCases.filter((c) => c.logits_name === name && c.config.repetition_penalty === 1);
    expect(cases).toHaveLength(14);
    const settings = cases.map(({ config }): SamplingReference => ({
      temperature: config.temperature,
      topK: config.top_k,
      topP: config.top_p,
      minP: config.min_p ?? 0,
    }));
    const draws = settings.flatMap((sampling) => manyDraws(DRAWS_PER_CASE, sampling));
    const inputs = { V, logits, bias: new Float32Array(V), draws };
    const rows = await sample(bench, inputs);
    cases.forEach(({ kept, probs }, i) => {
      const sampling = at(settings, i);
      const withTies = values.flatMap((value, id) => (kept.some((other) => values[other] === value) ? [id] : []));
      const t = temperedReference(logits, inputs.bias, sampling.temperature);
      expect(keptReference(t, sampling), JSON.stringify(sampling)).toEqual(withTies);
      if (withTies.length === kept.length)
        chancesReference(t, withTies).forEach((chance, n) =>
          expect(Math.abs(chance - (probs[at(withTies, n)] ?? NaN))).toBeLessThan(3e-6),
        );
      const ids = rows.slice(i * DRAWS_PER_CASE, (i + 1) * DRAWS_PER_CASE).map(({ id }) => id);
      expect(ids.filter((id) => !withTies.includes(id))).toEqual([]);
    });
    expectReferenceDraws(inputs, rows);
  });
