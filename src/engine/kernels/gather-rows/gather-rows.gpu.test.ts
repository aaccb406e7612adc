import { expect } from 'vitest';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import { gatherRowsBackwardReference } from './gather-rows-backward.reference.ts';
import { gatherRowsReference } from './gather-rows.reference.ts';
import { recordGatherRows, recordGatherRowsBackward } from './gather-rows.ts';

const CASES = [
  { what: 'control', T: 1, D: 64, rows: [0], rowsAt: 0 },
  { what: 'the last of many', T: 25, D: 64, rows: [24], rowsAt: 0 },
  { what: 'out of order, one twice', T: 9, D: 64, rows: [8, 0, 3, 3, 1], rowsAt: 0 },
  { what: 'rows behind other entries', T: 3, D: 64, rows: [2, 1], rowsAt: 7 },
  { what: 'D not a multiple of the workgroup', T: 3, D: 72, rows: [2, 0], rowsAt: 0 },
  { what: 'SmolLM2', T: 64, D: 576, rows: [63, 31], rowsAt: 3 },
];

for (const { what, T, D, rows, rowsAt } of CASES)
  kernelTest(`gather-rows: ${what}, T ${T}, D ${D}, rows [${rows.join(', ')}] at ${rowsAt}`, 41, async (bench, rng) => {
    const x = normals(rng, T * D);
    const table = new Uint32Array(rowsAt + rows.length).fill(0xffffffff);
    table.set(rows, rowsAt);
    const y = bench.output('y', rows.length * D);
    const shape = { rowsAt, numRows: rows.length, D };
    recordGatherRows(bench.recorder, bench.input('x', x), bench.input('table', table), y, shape);
    await bench.run();
    expect(bench.floats(y)).toEqual(gatherRowsReference(x, rows, D));
  });

const BACKWARD_CASES = [
  { what: 'control', D: 64, counts: [1], spansAt: 0 },
  { what: 'rows without a pick are zeros', D: 64, counts: [0, 1, 0, 1, 0], spansAt: 0 },
  { what: 'picks of one row are added', D: 64, counts: [1, 5, 2], spansAt: 0 },
  { what: 'spans behind other entries, D not a multiple of the workgroup', D: 72, counts: [2, 0, 1], spansAt: 7 },
  { what: 'SmolLM2', D: 576, counts: [...Array.from({ length: 31 }, () => 1), 8], spansAt: 3 },
];

for (const { what, D, counts, spansAt } of BACKWARD_CASES)
  kernelTest(`gather-rows backward: ${what}, N ${counts.length}, D ${D}`, 42, async (bench, rng) => {
    let numPicks = 0;
    const spans = counts.map((count) => {
      const first = numPicks;
      numPicks += count;
      return { first, count };
    });
    const dy = normals(rng, numPicks * D);
    const table = new Uint32Array(spansAt + 2 * spans.length).fill(0xffffffff);
    spans.forEach(({ first, count }, n) => table.set([first, count], spansAt + 2 * n));
    const dx = bench.output('dx', spans.length * D);
    const buffers = { dy: bench.input('dy', dy), table: bench.input('table', table), dx };
    recordGatherRowsBackward(bench.recorder, buffers, { numRows: spans.length, D, spansAt });
    await bench.run();
    // A few f32 sums.
    expectClose(bench.floats(dx), gatherRowsBackwardReference(dy, spans, D), 1e-13);
  });
