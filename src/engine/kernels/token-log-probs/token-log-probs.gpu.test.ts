import { expect } from 'vitest';
import { z } from 'zod';
import { at } from '@/lib/assert.ts';
import golden from '@/testing/golden/grpo/sampling.json?raw';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import type { Lanes } from '../kernel.ts';
import { tokenLogProbBackwardReference, tokenLogProbReference } from './token-log-probs.reference.ts';
import { TOKEN_LOG_PROB_WORDS, recordTokenLogProbs, recordTokenLogProbsBackward } from './token-log-probs.ts';

/** Absolute, of logarithms near 10: f32 sums of up to 10,000 terms a lane, exp in f32. */
const LOG_ACCURACY = 1e-5;
/** NMSE of gradients: exp in f32 of a log-prob with the error above. */
const GRADIENT_ACCURACY = 1e-11;
const TARGETS_AT = 3;
const RESULTS_AT = 8;
const GRADIENTS_AT = 2;

interface Inputs {
  /** [rows, V] */
  readonly logits: Float32Array;
  readonly targets: readonly number[];
  readonly temperature: number;
  /** [rows, 2] dLogProb, dEntropy */
  readonly gradients: readonly number[];
  readonly lanes: Lanes;
}

async function run(bench: KernelBench, { logits, targets, temperature, gradients, lanes }: Inputs) {
  const vocabSize = logits.length / targets.length;
  const table = Uint32Array.from([...Array.from({ length: TARGETS_AT }, () => 0xffffffff), ...targets]);
  const results = bench.output('results', RESULTS_AT + targets.length * TOKEN_LOG_PROB_WORDS);
  const buffers = {
    logits: bench.inOut('logits', logits),
    table: bench.input('table', table),
    results,
    gradients: bench.input('gradients', Float32Array.from([NaN, NaN, ...gradients])),
  };
  const shape = {
    vocabSize,
    numRows: targets.length,
    targetsAt: TARGETS_AT,
    resultsAt: RESULTS_AT,
    gradientsAt: GRADIENTS_AT,
    temperature,
    lanes,
  };
  recordTokenLogProbs(bench.recorder, buffers, shape);
  recordTokenLogProbsBackward(bench.recorder, buffers, shape);
  await bench.run();
  return {
    rows: targets.map((_, row) =>
      bench.floats(results).slice(RESULTS_AT + row * TOKEN_LOG_PROB_WORDS, RESULTS_AT + (row + 1) * 4),
    ),
    dLogits: bench.floats(buffers.logits),
  };
}

async function check(bench: KernelBench, inputs: Inputs): Promise<void> {
  const { logits, targets, temperature, gradients } = inputs;
  const V = logits.length / targets.length;
  const { rows, dLogits } = await run(bench, inputs);
  targets.forEach((target, row) => {
    const rowLogits = logits.subarray(row * V, (row + 1) * V);
    const expected = tokenLogProbReference(rowLogits, target, temperature);
    const [logProb, entropy, relativeLogSumExp, largest] = at(rows, row);
    expectLog(logProb, expected.logProb);
    expectLog(entropy, expected.entropy);
    expectLog(relativeLogSumExp, expected.relativeLogSumExp);
    expect(largest).toBe(expected.largest);
    const gradient = { dLogProb: at(gradients, row * 2), dEntropy: at(gradients, row * 2 + 1) };
    expectClose(
      dLogits.subarray(row * V, (row + 1) * V),
      tokenLogProbBackwardReference(rowLogits, target, temperature, gradient),
      GRADIENT_ACCURACY,
    );
  });
}

function expectLog(actual: number | undefined, expected: number): void {
  expect(Math.abs((actual ?? NaN) - expected)).toBeLessThan(LOG_ACCURACY * Math.max(1, Math.abs(expected) / 10));
}

const CASES = [
  { what: 'control', V: 64, rows: 1, temperature: 1, lanes: 'few' },
  { what: 'a vocabulary of one', V: 1, rows: 2, temperature: 0.7, lanes: 'many' },
  { what: 'an odd vocabulary', V: 1003, rows: 3, temperature: 0.7, lanes: 'few' },
  { what: 'SmolLM2', V: 49_152, rows: 3, temperature: 0.7, lanes: 'few' },
  { what: 'qwen', V: 151_936, rows: 2, temperature: 1.5, lanes: 'many' },
] as const;

