import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import { bitsOf, kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { NO_ID, logitCandidatesReference } from './logit-candidates.reference.ts';
import type { Lanes } from '../kernel.ts';
import { CANDIDATE_CHUNK, CANDIDATE_WORDS, recordLogitCandidates } from './logit-candidates.ts';

/** Absolute, of a log-sum-exp: f32 sum of 1024 terms of relative error 1e-6 (exp of a difference up to about 20). */
const LOG_ACCURACY = 1e-5;
const ROWS_AT = 24;
const ROW_WORDS = 8;

interface Row {
  readonly biasIndex: number;
  readonly temperature: number;
}

interface Inputs {
  readonly V: number;
  readonly rows: readonly Row[];
  readonly logits: Float32Array;
  readonly bias: Float32Array;
  /** Default 'few'. */
  readonly lanes?: Lanes;
}

/** Checks every chunk of every row against the reference. */
async function check(bench: KernelBench, { V, rows, logits, bias, lanes = 'few' }: Inputs): Promise<void> {
  const table = new Uint32Array(ROWS_AT + rows.length * ROW_WORDS).fill(0xffffffff);
  rows.forEach(({ biasIndex, temperature }, i) => table.set([biasIndex, bitsOf(temperature)], ROWS_AT + i * ROW_WORDS));
  const numChunks = Math.ceil(V / CANDIDATE_CHUNK);
  const y = bench.inOut('y', new Uint32Array(rows.length * numChunks * CANDIDATE_WORDS));
  const bound = {
    y,
    logits: bench.input('logits', logits),
    bias: bench.input('bias', bias),
    table: bench.input('table', table),
  };
  recordLogitCandidates(bench.recorder, bound, { vocabSize: V, numRows: rows.length, rowsAt: ROWS_AT, lanes });
  await bench.run();
  rows.forEach(({ biasIndex, temperature }, i) => {
    const rowLogits = logits.subarray(i * V, (i + 1) * V);
    const rowBias = bias.subarray(biasIndex * V, (biasIndex + 1) * V);
    for (let chunk = 0; chunk < numChunks; chunk++) {
      const first = chunk * CANDIDATE_CHUNK;
      const expected = logitCandidatesReference(rowLogits, rowBias, Math.fround(temperature), first, CANDIDATE_CHUNK);
      const from = (i * numChunks + chunk) * CANDIDATE_WORDS;
      const words = bench.words(y).subarray(from, from + CANDIDATE_WORDS);
      const floats = bench.floats(y).subarray(from, from + CANDIDATE_WORDS);
      expectLog(at(floats, 0) + Math.log(at(floats, 1)), expected.rawLogSumExp);
      expectLog(at(floats, 2) + Math.log(at(floats, 3)), expected.temperedLogSumExp);
      const missing = Array.from({ length: 5 - expected.ids.length }, () => NO_ID);
      expect([...words.subarray(4, 9)], `ids of row ${i}, chunk ${chunk}`).toEqual([...expected.ids, ...missing]);
      expect([...floats.subarray(9, 9 + expected.ids.length)]).toEqual(expected.values);
    }
  });
}

function expectLog(actual: number, expected: number): void {
  if (Number.isNaN(expected)) expect(actual).toBeNaN();
  else expect(Math.abs(actual - expected)).toBeLessThan(LOG_ACCURACY * Math.max(1, Math.abs(expected)));
}

const GREEDY: Row = { biasIndex: 0, temperature: 0 };

const CASES: readonly { what: string; V: number; numBiases: number; rows: readonly Row[] }[] = [
  { what: 'control', V: 1024, numBiases: 1, rows: [GREEDY] },
  { what: 'a vocabulary below five', V: 3, numBiases: 1, rows: [GREEDY] },
  { what: 'tiny', V: 320, numBiases: 1, rows: [GREEDY] },
  { what: 'a last chunk of one entry', V: 1025, numBiases: 1, rows: [GREEDY] },
  { what: 'temperature', V: 1024, numBiases: 1, rows: [{ biasIndex: 0, temperature: 0.7 }] },
  { what: 'bias sets', V: 1024, numBiases: 3, rows: [GREEDY, { biasIndex: 2, temperature: 1.3 }] },
  { what: 'SmolLM2', V: 49_152, numBiases: 2, rows: [{ biasIndex: 1, temperature: 0.9 }, GREEDY] },
  { what: 'qwen', V: 151_936, numBiases: 1, rows: [{ biasIndex: 0, temperature: 0.6 }] },
];

for (const lanes of ['many', 'few'] as const)
  for (const { what, V, numBiases, rows } of CASES)
    kernelTest(`logit-candidates, ${lanes} lanes: ${what}, V ${V}, ${rows.length} rows`, 61, async (bench, rng) => {
      const bias = normals(rng, numBiases * V);
      bias.fill(0, 0, V);
      await check(bench, { V, rows, bias, lanes, logits: normals(rng, rows.length * V, 4) });
    });

kernelTest('logit-candidates: ties go to the lower id, V 49152', 62, async (bench, rng) => {
  const V = 49_152;
  const logits = Float32Array.from({ length: V }, () => rng.integer(4));
  await check(bench, { V, rows: [GREEDY], logits, bias: new Float32Array(V) });
});

kernelTest('logit-candidates: all equal', 63, async (bench) => {
  await check(bench, {
    V: 1500,
    rows: [GREEDY],
    logits: new Float32Array(1500).fill(-2),
    bias: new Float32Array(1500),
  });
});

kernelTest('logit-candidates: forbidden entries are no candidates', 64, async (bench, rng) => {
  const bias = new Float32Array(1024).fill(-Infinity);
  for (const id of [3, 64, 700]) bias[id] = 0;
  await check(bench, { V: 1024, rows: [GREEDY], logits: normals(rng, 1024), bias });
});

for (const value of [NaN, Infinity])
  kernelTest(`logit-candidates: ${value} is no candidate and poisons its chunk alone`, 65, async (bench, rng) => {
    const logits = normals(rng, 3000);
    logits[1500] = value;
    await check(bench, { V: 3000, rows: [GREEDY], logits, bias: new Float32Array(3000) });
  });

kernelTest('logit-candidates: logits of large magnitude', 66, async (bench, rng) => {
  const rows = [{ biasIndex: 0, temperature: 0.1 }];
  await check(bench, { V: 1024, rows, logits: normals(rng, 1024, 1000), bias: new Float32Array(1024) });
});
