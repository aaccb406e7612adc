import { describe, expect, test, vi } from 'vitest';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { dequantize } from '@/engine/quantisation/gguf-blocks.ts';
import { halfToFloat } from '@/engine/quantisation/half.ts';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import { writeTinyMlcFolder } from '@/testing/tiny-mlc-folder.ts';
import { watchedFolder } from '@/testing/watched-folder.ts';
import { chosenFiles } from '@/testing/write-hf-folder.ts';
import { folderOf, json, type WrittenMlcFolder } from '@/testing/write-mlc-folder.ts';
import { openMlcFolder } from './mlc-folder.ts';
import { openModel } from './open-model.ts';
import { parseMlcIndex } from './mlc-index.ts';
import { MlcWeights } from './mlc-weights.ts';

const QUANTIZATIONS = ['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32'] as const;
const ARCHITECTURES = ['llama', 'qwen2', 'qwen3'] as const;

/** @param tolerance of a value, relative to the tensor's largest; 0: every bit is the same */
async function expectTensors(written: WrittenMlcFolder, tolerance = 0): Promise<void> {
  const { folder, numOpen } = watchedFolder(folderOf(written.files));
  {
    using weights = (await openMlcFolder(folder)).weights;
    expect(new Set(weights.tensors.keys())).toEqual(new Set(written.expected.keys()));
    expect(weights.queryKeyRows).toBe('halfSplit');
    for (const [name, { shape, values }] of written.expected) {
      const tensor = weights.tensor(name);
      const bytes = await weights.readTensor(name);
      expect(tensor.shape, name).toEqual(shape);
      expect(bytes.length, name).toBe(tensor.sizeBytes);
      const read = dequantize(tensor.type, bytes, values.length);
      const limit = tolerance * values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const wrong = read.findIndex((value, i) => !(Math.abs(value - at(values, i)) <= limit));
      if (wrong >= 0) throw new Error(`${name}: value ${wrong} is ${read[wrong]}, not ${values[wrong]}.`);
    }
    expect(weights.fileBytes).toBe(
      [...written.files].filter(([name]) => name.endsWith('.bin')).reduce((sum, [, { length }]) => sum + length, 0),
    );
  }
  expect(numOpen()).toBe(0);
}

describe.each(ARCHITECTURES)('%s', (architecture) => {
  test.each(QUANTIZATIONS)('%s: every tensor is read back exactly', async (quantization) => {
    await expectTensors(await writeTinyMlcFolder(architecture, { quantization }));
  });

  test('has the configuration of the checkpoint', async () => {
    const { config: expected } = await readTinyReferenceModel(architecture);
    const { files } = await writeTinyMlcFolder(architecture, { quantization: 'q0f16' });
    const { config, ...opened } = await openMlcFolder(folderOf(files));
    using weights = opened.weights;
    expect(weights.tensorTypes()['F16']).toBe(weights.tensors.size);
    expect(config).toEqual(expected);
  });
});

test('the index may have its older name, and f32 may lie there as it is', async () => {
  await expectTensors(
    await writeTinyMlcFolder('qwen2', { indexName: 'ndarray-cache.json', quantization: 'q0f32', rawF32: true }),
  );
  // q s and 7 s are rounded here: three roundings of at most 14 s, where the largest value is 7 s.
  await expectTensors(await writeTinyMlcFolder('qwen2', { quantization: 'q4f32_1', rawF32: true }), 6 * 2 ** -24);
});

test('words and scales of a matrix lie in different shards, off the grid', async () => {
  const { files } = await writeTinyMlcFolder('llama');
  const index = JSON.parse(new TextDecoder().decode(files.get('tensor-cache.json'))) as {
    records: { dataPath: string; records: { name: string; byteOffset: number }[] }[];
  };
  const placeOf = new Map(
    index.records.flatMap(({ dataPath, records }) =>
      records.map(({ name, byteOffset }) => [name, { dataPath, byteOffset }]),
    ),
  );
  const words = [...placeOf].filter(([name]) => name.endsWith('q_weight'));
  expect(words.length).toBeGreaterThan(8);
  for (const [name, { dataPath }] of words)
    expect(placeOf.get(name.replace('q_weight', 'q_scale'))?.dataPath).not.toBe(dataPath);
  expect([...placeOf.values()].some(({ byteOffset }) => byteOffset % 4 !== 0)).toBe(true);
});

