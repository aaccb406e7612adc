import { describe, expect, test } from 'vitest';
import type { StoredFile } from '@/engine/loading/model-store.ts';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import { ownModelsOf, webLlmModelsOf } from './stored-models.ts';

const SITE = 'https://models.example';
const HASH = 'a'.repeat(64);

function complete(url: string, sizeBytes = 10, changed: Partial<StoredFile> = {}): StoredFile {
  return { key: url, url, sizeBytes, record: { url, sizeBytes, sha256: HASH }, partial: null, ...changed };
}

function partial(url: string, sizeBytes: number, totalBytes: number): StoredFile {
  const record = { url, totalBytes, validator: null, expectedSha256: null, sizeBytes, sha256: HASH };
  return { key: url, url, sizeBytes, record: null, partial: record };
}

const modelOf = (...files: StoredFile[]): unknown => ownModelsOf(files).map(({ model }) => model);

describe('our copies', () => {
  test('a file is a model by itself', () => {
    const url = `${SITE}/some%20model.gguf?download=true`;
    expect(modelOf(complete(url))).toEqual([
      {
        id: `duet:${url}`,
        backend: 'duet',
        name: 'some model.gguf',
        source: url,
        numFiles: 1,
        sizeBytes: 10,
        state: 'complete',
        expectedBytes: 10,
      },
    ]);
  });

  test('the catalogue’s models have their names', () => {
    const [entry] = CATALOGUE;
    expect(modelOf(complete(entry?.url ?? ''))).toMatchObject([{ name: entry?.name, source: entry?.id }]);
  });

  test('shards are one model, complete with the last of them', () => {
    const shard = (number: number): StoredFile => complete(`${SITE}/m-0000${number}-of-00002.gguf`);
    expect(modelOf(shard(2))).toMatchObject([
      { source: `${SITE}/m-00001-of-00002.gguf`, state: 'partial', numFiles: 1, expectedBytes: 0 },
    ]);
    expect(modelOf(shard(2), shard(1))).toMatchObject([{ state: 'complete', numFiles: 2, sizeBytes: 20 }]);
  });

  test('files of a folder are one model', () => {
    const folder = `${SITE}/owner/name/resolve/main/`;
    const files = ['config.json', 'model.safetensors'].map((name) => complete(folder + name));
    expect(modelOf(...files, complete(`${folder}other.gguf`))).toMatchObject([
      { id: `duet:${folder}`, name: 'name', source: folder, numFiles: 2 },
      { name: 'other.gguf', numFiles: 1 },
    ]);
  });

  test('a download that broke off', () => {
    expect(modelOf(partial(`${SITE}/m.gguf`, 4, 10))).toMatchObject([
      { state: 'partial', sizeBytes: 4, expectedBytes: 10 },
    ]);
    expect(modelOf(partial(`${SITE}/m.gguf`, 4, 0))).toMatchObject([{ state: 'partial', expectedBytes: 0 }]);
  });

  test('what is not what it was', () => {
    const url = `${SITE}/m.gguf`;
    const record = { url, sizeBytes: 10, sha256: HASH };
    expect(modelOf(complete(url, 9, { record }))).toMatchObject([{ state: 'damaged' }]);
    expect(modelOf(complete(url, 10, { record: { ...record, isDamaged: true } }))).toMatchObject([
      { state: 'damaged' },
    ]);
    expect(modelOf({ key: HASH, url: null, sizeBytes: 7, record: null, partial: null })).toMatchObject([
      { id: `duet:#${HASH}`, source: null, state: 'damaged', sizeBytes: 7 },
    ]);
  });
});

describe('copies of web-llm', () => {
  const BASE = 'https://huggingface.co/mlc-ai/Some-1B-MLC/resolve/main/';
  const INDEX = [
    { dataPath: 'params_shard_0.bin', nbytes: 100 },
    { dataPath: 'params_shard_1.bin', nbytes: 50 },
  ];
  const WHOLE = {
    'tensor-cache.json': 7,
    'mlc-chat-config.json': 5,
    'params_shard_0.bin': 100,
    'params_shard_1.bin': 50,
  };

  async function found(sizes: Readonly<Record<string, number>>, index: typeof INDEX | null = INDEX): Promise<unknown> {
    const files = Object.entries(sizes).map(([name, sizeBytes]) => ({ url: BASE + name, sizeBytes }));
    const models = await webLlmModelsOf({ backend: 'webLlmOpfs' }, files, async () => index);
    return models.map(({ model }) => model);
  }

  test('a whole one', async () => {
    expect(await found(WHOLE)).toEqual([
      {
        id: `webLlmOpfs:${BASE}`,
        backend: 'webLlmOpfs',
        name: 'Some-1B-MLC',
        source: BASE,
        numFiles: 4,
        sizeBytes: 162,
        state: 'complete',
        expectedBytes: 162,
      },
    ]);
  });

  test.each([
    ['a shard is missing', { 'params_shard_1.bin': undefined }, 'partial'],
    ['a shard is empty', { 'params_shard_1.bin': 0 }, 'partial'],
    ['a shard is short', { 'params_shard_1.bin': 49 }, 'damaged'],
    ['the configuration is missing', { 'mlc-chat-config.json': undefined }, 'partial'],
  ])('%s', async (_name, change, state) => {
    const sizes = JSON.parse(JSON.stringify({ ...WHOLE, ...change })) as Record<string, number>;
    expect(await found(sizes)).toMatchObject([{ state }]);
  });

  test('without an index, or with one that cannot be read', async () => {
    expect(await found({ 'params_shard_0.bin': 100 })).toMatchObject([
      { state: 'partial', source: null, expectedBytes: 0 },
    ]);
    expect(await found(WHOLE, null)).toMatchObject([{ state: 'damaged' }]);
  });

  test('programs stand alone, and odd addresses do no harm', async () => {
    const files = ['https://raw.example/v1/a.wasm', 'https://raw.example/v1/b.wasm', 'nonsense', ''].map((url) => ({
      url,
      sizeBytes: 3,
    }));
    const models = await webLlmModelsOf({ backend: 'webLlmCache' }, files, async () => null);
    expect(models.map(({ model: { name, state } }) => [name, state])).toEqual([
      ['a.wasm', 'complete'],
      ['b.wasm', 'complete'],
      ['', 'partial'],
    ]);
  });
});
