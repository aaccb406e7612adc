import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { expectFailure } from '@/testing/expect-failure.ts';
import { writeTinyMlcFolder } from '@/testing/tiny-mlc-folder.ts';
import { watchedFolder } from '@/testing/watched-folder.ts';
import { folderOf, json } from '@/testing/write-mlc-folder.ts';
import { MLC_CONFIG_NAME, parseMlcConfig } from './mlc-config.ts';
import { openMlcFolder } from './mlc-folder.ts';
import { parseMlcIndex } from './mlc-index.ts';

const INDEX_NAME = 'tensor-cache.json';

type Files = Map<string, Uint8Array<ArrayBuffer>>;
type Loose = Record<string, unknown>;

let sound: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

beforeAll(async () => {
  // q4f16_1 has every kind of record.
  ({ files: sound } = await writeTinyMlcFolder('qwen2'));
});

function parsed(name: string): Loose {
  return JSON.parse(new TextDecoder().decode(sound.get(name))) as Loose;
}

/** The folder with one of its JSON files changed. */
function changed(name: string, change: (value: Loose) => void): Files {
  const value = parsed(name);
  change(value);
  return new Map(sound).set(name, json(value));
}

/** Opens a folder and reads everything in it, which costs no more than its files. */
async function readAll(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const { folder, reads } = watchedFolder(folderOf(files));
  const totalBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  try {
    using weights = (await openMlcFolder(folder)).weights;
    let numBytes = 0;
    for (const name of weights.tensors.keys()) numBytes += (await weights.readTensor(name)).length;
    // A scale of two bytes takes four in memory: 20 bytes where the file has 18.
    expect(numBytes).toBeLessThanOrEqual((totalBytes * 20) / 18);
  } finally {
    expect(Math.max(0, ...reads.map(([, length]) => length))).toBeLessThanOrEqual(totalBytes);
  }
}

const expectRefused = (files: Files, code: string, ...parts: readonly string[]): Promise<void> =>
  expectFailure(readAll(files), code, ...parts);

type RawShard = { dataPath: string; nbytes: number; md5sum: string; format: string; records: RawTensor[] };
type RawTensor = { name: string; shape: number[]; dtype: string; nbytes: number; byteOffset: number };

const shardsOf = (index: Loose): RawShard[] => index['records'] as RawShard[];
const tensorsOf = (index: Loose): RawTensor[] => shardsOf(index).flatMap(({ records }) => records);
const tensorNamed = (index: Loose, name: string): RawTensor => {
  const tensor = tensorsOf(index).find((one) => one.name.endsWith(name));
  if (tensor === undefined) throw new Error(`There is no tensor ${name}.`);
  return tensor;
};
const firstTensor = (index: Loose): RawTensor => at(tensorsOf(index), 0);

test('the sound folder is read', async () => {
  await readAll(sound);
});