for (const { what, V, rows, temperature, lanes } of CASES)
  kernelTest(
    `token-log-probs, ${lanes} lanes: ${what}, V ${V}, ${rows} rows, temperature ${temperature}`,
    71,
    async (bench, rng) => {
      const logits = normals(rng, rows * V, 4);
      const targets = Array.from({ length: rows }, () => rng.integer(V));
      await check(bench, { logits, targets, temperature, lanes, gradients: [...normals(rng, 2 * rows)] });
    },
  );

kernelTest('token-log-probs: logits of large magnitude at a low temperature', 72, async (bench, rng) => {
  const logits = normals(rng, 2000, 300);
  logits[7] = 900;
  logits[8] = 899.97;
  await check(bench, { logits, targets: [8, 7], temperature: 0.1, lanes: 'many', gradients: [1, 0.5, -2, 0] });
});

const goldenSchema = z.object({
  logits: z.record(z.string(), z.array(z.number())),
  logp_convention: z.array(
    z.object({
      logits_name: z.string(),
      temperature: z.number(),
      token: z.number(),
      logp: z.number(),
      entropy_nats: z.number(),
      dlogp_dlogits: z.array(z.number()),
    }),
  ),
});

/** Of the reference values themselves, which are float32 (their README). */
const GOLDEN_ACCURACY = 2e-5;

for (const temperature of [1, 0.7, 1.5])
  kernelTest(`token-log-probs: TRL's log-probs, entropies and gradients at ${temperature}`, 0, async (bench) => {
    const { logits, logp_convention } = goldenSchema.parse(JSON.parse(golden));
    const cases = logp_convention.filter((entry) => entry.temperature === temperature);
    // Rows of one length: filled up with logits that get no probability.
    const V = 40;
    const all = new Float32Array(cases.length * V).fill(-3e38);
    cases.forEach(({ logits_name }, row) => all.set(logits[logits_name] ?? [], row * V));
    const { rows, dLogits } = await run(bench, {
      logits: all,
      targets: cases.map(({ token }) => token),
      temperature,
      lanes: 'few',
      gradients: cases.flatMap(() => [1, 0]),
    });
    expect(cases.length).toBe(14);
    cases.forEach(({ logp, entropy_nats, dlogp_dlogits }, row) => {
      const gradient = [...dLogits.subarray(row * V, (row + 1) * V)];
      const expected = [logp, entropy_nats, ...dlogp_dlogits, ...gradient.slice(dlogp_dlogits.length).fill(0)];
      [...at(rows, row).subarray(0, 2), ...gradient].forEach((value, i) => {
        expect(Math.abs(value - at(expected, i)), `case ${row}, value ${i}`).toBeLessThan(GOLDEN_ACCURACY);
      });
    });
  });

kernelTest('token-log-probs: NaN and +infinity poison their row alone, -infinity none', 73, async (bench, rng) => {
  const V = 300;
  const logits = normals(rng, 4 * V);
  logits[5] = NaN;
  logits[2 * V + 200] = Infinity;
  logits[3 * V + 299] = -Infinity;
  const gradients = [1, 0.1, 1, 0.1, 0, 0, 1, 0.1];
  const { rows, dLogits } = await run(bench, {
    logits,
    targets: [1, 1, 1, 1],
    temperature: 0.7,
    lanes: 'many',
    gradients,
  });
  const numNaN = [0, 1, 2, 3].map((row) => [
    [...at(rows, row)].filter((value) => Number.isNaN(value)).length,
    [...dLogits.subarray(row * V, (row + 1) * V)].filter((value) => Number.isNaN(value)).length,
  ]);
  expect(numNaN).toEqual([
    [4, V],
    [0, 0],
    [4, V],
    [0, 0],
  ]);
});

kernelTest('token-log-probs: rows without a gradient get zeros', 74, async (bench, rng) => {
  const logits = normals(rng, 200);
  const { dLogits } = await run(bench, {
    logits,
    targets: [3, 4],
    temperature: 1,
    lanes: 'few',
    gradients: [0, 0, 1, 0],
  });
  expect(dLogits.subarray(0, 100).every((value) => value === 0)).toBe(true);
  expect(dLogits.subarray(100).every((value) => value !== 0)).toBe(true);
});
