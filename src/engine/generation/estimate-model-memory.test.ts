import { describe, expect, test } from 'vitest';
import type { WeightSource, WeightTensor } from '@/engine/loading/weight-source.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { rowBytesOf, type TensorType } from '@/engine/quantisation/gguf-blocks.ts';
import { checkLoadable, estimateModelMemory, longestFittingContext } from './estimate-model-memory.ts';

const QWEN3_17B: ModelConfig = {
  architecture: 'qwen3',
  hiddenSize: 2048,
  intermediateSize: 6144,
  numHiddenLayers: 28,
  numAttentionHeads: 16,
  numKeyValueHeads: 8,
  headDim: 128,
  vocabSize: 151_936,
  rmsNormEps: 1e-6,
  ropeTheta: 1e6,
  ropeScaling: { kind: 'none' },
  tieWordEmbeddings: true,
  hasAttentionBias: false,
  hasQkNorm: true,
  maxContextLength: 40_960,
};
const GPU = { contextLength: 4096, kvType: 'f16', isSoftware: false, offeredBufferBytes: 2 ** 27 } as const;

/** Every matrix of a model in one type, without data. */
function sourceOf(config: ModelConfig, type: TensorType): WeightSource {
  const tensors = new Map<string, WeightTensor>();
  const matrix = (name: string, rows: number, columns: number): void => {
    tensors.set(name, { name, type, shape: [rows, columns], sizeBytes: rows * rowBytesOf(type, columns) });
  };
  const { hiddenSize: D, intermediateSize: F, numAttentionHeads: H, numKeyValueHeads: Hkv, headDim: K } = config;
  matrix('token_embd.weight', config.vocabSize, D);
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    matrix(`blk.${layer}.attn_q.weight`, H * K, D);
    matrix(`blk.${layer}.attn_k.weight`, Hkv * K, D);
    matrix(`blk.${layer}.attn_v.weight`, Hkv * K, D);
    matrix(`blk.${layer}.attn_output.weight`, D, H * K);
    matrix(`blk.${layer}.ffn_gate.weight`, F, D);
    matrix(`blk.${layer}.ffn_up.weight`, F, D);
    matrix(`blk.${layer}.ffn_down.weight`, D, F);
  }
  return {
    fileName: 'shapes.gguf',
    fileBytes: 0,
    tensors,
    queryKeyRows: 'halfSplit',
    tensor(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new RangeError(name);
      return tensor;
    },
    readTensor: () => Promise.reject(new Error('There are no data.')),
    tensorTypes: () => ({}),
    [Symbol.dispose]() {},
  };
}

describe('Qwen3-1.7B', () => {
  const q4 = sourceOf(QWEN3_17B, 'Q4_0');

  test('in q4 takes five bits a parameter, and 112 KiB a token of cache', () => {
    const { weightBytes, kvCacheBytes } = estimateModelMemory(q4, QWEN3_17B, GPU);
    // 1,720.6 million parameters; four bits and a pair of f16 for 32 values, norms and biases beside them.
    expect(weightBytes / ((1720.6e6 * 5) / 8)).toBeCloseTo(1, 2);
    expect(Math.floor(kvCacheBytes / 4096 / 1024)).toBe(112);
  });

  test('fits default limits by splitting its embedding, which a generous adapter takes whole', () => {
    const splitting = estimateModelMemory(q4, QWEN3_17B, GPU);
    expect(splitting.largestBufferBytes).toBe((151_936 / 2) * (2048 / 2));
    const whole = estimateModelMemory(q4, QWEN3_17B, { ...GPU, offeredBufferBytes: 2 ** 30 });
    expect(whole.largestBufferBytes).toBe(151_936 * (2048 / 2));
    expect(whole.totalBytes).toBe(splitting.totalBytes);
  });

  test.each(['F16', 'F32'] as const)('in %s fits them too', (type) => {
    expect(() => checkLoadable(sourceOf(QWEN3_17B, type), QWEN3_17B, GPU)).not.toThrow();
  });

  test('has a longest context for a room, and what is said to fit does', () => {
    const asked = { ...GPU, contextLength: 40_960 };
    const room = 1_500_000_000;
    const longest = longestFittingContext(q4, QWEN3_17B, asked, room) ?? 0;
    const of = (contextLength: number): number =>
      estimateModelMemory(q4, QWEN3_17B, { ...asked, contextLength }).totalBytes;
    expect(of(longest)).toBeLessThanOrEqual(room);
    expect(of(longest + 16)).toBeGreaterThan(room);
    expect(longestFittingContext(q4, QWEN3_17B, asked, 1e9)).toBeNull();
  });
});

test.each([{ headDim: 136 }, { headDim: 12 }, { vocabSize: 1001 }])('kernels cannot do %o', (odd) => {
  const config = { ...QWEN3_17B, ...odd };
  expect(() => checkLoadable(sourceOf(QWEN3_17B, 'F16'), config, GPU)).toThrow(
    expect.objectContaining({ code: 'unsupportedModel' }),
  );
});

test('a layer whose matrix is larger than a binding is refused, whatever the context', () => {
  const wide = { ...QWEN3_17B, intermediateSize: 16_384 };
  expect(() => checkLoadable(sourceOf(wide, 'F32'), wide, GPU)).toThrow(
    expect.objectContaining({
      code: 'limitTooSmall',
      message: expect.stringMatching(/\(blk\.0 gate up\) takes 268 MB; this adapter offers 134 MB.*No context/),
    }),
  );
});
