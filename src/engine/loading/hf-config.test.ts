import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { readGoldenBytes, readGoldenJson } from '@/testing/gguf-golden.ts';
import { bytesSource } from './byte-source.ts';
import { modelConfigOf } from './gguf-config.ts';
import { openGguf } from './gguf.ts';
import { readHfConfig } from './hf-config.ts';

const goldenConfig = (name: string) => readGoldenJson(`tiny/${name}/config.json`, z.record(z.string(), z.unknown()));
const LLAMA = goldenConfig('llama');
const readWith = (changes: Readonly<Record<string, unknown>>, base = LLAMA) =>
  readHfConfig({ ...base, ...changes }, 'config.json');

test.each(['llama', 'qwen2', 'qwen3'])('tiny %s has the shape that its GGUF file states', async (name) => {
  const path = `tiny/${name}/tiny-${name}-F32.gguf`;
  using gguf = await openGguf([bytesSource(path, readGoldenBytes(path))]);
  const expected = await modelConfigOf(gguf);
  // GGUF stores it as f32.
  const { rmsNormEps, ...config } = readHfConfig(goldenConfig(name), 'config.json');
  expect({ ...config, rmsNormEps: Math.fround(rmsNormEps) }).toEqual(expected);
});

describe('what is missing', () => {
  test('has the default of transformers', () => {
    const { rms_norm_eps: _eps, head_dim: _dim, num_key_value_heads: _heads, rope_theta: _theta, ...rest } = LLAMA;
    const { rope_parameters: _rope, tie_word_embeddings: _tie, hidden_act: _act, ...bare } = rest;
    expect(readHfConfig(bare, 'config.json')).toMatchObject({
      rmsNormEps: 1e-6,
      headDim: 16,
      numKeyValueHeads: 4,
      ropeTheta: 10_000,
      ropeScaling: { kind: 'none' },
      tieWordEmbeddings: false,
    });
    expect(readWith({ model_type: 'qwen3', head_dim: null }).headDim).toBe(128);
  });

  test.each(['model_type', 'hidden_size', 'num_hidden_layers', 'vocab_size', 'max_position_embeddings'])(
    'is refused without a default: %s',
    (field) => {
      expect(() => readWith({ [field]: undefined })).toThrow(
        expect.objectContaining({ code: 'invalidFile', message: expect.stringContaining(`config.json: ${field}: `) }),
      );
    },
  );
});

describe('rotation', () => {
  test.each<[string, Record<string, unknown>, object]>([
    [
      'none',
      { rope_scaling: null, rope_parameters: null, rope_theta: 5e5 },
      { ropeTheta: 5e5, ropeScaling: { kind: 'none' } },
    ],
    ['theta inside', { rope_parameters: { rope_type: 'default', rope_theta: 1e6 } }, { ropeTheta: 1e6 }],
    [
      'linear, as before',
      { rope_scaling: { type: 'linear', factor: 4 } },
      { ropeScaling: { kind: 'linear', factor: 4 } },
    ],
    ['linear by 1', { rope_scaling: { type: 'linear', factor: 1 } }, { ropeScaling: { kind: 'none' } }],
    [
      'llama3',
      {
        rope_theta: 5e5,
        rope_scaling: {
          rope_type: 'llama3',
          factor: 32,
          low_freq_factor: 1,
          high_freq_factor: 4,
          original_max_position_embeddings: 8192,
        },
      },
      {
        ropeTheta: 5e5,
        ropeScaling: { kind: 'llama3', factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalContextLength: 8192 },
      },
    ],
  ])('%s', (_, changes, expected) => {
    expect(readWith(changes)).toMatchObject(expected);
  });
});

describe('refused', () => {
  test.each<[string, Record<string, unknown>, string, string]>([
    ['architecture', { model_type: 'mistral' }, 'unsupportedModel', 'model_type: "mistral"'],
    ['act', { hidden_act: 'gelu' }, 'unsupportedModel', 'hidden_act'],
    ['biases', { attention_bias: true }, 'unsupportedModel', 'attention_bias'],
    ['biases of the MLP', { mlp_bias: true }, 'unsupportedModel', 'mlp_bias'],
    ['windows', { use_sliding_window: true }, 'unsupportedModel', 'use_sliding_window'],
    ['windows by layer', { layer_types: ['full_attention', 'sliding_attention'] }, 'unsupportedModel', 'layer_types'],
    ['part of the head', { partial_rotary_factor: 0.5 }, 'unsupportedModel', 'partial_rotary_factor'],
    ['part, inside', { rope_parameters: { partial_rotary_factor: 0.5 } }, 'unsupportedModel', 'partial_rotary_factor'],
    ['yarn', { rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'unsupportedModel', 'rope_scaling.rope_type: "yarn"'],
    ['by layer', { rope_parameters: { full_attention: {} } }, 'unsupportedModel', 'rope_parameters'],
    ['no factor', { rope_scaling: { rope_type: 'linear' } }, 'invalidFile', 'rope_scaling.factor'],
    ['quantised', { quantization_config: { quant_method: 'gptq' } }, 'unsupportedModel', 'quantization_config'],
    ['odd width', { hidden_size: 65 }, 'invalidFile', 'hidden_size'],
    ['text for a number', { num_hidden_layers: '2' }, 'invalidFile', 'num_hidden_layers'],
    ['layers', { num_hidden_layers: 2 ** 40 }, 'invalidFile', 'num_hidden_layers'],
    ['heads', { num_key_value_heads: 3 }, 'invalidFile', 'num_key_value_heads'],
    ['head size', { head_dim: 20 }, 'unsupportedModel', 'head_dim'],
    ['half a head', { head_dim: null, num_attention_heads: 3, num_key_value_heads: 3 }, 'unsupportedModel', 'head_dim'],
    ['theta', { rope_theta: 0 }, 'invalidFile', 'rope_theta'],
  ])('%s', (_, changes, code, part) => {
    expect(() => readWith(changes)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`config.json: ${part}`) }),
    );
  });

  test('with the name of an object around it', () => {
    expect(() => readHfConfig({ ...LLAMA, vocab_size: 0 }, 'mlc-chat-config.json', 'model_config.')).toThrow(
      'mlc-chat-config.json: model_config.vocab_size',
    );
  });

  test('biases of qwen2 are there whatever the field says', () => {
    expect(readWith({ attention_bias: true }, goldenConfig('qwen2')).hasAttentionBias).toBe(true);
  });
});

test('whatever JSON it is, there is a configuration or a Failure', () => {
  const field = fc.constantFrom(...Object.keys(LLAMA), 'rope_scaling', 'layer_types', 'quantization_config');
  fc.assert(
    fc.property(field, fc.jsonValue(), fc.boolean(), (name, value, isWhole) => {
      try {
        const config = readHfConfig(isWhole ? value : { ...LLAMA, [name]: value }, 'config.json');
        expect(Number.isInteger(config.headDim)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
  );
});
