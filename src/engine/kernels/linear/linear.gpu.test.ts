import { expect } from 'vitest';
import { unpackMatrix } from '@/engine/quantisation/pack-weights.ts';
import { paddedRows } from '@/engine/quantisation/weight-layout.ts';
import type { WeightLayout } from '@/engine/quantisation/weight-layout.ts';
import type { Rng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { POISON, kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { randomMatrix } from '@/testing/random-matrix.ts';
import type { Epilogue } from '../library/library.ts';
import { swigluReference } from '../swiglu/swiglu.reference.ts';
import { linearReference } from './linear.reference.ts';
import { recordLinear } from './linear.ts';
import type { LinearShape } from './linear.ts';

/**
 * NMSE, inherited: f32 sums over the columns. Where a group's scale and minimum are applied to sums, both are larger than
 * their difference by the ratio of a group's range to its deviation.
 */
const ACCURACY = 1e-11;

interface Case {
  readonly T: number;
  readonly rows: number;
  readonly columns: number;
  readonly layout: WeightLayout;
  readonly groupSize: number;
  readonly shape: LinearShape;
  readonly epilogue: Epilogue;
  /** f32 values between two tokens' results, and in front of the first; default: the rows stored, and 0. */
  readonly stride?: number;
  readonly offset?: number;
}

const CONTROL: Case = {
  T: 1,
  rows: 24,
  columns: 256,
  layout: 'f32',
  groupSize: 8,
  shape: 'threadPerRows',
  epilogue: 'store',
};

const LAYOUTS: readonly Pick<Case, 'layout' | 'groupSize'>[] = [
  { layout: 'f32', groupSize: 8 },
  { layout: 'f16', groupSize: 8 },
  { layout: 'q4', groupSize: 32 },
  { layout: 'q8', groupSize: 32 },
  { layout: 'q4k', groupSize: 16 },
  { layout: 'q4k', groupSize: 32 },
  { layout: 'q8k', groupSize: 16 },
  { layout: 'q8k', groupSize: 32 },
];

/** All five kernels: thread-1, thread-2, thread-8 from three tokens on; workgroup up to four, tile from five. */
const KERNELS: readonly Pick<Case, 'T' | 'shape'>[] = [
  { T: 1, shape: 'threadPerRows' },
  { T: 2, shape: 'threadPerRows' },
  { T: 9, shape: 'threadPerRows' },
  { T: 1, shape: 'workgroupPerRows' },
  { T: 2, shape: 'workgroupPerRows' },
  { T: 3, shape: 'workgroupPerRows' },
  { T: 4, shape: 'workgroupPerRows' },
  { T: 9, shape: 'workgroupPerRows' },
];

/** What differs from q4 is where scale and minimum come from: one case for each kernel that reads them in its own way. */
const Q4S = { ...CONTROL, layout: 'q4s', groupSize: 32, columns: 96 } as const;
const SMOLLM2_Q4 = { ...CONTROL, layout: 'q4', groupSize: 32 } as const;
const QWEN3_Q4K = { ...CONTROL, layout: 'q4k', groupSize: 32, columns: 1024 } as const;

const CASES: readonly (Case & { readonly what: string })[] = [
  { what: 'control', ...CONTROL },
  ...LAYOUTS.flatMap((layout) =>
    KERNELS.map((kernel) => ({ what: 'every layout', ...CONTROL, columns: 512, ...layout, ...kernel })),
  ),
  ...[1, 2, 9].map((T) => ({ what: 'MLC', ...Q4S, T })),
  ...[2, 9].map((T) => ({ what: 'MLC', ...Q4S, T, shape: 'workgroupPerRows' as const })),
  ...(['add', 'swiglu'] as const).flatMap((epilogue) =>
    KERNELS.map((kernel) => ({ what: 'every epilogue', ...SMOLLM2_Q4, ...kernel, epilogue })),
  ),
  ...[3, 4, 5, 8, 25, 64].map((T) => ({ what: 'tokens', ...SMOLLM2_Q4, T })),
  { what: '48 columns', ...CONTROL, columns: 48, T: 3 },
  { what: '80 columns', ...CONTROL, columns: 80, layout: 'f16', T: 2 },
  { what: '80 columns', ...CONTROL, columns: 80, shape: 'workgroupPerRows' },
  { what: '8 rows', ...SMOLLM2_Q4, rows: 8 },
  { what: '17 tile pairs', ...SMOLLM2_Q4, rows: 136, T: 2 },
  { what: 'rows padded to a multiple of eight', ...SMOLLM2_Q4, rows: 20, T: 3, stride: 24 },
  { what: 'one head of a wider output', ...SMOLLM2_Q4, T: 3, stride: 64, offset: 16 },
  { what: 'one head of a wider output', ...SMOLLM2_Q4, T: 2, stride: 64, offset: 40, epilogue: 'add' },
  { what: 'one head of a wider output', ...SMOLLM2_Q4, T: 2, stride: 64, offset: 8, shape: 'workgroupPerRows' },
  { what: 'more workgroups than a row of the grid', ...CONTROL, rows: 262_160, columns: 8, shape: 'workgroupPerRows' },
  { what: 'SmolLM2 qkv', ...SMOLLM2_Q4, rows: 960, columns: 576 },
  { what: 'SmolLM2 qkv', ...SMOLLM2_Q4, rows: 960, columns: 576, T: 2, shape: 'workgroupPerRows' },
  { what: 'SmolLM2 o', ...SMOLLM2_Q4, rows: 576, columns: 576, T: 9, epilogue: 'add' },
  { what: 'SmolLM2 gate and up', ...SMOLLM2_Q4, rows: 3072, columns: 576, T: 25, epilogue: 'swiglu' },
  { what: 'SmolLM2 down', ...SMOLLM2_Q4, rows: 576, columns: 1536, T: 64, epilogue: 'add' },
  { what: 'SmolLM2 lm-head', ...CONTROL, layout: 'q8', groupSize: 32, rows: 49_152, columns: 576 },
  {
    what: 'SmolLM2 lm-head',
    ...CONTROL,
    layout: 'q8',
    groupSize: 32,
    rows: 49_152,
    columns: 576,
    shape: 'workgroupPerRows',
  },
  ...[5, 32, 33].map((T) => ({
    what: 'tokens of tiles',
    ...SMOLLM2_Q4,
    rows: 136,
    T,
    shape: 'workgroupPerRows' as const,
  })),
  { what: '48 columns', ...CONTROL, columns: 48, T: 9, shape: 'workgroupPerRows' },
  { what: 'rows padded to a multiple of eight', ...SMOLLM2_Q4, rows: 20, T: 9, stride: 24, shape: 'workgroupPerRows' },
  { what: 'one head of a wider output', ...SMOLLM2_Q4, T: 9, stride: 64, offset: 8, shape: 'workgroupPerRows' },
  { what: 'SmolLM2 down', ...SMOLLM2_Q4, rows: 576, columns: 1536, T: 70, epilogue: 'add', shape: 'workgroupPerRows' },
  { what: 'qwen3 qkv', ...QWEN3_Q4K, rows: 4096, T: 2 },
  { what: 'qwen3 down', ...QWEN3_Q4K, layout: 'q8k', groupSize: 16, rows: 1024, columns: 3072, epilogue: 'add' },
];

function nameOf({
  what,
  T,
  rows,
  columns,
  layout,
  groupSize,
  shape,
  epilogue,
  stride,
  offset,
}: Case & { what: string }) {
  const place = stride === undefined ? '' : `, stride ${stride}, offset ${offset ?? 0}`;
  return `linear: ${what}, T ${T}, ${rows} x ${columns}, ${layout} G ${groupSize}, ${shape}, ${epilogue}${place}`;
}

async function runCase(bench: KernelBench, rng: Rng, testCase: Case): Promise<void> {
  const { T, rows, columns, layout, groupSize, shape, epilogue, offset = 0 } = testCase;
  const matrix = randomMatrix(rng, layout, rows, columns, groupSize);
  const x = normals(rng, T * columns);
  const stored = epilogue === 'swiglu' ? rows / 2 : rows;
  const stride = testCase.stride ?? stored;
  const before = epilogue === 'add' ? normals(rng, T * stride) : new Float32Array(T * stride);
  if (epilogue !== 'add') new Uint32Array(before.buffer).fill(POISON);
  const y = bench.inOut('y', before);
  const weights = {
    layout,
    rows,
    columns,
    groupSize,
    values: bench.input('values', matrix.values),
    scales: bench.input('scales', matrix.scales),
  };
  recordLinear(bench.recorder, weights, bench.input('x', x), y, T, {
    epilogue,
    shape,
    ...(testCase.stride !== undefined && { yStride: testCase.stride }),
    ...(testCase.offset !== undefined && { yOffset: testCase.offset }),
  });
  await bench.run();

  const product = linearReference(unpackMatrix(matrix), x, columns);
  const result = epilogue === 'swiglu' ? swigluReference(product) : product;
  const actual = bench.floats(y);
  const padding = epilogue === 'store' ? paddedRows(rows) - rows : 0;
  for (let t = 0; t < T; t++) {
    const row = actual.subarray(t * stride, (t + 1) * stride);
    const old = before.subarray(t * stride, (t + 1) * stride);
    const added = result.subarray(t * stored, (t + 1) * stored);
    const expected = added.map((value, r) => (epilogue === 'add' ? value + (old[offset + r] ?? NaN) : value));
    expectClose(row.subarray(offset, offset + stored), expected, ACCURACY);
    const end = offset + stored + padding;
    expect([...row.subarray(offset + stored, end)], 'padding rows').toEqual(Array.from({ length: padding }, () => 0));
    expect([...row.subarray(0, offset), ...row.subarray(end)]).toEqual([
      ...old.subarray(0, offset),
      ...old.subarray(end),
    ]);
  }
}

for (const testCase of CASES) kernelTest(nameOf(testCase), 31, (bench, rng) => runCase(bench, rng, testCase));

for (const { what, ...place } of [
  { what: 'rows that are no multiple of eight, without room for the padding', rows: 20 },
  { what: 'an offset that is no multiple of four', rows: 24, yOffset: 2, yStride: 32 },
  { what: 'a stride that is no multiple of four', rows: 24, yStride: 30 },
])
  kernelTest(`linear: refuses ${what}`, 34, async (bench) => {
    const values = bench.input('values', new Uint32Array(24 * 8));
    const weights = { layout: 'f32', columns: 8, groupSize: 8, values, scales: values, rows: place.rows } as const;
    const options = { epilogue: 'store', shape: 'threadPerRows', ...place } as const;
    expect(() => recordLinear(bench.recorder, weights, values, bench.output('y', 64), 2, options)).toThrow(/invariant/);
    await bench.run();
  });

kernelTest('linear: the unit matrix gives x back, bit by bit', 32, async (bench, rng) => {
  const size = 64;
  const values = new Float32Array(size * size);
  for (let i = 0; i < size; i++) values[Math.floor(i / 4) * size * 4 + i * 4 + (i % 4)] = 1;
  const x = normals(rng, 9 * size);
  const y = bench.output('y', 9 * size);
  const weights = {
    layout: 'f32',
    rows: size,
    columns: size,
    groupSize: 8,
    values: bench.input('values', values),
    scales: bench.input('scales', new Uint32Array(0)),
  } as const;
  recordLinear(bench.recorder, weights, bench.input('x', x), y, 9, { epilogue: 'store', shape: 'threadPerRows' });
  await bench.run();
  expect(bench.floats(y)).toEqual(x);
});

kernelTest('linear: SwiGLU of very negative gates is 0, not NaN', 33, async (bench) => {
  const rows = 8;
  const values = new Float32Array(rows * 8);
  // Gate tile: column 0 with weight -1000; up tile: column 0 with weight 1.
  for (let r = 0; r < 4; r++) {
    values[r] = -1000;
    values[32 + r] = 1;
  }
  const y = bench.output('y', 4);
  const weights = {
    layout: 'f32',
    rows,
    columns: 8,
    groupSize: 8,
    values: bench.input('values', values),
    scales: bench.input('scales', new Uint32Array(0)),
  } as const;
  const x = bench.input('x', Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0));
  recordLinear(bench.recorder, weights, x, y, 1, { epilogue: 'swiglu', shape: 'threadPerRows' });
  await bench.run();
  for (const value of bench.floats(y)) expect(Math.abs(value)).toBe(0);
});