test('a matrix that is joined in several pieces', async () => {
  // 128 blocks a row, so 1024 rows a piece.
  const [rows, columns] = [1500, 4096];
  const words = Uint32Array.from({ length: (rows * columns) / 8 }, (_, i) => Math.imul(i, 0x9e3779b1));
  const scales = Uint16Array.from({ length: (rows * columns) / 32 }, (_, i) => 0x2000 + (i % 0x1800));
  const [wordBytes, scaleBytes] = [new Uint8Array(words.buffer), new Uint8Array(scales.buffer)];
  const files = new Map([
    ['a.bin', wordBytes],
    ['b.bin', scaleBytes],
  ]);
  const shardOf = (dataPath: string, name: string, dtype: string, width: number, nbytes: number): object => {
    const record = { name, shape: [rows, width], dtype, nbytes, byteOffset: 0 };
    return { dataPath, format: 'raw-shard', nbytes, records: [record] };
  };
  const index = parseMlcIndex('tensor-cache.json', {
    records: [
      shardOf('a.bin', 'model.embed_tokens.q_weight', 'uint32', columns / 8, wordBytes.length),
      shardOf('b.bin', 'model.embed_tokens.q_scale', 'float16', columns / 32, scaleBytes.length),
    ],
  });
  const { config } = await readTinyReferenceModel('llama');
  using weights = new MlcWeights(index, config);
  await weights.open(folderOf(files));
  const values = dequantize('Q4_MLC', await weights.readTensor('token_embd.weight'), rows * columns);
  const wrong = values.findIndex((value, i) => {
    const q = ((words[i >> 3] ?? 0) >>> (4 * (i & 7))) & 15;
    return value !== (q - 7) * halfToFloat(scales[i >> 5] ?? 0);
  });
  expect(wrong).toBe(-1);
});

test('tokenizer, stop tokens and a ChatML template come with it', async () => {
  const { files } = await writeTinyMlcFolder('qwen2');
  const opened = await openMlcFolder(folderOf(files));
  const tokenizer = new Tokenizer(opened.vocabulary);
  expect(tokenizer.decode(tokenizer.encode('two lines\n\nof text', { parseSpecial: false }))).toBe(
    'two lines\n\nof text',
  );
  expect(opened.vocabulary.eosTokenId).toBe(317);
  expect(opened.chatTemplate).toContain('<|im_start|>system\\nYou are a helpful assistant.<|im_end|>');
  files.set('tokenizer_config.json', json({ chat_template: 'own', eos_token: '<|endoftext|>' }));
  const own = await openMlcFolder(folderOf(files));
  expect(own.chatTemplate).toBe('own');
  expect(own.vocabulary).toMatchObject({ eosTokenId: 315, otherStopTokenIds: [317] });
});

test('a chosen folder opens as any model does', async () => {
  const { files } = await writeTinyMlcFolder('llama', { quantization: 'q4f32_1' });
  const model = await openModel(chosenFiles(Object.fromEntries(files)));
  expect(model).toMatchObject({ format: 'mlc', sha256: null });
  expect(model.tokenizer.stopTokenIds).toEqual([317]);
  expect(model.weights.tensorTypes()).toEqual({ Q4_MLC: 15, BF16: 5 });
  model.close();
});

describe('a shard that is not what the index says', () => {
  async function failureOf(change: (files: Map<string, Uint8Array<ArrayBuffer>>) => void): Promise<unknown> {
    const { files } = await writeTinyMlcFolder('llama', { quantization: 'q0f16' });
    change(files);
    const { folder, numOpen } = watchedFolder(folderOf(files));
    const error: unknown = await openMlcFolder(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    expect(numOpen()).toBe(0);
    return error;
  }
  const name = 'params_shard_1.bin';

  test('missing', async () => {
    const error = await failureOf((files) => files.delete(name));
    expect(error).toMatchObject({ code: 'invalidFile', message: expect.stringContaining(name) });
  });

  test('too short', async () => {
    const error = await failureOf((files) => files.set(name, (files.get(name) ?? new Uint8Array()).slice(1)));
    expect(error).toMatchObject({ code: 'invalidFile', message: expect.stringContaining(`${name}: size`) });
  });

  test('is forgotten, closed before, where the folder keeps copies', async () => {
    const { files } = await writeTinyMlcFolder('llama', { quantization: 'q0f16' });
    files.set(name, new Uint8Array(at([...files.values()], 0).length));
    const { folder, numOpen } = watchedFolder(folderOf(files));
    const discarded: [string, number][] = [];
    const discard = async (fileName: string): Promise<void> => void discarded.push([fileName, numOpen()]);
    await expect(openMlcFolder({ ...folder, discard })).rejects.toHaveProperty('code', 'invalidFile');
    expect(discarded).toEqual([[name, 0]]);
  });

  test('one bit flipped', async () => {
    const error = await failureOf((files) => {
      const bytes = files.get(name) ?? new Uint8Array(1);
      bytes[777] = at(bytes, 777) ^ 4;
    });
    expect(error).toMatchObject({ code: 'integrityFailed', message: expect.stringContaining(name) });
  });
});

test('loading can be cancelled while its shards are opened', async () => {
  const { files } = await writeTinyMlcFolder('llama', { quantization: 'q0f16' });
  const abort = new AbortController();
  const { folder, numOpen } = watchedFolder(folderOf(files));
  const onProgress = vi.fn(() => abort.abort());
  await expect(openMlcFolder(folder, { signal: abort.signal, onProgress })).rejects.toHaveProperty('code', 'cancelled');
  expect(onProgress).toHaveBeenCalled();
  expect(numOpen()).toBe(0);
});