describe('broken indexes', () => {
  const cases: readonly (readonly [name: string, change: (index: Loose) => void, code: string, ...parts: string[]])[] =
    [
      ['no shards', (index) => (index['records'] = []), 'invalidFile', 'records'],
      ['no records', (index) => delete index['records'], 'invalidFile', 'records'],
      ['a shard twice', (index) => shardsOf(index).push(at(shardsOf(index), 0)), 'invalidFile', 'twice'],
      ['a path up', (index) => (at(shardsOf(index), 0).dataPath = '../x.bin'), 'invalidFile', 'dataPath', 'plain'],
      [
        'another server',
        (index) => (at(shardsOf(index), 0).dataPath = 'https://e.example/x'),
        'invalidFile',
        'dataPath',
      ],
      ['another format', (index) => (at(shardsOf(index), 0).format = 'zip'), 'invalidFile', 'format'],
      ['no hash', (index) => (at(shardsOf(index), 0).md5sum = 'abc'), 'invalidFile', 'md5sum'],
      ['another hash', (index) => (at(shardsOf(index), 0).md5sum = '0'.repeat(32)), 'integrityFailed', 'MD5'],
      ['a huge shard', (index) => (at(shardsOf(index), 0).nbytes = 2 ** 50), 'invalidFile', 'size'],
      [
        'a tensor twice',
        (index) => (tensorNamed(index, 'model.norm.weight').name = firstTensor(index).name),
        'invalidFile',
        'twice',
      ],
      ['behind the end', (index) => (firstTensor(index).byteOffset = 2 ** 40), 'invalidFile', 'end at'],
      ['overlapping', (index) => (firstTensor(index).byteOffset += 2), 'invalidFile', 'overlap'],
      ['negative offset', (index) => (firstTensor(index).byteOffset = -4), 'invalidFile', 'byteOffset'],
      ['half an offset', (index) => (firstTensor(index).byteOffset = 0.5), 'invalidFile', 'byteOffset'],
      ['empty dimension', (index) => (firstTensor(index).shape = [0, 4]), 'invalidFile', 'shape'],
      ['product of sizes', (index) => (firstTensor(index).shape = [2 ** 40, 2 ** 40]), 'invalidFile', 'fit the shape'],
      ['bytes and shape', (index) => (firstTensor(index).nbytes -= 2), 'invalidFile', 'fit the shape'],
      ['unknown numbers', (index) => (firstTensor(index).dtype = 'int8'), 'unsupportedModel', 'int8', 'float16'],
      [
        'unknown tensor',
        (index) => (firstTensor(index).name = 'model.layers.0.mlp.experts.weight'),
        'unsupportedModel',
        'experts',
      ],
      [
        'a layer that cannot be',
        (index) => (firstTensor(index).name = 'model.layers.99999.input_layernorm.weight'),
        'invalidFile',
        '99999',
      ],
      [
        'scales that are missing',
        (index) => (tensorNamed(index, '0.mlp.down_proj.q_scale').name = 'lm_head.bias'),
        'invalidFile',
        'q_scale',
        'missing',
      ],
      [
        'a layer that is missing',
        (index) => (tensorNamed(index, '1.input_layernorm.weight').name = 'model.layers.7.input_layernorm.weight'),
        'invalidFile',
        'blk.1.attn_norm.weight',
      ],
      [
        'rows of another number of heads',
        (index) => swapShapes(index, 'c_attn.q_weight', [64, 16]),
        'invalidFile',
        'c_attn',
      ],
      [
        'words in place of floats',
        (index) => (tensorNamed(index, 'c_attn.q_weight').name = 'model.layers.0.self_attn.o_proj.weight'),
        'invalidFile',
      ],
    ];

  /** Another shape of as many values. */
  function swapShapes(index: Loose, name: string, shape: number[]): void {
    tensorNamed(index, name).shape = shape;
  }

  test.each(cases.map(([name, change, code, ...parts]) => ({ name, change, code, parts })))(
    '$name',
    async ({ change, code, parts }) => {
      await expectRefused(changed(INDEX_NAME, change), code, ...parts);
    },
  );

  test('no JSON, or none at all', async () => {
    await expectRefused(new Map(sound).set(INDEX_NAME, new Uint8Array()), 'invalidFile', INDEX_NAME);
    const without = new Map(sound);
    without.delete(INDEX_NAME);
    await expectRefused(without, 'invalidFile', INDEX_NAME, 'ndarray-cache.json');
  });
});

describe('broken configurations', () => {
  const model = (config: Loose): Loose => config['model_config'] as Loose;
  const cases: readonly (readonly [name: string, change: (config: Loose) => void, code: string, ...parts: string[]])[] =
    [
      ['another architecture', (config) => (config['model_type'] = 'phi3'), 'unsupportedModel', 'model_type', 'qwen3'],
      [
        'another quantisation',
        (config) => (config['quantization'] = 'q3f16_1'),
        'unsupportedModel',
        'q3f16_1',
        'q4f16_1, q4f32_1, q0f16, q0f32',
      ],
      ['no model', (config) => delete config['model_config'], 'invalidFile', 'model_config'],
      ['several devices', (config) => (model(config)['tensor_parallel_shards'] = 2), 'unsupportedModel', '2 devices'],
      ['a sliding window', (config) => (model(config)['sliding_window_size'] = 512), 'unsupportedModel', '512'],
      ['another activation', (config) => (model(config)['hidden_act'] = 'gelu'), 'unsupportedModel', 'gelu'],
      ['yarn', (config) => (model(config)['rope_scaling'] = { rope_type: 'yarn' }), 'unsupportedModel', 'yarn'],
      [
        'no context',
        (config) => (delete model(config)['context_window_size'], delete config['context_window_size']),
        'invalidFile',
        'context_window_size',
      ],
      ['half a head', (config) => (model(config)['head_dim'] = 16.5), 'invalidFile', 'head_dim'],
      [
        'heads that cannot share',
        (config) => (model(config)['num_key_value_heads'] = 3),
        'invalidFile',
        'num_key_value_heads',
      ],
      ['two vocabularies', (config) => (config['vocab_size'] = 100), 'invalidFile', 'vocab_size'],
      ['more tokens than rows', (config) => (config['active_vocab_size'] = 321), 'invalidFile', 'active_vocab_size'],
      [
        'a huge layer count',
        (config) => (model(config)['num_hidden_layers'] = 2 ** 40),
        'invalidFile',
        'num_hidden_layers',
      ],
      ['a huge hidden size', (config) => (model(config)['hidden_size'] = 2 ** 40), 'invalidFile'],
      ['a huge MLP', (config) => (model(config)['intermediate_size'] = 2 ** 50), 'invalidFile', 'gate_up_proj'],
      ['text in place of a number', (config) => (model(config)['hidden_size'] = '64'), 'invalidFile', 'hidden_size'],
    ];

  test.each(cases.map(([name, change, code, ...parts]) => ({ name, change, code, parts })))(
    '$name',
    async ({ change, code, parts }) => {
      await expectRefused(changed(MLC_CONFIG_NAME, change), code, ...parts);
    },
  );

  test('a tokenizer of another model', async () => {
    const files = changed('tokenizer.json', (tokenizer) => {
      (tokenizer['added_tokens'] as Loose[]).push({ id: 320, content: '<more>', special: true });
    });
    await expectRefused(files, 'invalidFile', 'tokenizer.json', '321 tokens');
  });
});

