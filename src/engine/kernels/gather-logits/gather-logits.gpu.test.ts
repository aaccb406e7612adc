import { expect } from 'vitest';
import { POISON, kernelTest, normals } from '@/testing/kernel-test.ts';
import { gatherLogitsReference } from './gather-logits.reference.ts';
import { recordGatherLogits } from './gather-logits.ts';

const CASES = [
  { what: 'control', numRows: 1, vocabSize: 320, numPairs: 1, resultsAt: 0, pairsAt: 0 },
  { what: 'several rows', numRows: 3, vocabSize: 320, numPairs: 9, resultsAt: 0, pairsAt: 0 },
  { what: 'behind other results', numRows: 2, vocabSize: 320, numPairs: 2, resultsAt: 32, pairsAt: 5 },
  { what: 'more pairs than a workgroup', numRows: 2, vocabSize: 320, numPairs: 65, resultsAt: 0, pairsAt: 0 },
  { what: 'SmolLM2', numRows: 2, vocabSize: 49_152, numPairs: 4, resultsAt: 32, pairsAt: 16 },
];

for (const { what, numRows, vocabSize, numPairs, resultsAt, pairsAt } of CASES)
  kernelTest(`gather-logits: ${what}, ${numPairs} pairs of ${numRows} x ${vocabSize}`, 42, async (bench, rng) => {
    const logits = normals(rng, numRows * vocabSize);
    const pairs = Array.from({ length: numPairs }, () => [rng.integer(numRows), rng.integer(vocabSize)] as const);
    pairs[numPairs - 1] = [numRows - 1, vocabSize - 1];
    const table = new Uint32Array(pairsAt + 2 * numPairs).fill(0xffffffff);
    table.set(pairs.flat(), pairsAt);
    const y = bench.output('y', resultsAt + numPairs);
    const bound = { logits: bench.input('logits', logits), table: bench.input('table', table), y };
    recordGatherLogits(bench.recorder, bound, { vocabSize, pairsAt, numPairs, resultsAt });
    await bench.run();
    expect(bench.floats(y).subarray(resultsAt)).toEqual(gatherLogitsReference(logits, pairs, vocabSize));
    expect(
      bench
        .words(y)
        .subarray(0, resultsAt)
        .every((word) => word === POISON),
    ).toBe(true);
  });
