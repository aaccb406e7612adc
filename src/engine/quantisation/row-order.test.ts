import { expect, test } from 'vitest';
import { concatRows, interleaveTiles, llamaSourceRow, permuteRows } from './row-order.ts';

test('undoes the converter’s reordering of q and k rows', () => {
  // The converter's own formula: HF row h*K + c*K/2 + i is stored as row h*K + 2i + c.
  const [numHeads, headDim] = [3, 8];
  const stored = new Uint8Array(numHeads * headDim * 2);
  for (let h = 0; h < numHeads; h++)
    for (let c = 0; c < 2; c++)
      for (let i = 0; i < headDim / 2; i++)
        stored.fill(
          h * headDim + (c * headDim) / 2 + i,
          2 * (h * headDim + 2 * i + c),
          2 * (h * headDim + 2 * i + c) + 2,
        );
  const restored = permuteRows(stored, 2, llamaSourceRow(headDim));
  expect([...restored]).toEqual(Array.from({ length: numHeads * headDim * 2 }, (_, i) => Math.floor(i / 2)));
});

test('joins matrices one below the other', () => {
  expect([...concatRows([Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5)])]).toEqual([1, 2, 3, 4, 5]);
});

test('alternates tiles of gate and up', () => {
  const gate = Uint8Array.from({ length: 8 }, (_, row) => row);
  const up = Uint8Array.from({ length: 8 }, (_, row) => 100 + row);
  expect([...interleaveTiles(gate, up, 1)]).toEqual([0, 1, 2, 3, 100, 101, 102, 103, 4, 5, 6, 7, 104, 105, 106, 107]);
});
