import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { TOKEN_WORDS, tokenTable } from '@/testing/token-table.ts';
import type { TokenGroup } from '@/testing/token-table.ts';
import type { Lanes } from '../kernel.ts';
import { causalAttentionBackwardReference, causalAttentionReference } from './causal-attention.reference.ts';
import { recordCausalAttention, recordCausalAttentionBackward } from './causal-attention.ts';

/** NMSE, inherited: exp in f32 and sums over all keys or queries. */
const ACCURACY = 1e-11;
const TOKENS_AT = 5;

interface Shape {
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly lanes: Lanes;
}

const width = ({ headDim, numHeads, numKvHeads }: Shape): number => (numHeads + 2 * numKvHeads) * headDim;

/** Forward and backward in one submit. */
async function attend(bench: KernelBench, shape: Shape, table: Uint32Array, heads: Float32Array, dy: Float32Array) {
  const numTokens = table.length / TOKEN_WORDS;
  const y = bench.output('y', numTokens * shape.numHeads * shape.headDim);
  const logsumexp = bench.output('logsumexp', numTokens * shape.numHeads);
  const dHeads = bench.output('d heads', heads.length);
  const buffers = {
    heads: bench.input('heads', heads),
    table: bench.input('table', Uint32Array.from([...Array.from({ length: TOKENS_AT }, () => 0xffffffff), ...table])),
    y,
    dy: bench.input('dy', dy),
    logsumexp,
    delta: bench.output('delta', numTokens * shape.numHeads),
    dHeads,
  };
  const options = { ...shape, numTokens, tokensAt: TOKENS_AT };
  recordCausalAttention(bench.recorder, buffers, options);
  recordCausalAttentionBackward(bench.recorder, buffers, options);
  await bench.run();
  return { y: bench.floats(y), logsumexp: bench.floats(logsumexp), dHeads: bench.floats(dHeads) };
}

const row = (length: number): TokenGroup => ({ promptLength: 0, completionLengths: [length] });

const GROUPED = { headDim: 40, numHeads: 2, numKvHeads: 1 };

/** Layouts of one case share a device, and so the compiled kernels: compiling is what takes time here. */
const CASES: readonly (Omit<Shape, 'lanes'> & {
  readonly what: string;
  readonly layouts: readonly (readonly TokenGroup[])[];
})[] = [
  {
    what: 'a control row, one token, rows of unequal length',
    ...GROUPED,
    layouts: [[row(8)], [row(1)], [row(3), row(17), row(1), row(70), row(30)]],
  },
  {
    what: 'SmolLM2, shared prompts between rows',
    headDim: 64,
    numHeads: 9,
    numKvHeads: 3,
    layouts: [
      [row(5), { promptLength: 37, completionLengths: [4, 33, 1] }, { promptLength: 9, completionLengths: [20, 6] }],
    ],
  },
  {
    what: 'qwen3, a row of several tiles',
    headDim: 128,
    numHeads: 4,
    numKvHeads: 2,
    layouts: [[row(75), row(6)]],
  },
];

for (const lanes of ['many', 'few'] as const)
  for (const { what, layouts, headDim, numHeads, numKvHeads } of CASES) {
    const shape = { headDim, numHeads, numKvHeads, lanes };
    kernelTest(
      `causal-attention, ${lanes} lanes: ${what}, H ${numHeads}, Hkv ${numKvHeads}, K ${headDim}`,
      101,
      async (bench, rng) => {
        for (const groups of layouts) {
          const table = tokenTable(groups);
          const numTokens = table.length / TOKEN_WORDS;
          const heads = normals(rng, numTokens * width(shape));
          const dy = normals(rng, numTokens * numHeads * headDim);
          const actual = await attend(bench, shape, table, heads, dy);
          const input = { heads, table, headDim, numHeads, numKvHeads };
          const expected = causalAttentionReference(input);
          expectClose(actual.y, expected.y, ACCURACY);
          expectClose(actual.logsumexp, expected.logsumexp, ACCURACY);
          expectClose(actual.dHeads, causalAttentionBackwardReference(input, dy), ACCURACY);
        }
      },
    );
  }

