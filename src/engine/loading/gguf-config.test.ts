import { describe, expect, test } from 'vitest';
import { writeGguf, type MetadataValue, type TensorToWrite } from '@/testing/write-gguf.ts';
import { bytesSource } from './byte-source.ts';
import { modelConfigOf } from './gguf-config.ts';
import { openGguf } from './gguf.ts';

const METADATA: Readonly<Record<string, MetadataValue>> = {
  'general.architecture': { string: 'llama' },
  'llama.context_length': { u32: 64 },
  'llama.embedding_length': { u32: 16 },
  'llama.block_count': { u32: 1 },
  'llama.feed_forward_length': { u32: 24 },
  'llama.attention.head_count': { u32: 2 },
  'llama.attention.head_count_kv': { u32: 1 },
  'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
};

const SHAPES: Readonly<Record<string, readonly number[]>> = {
  'token_embd.weight': [8, 16],
  'output_norm.weight': [16],
  'blk.0.attn_norm.weight': [16],
  'blk.0.attn_q.weight': [16, 16],
  'blk.0.attn_k.weight': [8, 16],
  'blk.0.attn_v.weight': [8, 16],
  'blk.0.attn_output.weight': [16, 16],
  'blk.0.ffn_norm.weight': [16],
  'blk.0.ffn_gate.weight': [24, 16],
  'blk.0.ffn_up.weight': [24, 16],
  'blk.0.ffn_down.weight': [16, 24],
};

interface Change {
  readonly set?: Readonly<Record<string, MetadataValue>>;
  readonly unset?: readonly string[];
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly without?: readonly string[];
  readonly values?: Readonly<Record<string, readonly number[]>>;
}

/** The configuration of a sound one-layer model after a change. */
async function configAfter({ set = {}, unset = [], shapes = {}, without = [], values = {} }: Change) {
  const metadata = Object.entries({ ...METADATA, ...set }).filter(([key]) => !unset.includes(key));
  const tensors = Object.entries({ ...SHAPES, ...shapes })
    .filter(([name]) => !without.includes(name))
    .map(([name, shape]): TensorToWrite => {
      const floats = Float32Array.from(
        values[name] ?? new Float32Array(shape.reduce((product, size) => product * size, 1)),
      );
      return { name, type: 'F32', shape, bytes: new Uint8Array(floats.buffer) };
    });
  using gguf = await openGguf([bytesSource('small.gguf', writeGguf({ metadata, tensors }))]);
  return await modelConfigOf(gguf);
}

describe('sound models', () => {
  test('control', async () => {
    expect(await configAfter({})).toMatchObject({
      headDim: 8,
      vocabSize: 8,
      ropeTheta: 10_000,
      ropeScaling: { kind: 'none' },
      tieWordEmbeddings: true,
    });
  });

  test('without a K/V head count there is one for each head', async () => {
    const config = await configAfter({
      unset: ['llama.attention.head_count_kv'],
      shapes: { 'blk.0.attn_k.weight': [16, 16], 'blk.0.attn_v.weight': [16, 16] },
    });
    expect(config.numKeyValueHeads).toBe(2);
  });

  test('linear scaling', async () => {
    const set = { 'llama.rope.scaling.type': { string: 'linear' }, 'llama.rope.scaling.factor': { f32: 4 } };
    expect((await configAfter({ set })).ropeScaling).toEqual({ kind: 'linear', factor: 4 });
    expect((await configAfter({ set: { 'llama.rope.scale_linear': { f32: 2 } } })).ropeScaling).toEqual({
      kind: 'linear',
      factor: 2,
    });
  });

  test('llama 3 scaling by keys', async () => {
    const config = await configAfter({
      set: {
        'llama.rope.scaling.type': { string: 'llama3' },
        'llama.rope.scaling.factor': { f32: 32 },
        'llama.rope.scaling.low_freq_factor': { f32: 1 },
        'llama.rope.scaling.high_freq_factor': { f32: 4 },
        'llama.rope.scaling.original_context_length': { u32: 8192 },
      },
    });
    expect(config.ropeScaling).toEqual({
      kind: 'llama3',
      factor: 32,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalContextLength: 8192,
    });
  });

  test('scaling by a tensor of divisors', async () => {
    const config = await configAfter({
      shapes: { 'rope_freqs.weight': [4] },
      values: { 'rope_freqs.weight': [1, 1, 8, 32] },
    });
    expect(config.ropeScaling).toEqual({ kind: 'factors', factors: Float32Array.of(1, 1, 8, 32) });
  });
});

describe('refused models', () => {
  const cases: readonly (readonly [name: string, change: Change, code: string, part: string])[] = [
    [
      'architecture',
      { set: { 'general.architecture': { string: 'gemma' } } },
      'unsupportedModel',
      'llama, qwen2, qwen3',
    ],
    ['no architecture', { unset: ['general.architecture'] }, 'invalidFile', 'general.architecture'],
    ['missing key', { unset: ['llama.block_count'] }, 'invalidFile', 'llama.block_count'],
    ['key of another type', { set: { 'llama.block_count': { string: '1' } } }, 'invalidFile', 'llama.block_count'],
    ['fraction', { set: { 'llama.block_count': { f32: 1.5 } } }, 'invalidFile', 'whole number'],
    ['zero', { set: { 'llama.attention.head_count': { u32: 0 } } }, 'invalidFile', 'head_count'],
    ['values per layer', { set: { 'llama.attention.head_count': { i32s: [2] } } }, 'unsupportedModel', 'per layer'],
    ['too many layers', { set: { 'llama.block_count': { u32: 4_000_000_000 } } }, 'invalidFile', 'block_count'],
    ['one layer too many', { set: { 'llama.block_count': { u32: 2 } } }, 'invalidFile', 'blk.1.attn_norm.weight'],
    ['heads that do not divide', { set: { 'llama.attention.head_count_kv': { u32: 3 } } }, 'invalidFile', 'share'],
    ['partial rotation', { set: { 'llama.rope.dimension_count': { u32: 4 } } }, 'unsupportedModel', 'rotated'],
    ['experts', { set: { 'llama.expert_count': { u32: 8 } } }, 'unsupportedModel', 'experts'],
    ['yarn', { set: { 'llama.rope.scaling.type': { string: 'yarn' } } }, 'unsupportedModel', 'yarn'],
    ['odd width', { set: { 'llama.feed_forward_length': { u32: 20 } } }, 'unsupportedModel', 'multiple of 8'],
    ['missing tensor', { without: ['blk.0.ffn_up.weight'] }, 'invalidFile', 'blk.0.ffn_up.weight'],
    ['no embedding', { without: ['token_embd.weight'] }, 'invalidFile', 'token_embd.weight'],
    ['mis-shaped tensor', { shapes: { 'blk.0.attn_k.weight': [16, 16] } }, 'invalidFile', '[16, 16]'],
    ['unknown tensor', { shapes: { 'blk.0.attn_output.bias': [16] } }, 'unsupportedModel', 'attn_output.bias'],
    ['only one bias', { shapes: { 'blk.0.attn_q.bias': [16] } }, 'invalidFile', 'blk.0.attn_k.bias'],
    ['divisors of another number', { shapes: { 'rope_freqs.weight': [3] } }, 'invalidFile', 'rope_freqs.weight'],
    ['divisors of zero', { shapes: { 'rope_freqs.weight': [4] } }, 'invalidFile', 'divisor'],
  ];

  test.each(cases)('%s', async (_, change, code, part) => {
    await expect(configAfter(change)).rejects.toEqual(
      expect.objectContaining({ code, message: expect.stringContaining(part) }),
    );
  });
});
