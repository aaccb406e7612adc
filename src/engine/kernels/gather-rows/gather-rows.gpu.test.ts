import { expect } from 'vitest';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import { gatherRowsReference } from './gather-rows.reference.ts';
import { recordGatherRows } from './gather-rows.ts';

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