for (const lanes of ['many', 'few'] as const)
  kernelTest(`causal-attention, ${lanes} lanes: a shared prompt stands for its copies`, 102, async (bench, rng) => {
    const shape = { headDim: 32, numHeads: 4, numKvHeads: 2, lanes };
    const promptLength = 21;
    const lengths = [13, 1, 30];
    const numOwn = lengths.reduce((sum, length) => sum + length, 0);
    // Tokens of the shared layout in the order of the copies.
    const sources = lengths.flatMap((length, i) => {
      const own = promptLength + lengths.slice(0, i).reduce((sum, before) => sum + before, 0);
      return [...Array.from({ length: promptLength }, (_, n) => n), ...Array.from({ length }, (_, n) => own + n)];
    });
    const outputWidth = shape.numHeads * shape.headDim;
    const heads = normals(rng, (promptLength + numOwn) * width(shape));
    const dyOfCopies = normals(rng, sources.length * outputWidth);
    const shared = await attend(
      bench,
      shape,
      tokenTable([{ promptLength, completionLengths: lengths }]),
      heads,
      addedUp(dyOfCopies, sources, outputWidth),
    );
    const copies = await attend(
      bench,
      shape,
      tokenTable(lengths.map((length) => row(promptLength + length))),
      copied(heads, sources, width(shape)),
      dyOfCopies,
    );
    expectClose(copied(shared.y, sources, outputWidth), copies.y, ACCURACY);
    expectClose(copied(shared.logsumexp, sources, shape.numHeads), copies.logsumexp, ACCURACY);
    expectClose(shared.dHeads, addedUp(copies.dHeads, sources, width(shape)), ACCURACY);
  });

function copied(x: Float32Array, sources: readonly number[], rowWidth: number): Float32Array {
  return Float32Array.from(sources.flatMap((source) => [...x.subarray(source * rowWidth, (source + 1) * rowWidth)]));
}

/** Sum over the copies of each token. */
function addedUp(x: Float32Array, sources: readonly number[], rowWidth: number): Float32Array {
  const sum = new Float32Array((Math.max(...sources) + 1) * rowWidth);
  sources.forEach((source, copy) => {
    for (let d = 0; d < rowWidth; d++)
      sum[source * rowWidth + d] = at(sum, source * rowWidth + d) + at(x, copy * rowWidth + d);
  });
  return sum;
}

for (const lanes of ['many', 'few'] as const)
  kernelTest(
    `causal-attention, ${lanes} lanes: scores far apart do not overflow, a NaN key is not overlooked`,
    103,
    async (bench, rng) => {
      const shape = { ...GROUPED, lanes };
      const table = tokenTable([row(40)]);
      const outputWidth = shape.numHeads * shape.headDim;
      const dy = normals(rng, 40 * outputWidth);
      const heads = normals(rng, 40 * width(shape), 20);
      const input = { ...shape, heads, table };
      const actual = await attend(bench, shape, table, heads, dy);
      // Scores near 3000 are rounded to 2e-4, which is the relative error of a weight.
      expectClose(actual.y, causalAttentionReference(input).y, 1e-8);
      expectClose(actual.dHeads, causalAttentionBackwardReference(input, dy), 1e-6);
      heads[20 * width(shape) + outputWidth] = NaN;
      const { y, dHeads } = await attend(bench, shape, table, heads, dy);
      const isNaNOnly = (values: Float32Array): boolean => values.every((value) => Number.isNaN(value));
      expect(y.subarray(0, 16 * outputWidth).every((value) => Number.isFinite(value))).toBe(true);
      expect(isNaNOnly(y.subarray(20 * outputWidth))).toBe(true);
      const seen = 20 * width(shape);
      expect(isNaNOnly(dHeads.subarray(seen, seen + outputWidth))).toBe(true);
    },
  );
