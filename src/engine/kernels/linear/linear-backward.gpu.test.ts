import { expect } from 'vitest';
import { unpackMatrix } from '@/engine/quantisation/pack-weights.ts';
import type { PackedMatrix, WeightLayout } from '@/engine/quantisation/weight-layout.ts';
import type { Rng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { randomMatrix } from '@/testing/random-matrix.ts';
import { linearBackwardReference } from './linear-backward.reference.ts';
import { recordLinearBackward } from './linear-backward.ts';

/** NMSE, inherited: f32 sums over the rows of products whose weights are rounded as the reference rounds them. */
const ACCURACY = 1e-12;
const LANES = ['few', 'many'] as const;

interface Case {
  readonly T: number;
  readonly rows: number;
  readonly columns: number;
  readonly layout: WeightLayout;
  readonly groupSize: number;
  readonly epilogue: 'store' | 'add';
  /** f32 values between two tokens' gradients, and in front of the first; default: the rows, and 0. */
  readonly stride?: number;
  readonly offset?: number;
}

const CONTROL: Case = { T: 1, rows: 24, columns: 256, layout: 'f32', groupSize: 8, epilogue: 'store' };
const Q4 = { ...CONTROL, layout: 'q4', groupSize: 32 } as const;

const LAYOUTS: readonly Pick<Case, 'layout' | 'groupSize'>[] = [
  { layout: 'f16', groupSize: 8 },
  { layout: 'q4', groupSize: 32 },
  { layout: 'q8', groupSize: 32 },
  { layout: 'q4s', groupSize: 32 },
  { layout: 'q4k', groupSize: 16 },
  { layout: 'q4k', groupSize: 32 },
  { layout: 'q8k', groupSize: 16 },
];

const CASES: readonly (Case & { readonly what: string })[] = [
  { what: 'control', ...CONTROL },
  ...LAYOUTS.map((layout) => ({ what: 'every layout', ...CONTROL, columns: 512, T: 9, ...layout })),
  { what: 'adding', ...Q4, T: 3, epilogue: 'add' },
  { what: '48 columns', ...CONTROL, columns: 48, T: 8 },
  { what: 'rows padded to a multiple of eight', ...Q4, rows: 20, T: 3 },
  { what: 'rows that end inside a tile', ...Q4, rows: 21, T: 9, stride: 24 },
  { what: 'one head of a wider gradient', ...Q4, T: 3, stride: 64, offset: 16, epilogue: 'add' },
  { what: 'SmolLM2 down', ...Q4, rows: 576, columns: 1536, T: 25 },
  { what: 'more rows than most', ...CONTROL, layout: 'q8', groupSize: 32, rows: 8200, columns: 96, T: 6 },
];

function weightsOf(bench: KernelBench, matrix: PackedMatrix) {
  const values = bench.input('values', matrix.values);
  return { ...matrix, values, scales: bench.input('scales', matrix.scales) };
}

/** [T, stride], NaN outside the rows. */
function strided(dy: Float32Array, T: number, rows: number, stride: number, offset: number): Float32Array {
  const wide = new Float32Array(T * stride).fill(NaN);
  for (let t = 0; t < T; t++) wide.set(dy.subarray(t * rows, (t + 1) * rows), t * stride + offset);
  return wide;
}

async function runCase(bench: KernelBench, rng: Rng, testCase: Case): Promise<void> {
  const { T, rows, columns, layout, groupSize, epilogue, stride = rows, offset = 0 } = testCase;
  const matrix = randomMatrix(rng, layout, rows, columns, groupSize);
  const weights = weightsOf(bench, matrix);
  const dy = normals(rng, T * rows);
  const before = normals(rng, T * columns);
  const input = bench.input('dy', strided(dy, T, rows, stride, offset));
  const outputs = LANES.map((lanes) => {
    const dx = epilogue === 'add' ? bench.inOut('dx', before) : bench.output('dx', T * columns);
    const place = { dyStride: stride, dyOffset: offset };
    recordLinearBackward(bench.recorder, weights, input, dx, T, { epilogue, lanes, ...place });
    return dx;
  });
  await bench.run();
  const product = linearBackwardReference(unpackMatrix(matrix), dy, columns);
  const expected = product.map((value, i) => (epilogue === 'add' ? value + (before[i] ?? NaN) : value));
  for (const dx of outputs) expectClose(bench.floats(dx), expected, ACCURACY);
}

function nameOf({ what, T, rows, columns, layout, groupSize, epilogue, stride, offset }: (typeof CASES)[number]) {
  const place = stride === undefined ? '' : `, stride ${stride}, offset ${offset ?? 0}`;
  return `linear backward: ${what}, T ${T}, ${rows} x ${columns}, ${layout} G ${groupSize}, ${epilogue}${place}`;
}

for (const testCase of CASES) kernelTest(nameOf(testCase), 35, (bench, rng) => runCase(bench, rng, testCase));

kernelTest('linear backward: the unit matrix gives dy back, bit by bit', 36, async (bench, rng) => {
  const size = 64;
  const values = new Uint32Array(size * size);
  const one = 0x3f800000;
  for (let i = 0; i < size; i++) values[Math.floor(i / 4) * size * 4 + i * 4 + (i % 4)] = one;
  const packed = {
    layout: 'f32',
    rows: size,
    columns: size,
    groupSize: 8,
    values,
    scales: new Uint32Array(0),
  } as const;
  const weights = weightsOf(bench, packed);
  const dy = normals(rng, 9 * size);
  const input = bench.input('dy', dy);
  const outputs = LANES.map((lanes) => {
    const dx = bench.output('dx', 9 * size);
    recordLinearBackward(bench.recorder, weights, input, dx, 9, { epilogue: 'store', lanes });
    return dx;
  });
  await bench.run();
  for (const dx of outputs) expect(bench.floats(dx)).toEqual(dy);
});

kernelTest('linear backward: refuses gradients that overlap or start inside a vector', 37, async (bench) => {
  const matrix = randomMatrix({ uniform: () => 0, integer: () => 0, normal: () => 0 }, 'f32', 24, 8, 8);
  const weights = weightsOf(bench, matrix);
  const dx = bench.output('dx', 16);
  for (const place of [{ dyOffset: 4 }, { dyStride: 30 }, { dyOffset: 2, dyStride: 32 }, { dyStride: 20 }])
    expect(() =>
      recordLinearBackward(bench.recorder, weights, weights.values, dx, 2, {
        epilogue: 'store',
        lanes: 'few',
        ...place,
      }),
    ).toThrow(/invariant/);
  await bench.run();
});
