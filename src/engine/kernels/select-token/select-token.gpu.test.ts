import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import { POISON, bitsOf, kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { NO_ID, logitCandidatesReference } from '../logit-candidates/logit-candidates.reference.ts';
import { CANDIDATE_CHUNK, CANDIDATE_WORDS, recordLogitCandidates } from '../logit-candidates/logit-candidates.ts';
import { selectTokenReference } from './select-token.reference.ts';
import { RESULT_WORDS, recordSelectToken } from './select-token.ts';

/** Absolute, of a log-sum-exp of size 1: f32 sums of up to 151,936 terms in two stages. */
const LOG_ACCURACY = 1e-5;
const ROWS_AT = 8;
const ROW_WORDS = 8;
const NEXT_AT = 3;
const RESULTS_AT = 16;

interface Row {
  readonly biasIndex: number;
  readonly temperature: number;
}

interface Inputs {
  readonly V: number;
  readonly rows: readonly Row[];
  readonly logits: Float32Array;
  readonly bias: Float32Array;
}

/** Both passes over the logits, as they follow each other in a step. */
async function select(bench: KernelBench, { V, rows, logits, bias }: Inputs) {
  const table = new Uint32Array(ROWS_AT + rows.length * ROW_WORDS).fill(0xffffffff);
  rows.forEach(({ biasIndex, temperature }, i) => table.set([biasIndex, bitsOf(temperature)], ROWS_AT + i * ROW_WORDS));
  const numChunks = Math.ceil(V / CANDIDATE_CHUNK);
  const numRows = rows.length;
  const boundTable = bench.input('table', table);
  const candidates = bench.inOut('candidates', new Uint32Array(numRows * numChunks * CANDIDATE_WORDS));
  const y = bench.output('y', RESULTS_AT + numRows * RESULT_WORDS);
  const tokenIds = bench.output('token ids', NEXT_AT + numRows + 2);
  const passes = { table: boundTable, logits: bench.input('logits', logits), bias: bench.input('bias', bias) };
  recordLogitCandidates(
    bench.recorder,
    { ...passes, y: candidates },
    { vocabSize: V, numRows, rowsAt: ROWS_AT, lanes: 'few' },
  );
  recordSelectToken(
    bench.recorder,
    { candidates, table: boundTable, tokenIds, y },
    { numChunks, numRows, rowsAt: ROWS_AT, nextAt: NEXT_AT, resultsAt: RESULTS_AT },
  );
  await bench.run();
  const ids = bench.words(tokenIds);
  expect([...ids.subarray(0, NEXT_AT), ...ids.subarray(NEXT_AT + numRows)].every((word) => word === POISON)).toBe(true);
  expect(
    bench
      .words(y)
      .subarray(0, RESULTS_AT)
      .every((word) => word === POISON),
  ).toBe(true);
  return rows.map((_, i) => {
    const from = RESULTS_AT + i * RESULT_WORDS;
    const words = bench.words(y).subarray(from, from + RESULT_WORDS);
    const floats = bench.floats(y).subarray(from, from + RESULT_WORDS);
    return {
      nextId: at(ids, NEXT_AT + i),
      id: at(words, 0),
      logProb: at(floats, 1),
      rawLogSumExp: at(floats, 2),
      temperedLogSumExp: at(floats, 3),
      ids: [...words.subarray(4, 9)],
      values: [...floats.subarray(9, 14)],
    };
  });
}

function expectedOf({ V, rows, logits, bias }: Inputs) {
  return rows.map(({ biasIndex, temperature }, i) => {
    const chunks = Array.from({ length: Math.ceil(V / CANDIDATE_CHUNK) }, (_, chunk) =>
      logitCandidatesReference(
        logits.subarray(i * V, (i + 1) * V),
        bias.subarray(biasIndex * V, (biasIndex + 1) * V),
        Math.fround(temperature),
        chunk * CANDIDATE_CHUNK,
        CANDIDATE_CHUNK,
      ),
    );
    return selectTokenReference(chunks, Math.fround(temperature));
  });
}

function expectLog(actual: number, expected: number, scale: number): void {
  if (Number.isNaN(expected)) expect(actual).toBeNaN();
  else expect(Math.abs(actual - expected)).toBeLessThan(LOG_ACCURACY * Math.max(1, Math.abs(scale)));
}

async function check(bench: KernelBench, inputs: Inputs): Promise<void> {
  const actual = await select(bench, inputs);
  expectedOf(inputs).forEach((expected, i) => {
    const row = at(actual, i);
    const missing = 5 - expected.ids.length;
    expect(row.ids).toEqual([...expected.ids, ...Array.from({ length: missing }, () => NO_ID)]);
    expect(row.values.slice(0, 5 - missing)).toEqual(expected.values);
    expect([row.id, row.nextId]).toEqual([expected.id, expected.id]);
    expectLog(row.rawLogSumExp, expected.rawLogSumExp, expected.rawLogSumExp);
    expectLog(row.temperedLogSumExp, expected.temperedLogSumExp, expected.temperedLogSumExp);
    if (expected.id !== NO_ID) expectLog(row.logProb, expected.logProb, expected.temperedLogSumExp);
  });
}

const GREEDY: Row = { biasIndex: 0, temperature: 0 };

const CASES: readonly { what: string; V: number; numBiases: number; rows: readonly Row[] }[] = [
  { what: 'control', V: 2048, numBiases: 1, rows: [GREEDY] },
  { what: 'one chunk', V: 320, numBiases: 1, rows: [GREEDY] },
  { what: 'a vocabulary below five', V: 3, numBiases: 1, rows: [GREEDY] },
  { what: 'temperature', V: 2048, numBiases: 1, rows: [{ biasIndex: 0, temperature: 0.7 }] },
  { what: 'bias sets', V: 2048, numBiases: 3, rows: [GREEDY, { biasIndex: 2, temperature: 1.3 }] },
  { what: 'SmolLM2', V: 49_152, numBiases: 2, rows: [{ biasIndex: 1, temperature: 0.9 }, GREEDY] },
  { what: 'qwen, more chunks than lanes', V: 151_936, numBiases: 1, rows: [{ biasIndex: 0, temperature: 0.6 }] },
];

for (const { what, V, numBiases, rows } of CASES)
  kernelTest(`select-token: ${what}, V ${V}, ${rows.length} rows`, 71, async (bench, rng) => {
    const bias = normals(rng, numBiases * V);
    bias.fill(0, 0, V);
    await check(bench, { V, rows, bias, logits: normals(rng, rows.length * V, 4) });
  });

for (const V of [49_152, 151_936])
  kernelTest(`select-token: of equal logits the lowest id wins, V ${V}`, 72, async (bench, rng) => {
    const logits = normals(rng, V);
    for (const id of [V - 1, 40_000, 1023, 1024, 30_001, 777]) logits[id] = 50;
    const inputs = { V, rows: [GREEDY], logits, bias: new Float32Array(V) };
    expect(at(expectedOf(inputs), 0).ids).toEqual([777, 1023, 1024, 30_001, 40_000]);
    await check(bench, inputs);
  });

kernelTest('select-token: a uniform row has log-prob -ln V', 73, async (bench) => {
  const V = 49_152;
  const inputs = { V, rows: [GREEDY], logits: new Float32Array(V).fill(3), bias: new Float32Array(V) };
  const row = at(await select(bench, inputs), 0);
  expect(row.ids).toEqual([0, 1, 2, 3, 4]);
  expect(row.logProb).toBeCloseTo(-Math.log(V), 4);
});

kernelTest('select-token: a bias that forbids the best', 74, async (bench, rng) => {
  const V = 49_152;
  const logits = normals(rng, V);
  logits[9] = 30;
  logits[40_000] = 20;
  const bias = new Float32Array(V);
  bias[9] = -Infinity;
  const inputs = { V, rows: [GREEDY], logits, bias };
  expect(at(expectedOf(inputs), 0).id).toBe(40_000);
  await check(bench, inputs);
});

for (const value of [NaN, Infinity])
  kernelTest(`select-token: one logit of ${value} makes both log-sum-exps NaN`, 75, async (bench, rng) => {
    const V = 3000;
    const logits = normals(rng, V);
    logits[1500] = value;
    const row = at(await select(bench, { V, rows: [GREEDY], logits, bias: new Float32Array(V) }), 0);
    expect([row.rawLogSumExp, row.temperedLogSumExp, row.logProb]).toEqual([NaN, NaN, NaN]);
  });

kernelTest('select-token: a row of NaN has no token', 76, async (bench) => {
  const V = 1030;
  const inputs = { V, rows: [GREEDY], logits: new Float32Array(V).fill(NaN), bias: new Float32Array(V) };
  const row = at(await select(bench, inputs), 0);
  expect([row.id, row.nextId, row.rawLogSumExp]).toEqual([NO_ID, NO_ID, NaN]);
});