describe('what MLC derives', () => {
  const config = (change: (config: Loose, model: Loose) => void): unknown => {
    const value = parsed(MLC_CONFIG_NAME);
    change(value, value['model_config'] as Loose);
    return value;
  };
  const modelOf = (change: (config: Loose, model: Loose) => void) => parseMlcConfig(config(change)).model;

  test('zeros stand for what follows from other fields', () => {
    const derived = modelOf((_, model) => Object.assign(model, { head_dim: 0, num_key_value_heads: 0 }));
    expect(derived).toMatchObject({ headDim: 16, numKeyValueHeads: 4 });
  });

  test('the base of rotation has two names', () => {
    expect(modelOf((_, model) => (model['position_embedding_base'] = 5e5)).ropeTheta).toBe(5e5);
    expect(modelOf((_, model) => (model['position_embedding_base'] = 0)).ropeTheta).toBe(1e6);
    expect(modelOf((_, model) => delete model['rope_theta']).ropeTheta).toBe(1e4);
  });

  test('a scaling counts only with a type', () => {
    const llama3 = {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    };
    expect(modelOf((_, model) => (model['rope_scaling'] = llama3)).ropeScaling).toEqual({
      kind: 'llama3',
      factor: 32,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalContextLength: 8192,
    });
    expect(modelOf((_, model) => (model['rope_scaling'] = { type: 'linear', factor: 2 })).ropeScaling).toEqual({
      kind: 'none',
    });
  });

  test('every id that ends a turn', () => {
    const ids = (change: (config: Loose) => void): readonly number[] => parseMlcConfig(config(change)).stopTokenIds;
    expect(ids((value) => (value['eos_token_id'] = [5, 317, 6]))).toEqual([317, 5, 6]);
    expect(ids((value) => Object.assign(value, { eos_token_id: 5, conv_template: 'chatml' }))).toEqual([5]);
  });
});

describe('random damage gives a failure or a model, nothing else', () => {
  const damage = fc.array(fc.tuple(fc.nat({ max: 60_000 }), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  });

  async function expectTyped(files: Files): Promise<void> {
    try {
      await readAll(files);
    } catch (error) {
      const known = ['invalidFile', 'unsupportedModel', 'integrityFailed'];
      if (!(error instanceof Failure) || !known.includes(error.code)) throw error;
    }
  }

  test.each([INDEX_NAME, MLC_CONFIG_NAME])('bytes of %s', async (name) => {
    const whole = sound.get(name) ?? new Uint8Array();
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        await expectTyped(new Map(sound).set(name, bytes));
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  test.each([INDEX_NAME, MLC_CONFIG_NAME])('every cut of %s', async (name) => {
    const whole = sound.get(name) ?? new Uint8Array();
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 60))
      await expectRefused(new Map(sound).set(name, whole.slice(0, length)), 'invalidFile', name);
  });

  const hostile = fc.oneof(
    fc.constantFrom(0, -1, 1, 2 ** 31, 2 ** 53 - 1, 1e300, 0.5),
    fc.integer(),
    fc.constantFrom<unknown>(null, true, '', 'x', [], {}, '__proto__'),
  );

  test.each([INDEX_NAME, MLC_CONFIG_NAME])('values of %s', async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(), hostile), { minLength: 1, maxLength: 3 }), async (changes) => {
        const value = parsed(name);
        const leaves = leavesOf(value);
        for (const [place, replacement] of changes) {
          const { holder, key } = at(leaves, place % leaves.length);
          holder[key] = replacement;
        }
        await expectTyped(new Map(sound).set(name, json(value)));
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  /** Where every value of a tree stands. */
  function leavesOf(holder: Loose): { holder: Loose; key: string }[] {
    return Object.entries(holder).flatMap(([key, value]) => [
      { holder, key },
      ...(typeof value === 'object' && value !== null ? leavesOf(value as Loose) : []),
    ]);
  }
});

test('an index of nothing but names costs no more than its size', () => {
  const record = { name: 'a', shape: [2 ** 26, 2 ** 26], dtype: 'float32', nbytes: 2 ** 53 - 1, byteOffset: 0 };
  const shard = { dataPath: 'x.bin', format: 'raw-shard', nbytes: 2 ** 53 - 1, records: [record] };
  expect(() => parseMlcIndex('i', { records: [shard] })).toThrow(expect.objectContaining({ code: 'invalidFile' }));
});
