import { openAsBlob } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CATALOGUE, DEFAULT_MODEL_ID } from '@/protocol/model-catalogue.ts';
import { EMBEDDED_MODEL_PATH, readGoldenBytes } from '@/testing/gguf-golden.ts';
import { writeGguf, type MetadataValue } from '@/testing/write-gguf.ts';
import { bytesSource } from './byte-source.ts';
import { openGguf } from './gguf.ts';
import { openModel } from './open-model.ts';

const TINY = readGoldenBytes('tiny/qwen3/tiny-qwen3-F32.gguf');

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a file of the user', () => {
  test('opens with everything that the engine needs', async () => {
    const model = await openModel(new File([TINY], 'tiny-qwen3.gguf'));
    expect(model).toMatchObject({ id: 'tiny-qwen3.gguf', fileBytes: TINY.length, sha256: null });
    expect(model.config).toMatchObject({ architecture: 'qwen3', headDim: 32 });
    expect(model.tokenizer.idOf('<think>')).toBe(318);
    expect(model.chatTemplate).toContain('<|im_start|>');
    const norm = await model.weights.readTensor('output_norm.weight');
    expect(norm.length).toBe(4 * model.config.hiddenSize);
    model.close();
  });

  test('may be one of several that together are no model', async () => {
    const files = [new File([TINY], 'a.gguf'), new File([TINY], 'b.gguf')];
    await expect(openModel(files)).rejects.toMatchObject({
      code: 'invalidFile',
      message: expect.stringContaining('b.gguf'),
    });
  });

  test('must be chosen', async () => {
    await expect(openModel([])).rejects.toHaveProperty('code', 'invalidConfig');
  });

  test('with a vocabulary larger than the embedding is refused', async () => {
    using gguf = await openGguf([bytesSource('tiny.gguf', TINY)]);
    const metadata: [string, MetadataValue][] = [];
    for (const [key, value] of gguf.metadata) {
      if (typeof value === 'string') metadata.push([key, { string: value }]);
      else if (typeof value === 'number')
        metadata.push([key, Number.isInteger(value) ? { u32: value } : { f32: value }]);
      else if (key === 'tokenizer.ggml.tokens') metadata.push([key, { strings: [...(value as string[]), 'extra'] }]);
      else if (key === 'tokenizer.ggml.merges') metadata.push([key, { strings: value as string[] }]);
    }
    const tensors = [];
    for (const { name, type, shape } of gguf.tensors.values())
      tensors.push({ name, type, shape, bytes: await gguf.readTensor(name) });
    const file = new File([writeGguf({ metadata, tensors })], 'larger.gguf');
    await expect(openModel(file)).rejects.toMatchObject({
      code: 'invalidFile',
      message: expect.stringContaining('321 tokens'),
    });
  });
});

describe('an address', () => {
  const shards = (): Map<string, Uint8Array<ArrayBuffer>> => {
    const metadata = (no: number): Record<string, MetadataValue> => ({
      'split.no': { u32: no },
      'split.count': { u32: 2 },
    });
    return new Map([
      ['https://x.example/m-00001-of-00002.gguf', writeGguf({ metadata: metadata(0) })],
      ['https://x.example/m-00002-of-00002.gguf', writeGguf({ metadata: metadata(1) })],
    ]);
  };

  test('of the first shard fetches the others', async () => {
    const files = shards();
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url);
      return new Response(files.get(url));
    });
    // The shards hold no model; what counts is that both were fetched and joined.
    await expect(openModel('https://x.example/m-00001-of-00002.gguf')).rejects.toMatchObject({
      message: expect.stringContaining('general.architecture'),
    });
    expect(asked).toEqual([...files.keys()]);
  });

  test('of a model has its hash', async () => {
    vi.stubGlobal('fetch', async () => new Response(TINY));
    const model = await openModel('https://x.example/tiny.gguf');
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(model.id).toBe('https://x.example/tiny.gguf');
    model.close();
  });

  test('that is none is an unknown id', async () => {
    await expect(openModel('gpt-5')).rejects.toMatchObject({
      code: 'invalidConfig',
      message: expect.stringContaining(DEFAULT_MODEL_ID),
    });
  });
});

describe('the catalogue', () => {
  test('the embedded model has the size and hash that it states', async () => {
    const blob = await openAsBlob(EMBEDDED_MODEL_PATH);
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url);
      return new Response(blob.stream());
    });
    const model = await openModel(DEFAULT_MODEL_ID);
    const [entry] = CATALOGUE;
    expect(asked).toEqual([entry?.url]);
    expect(model).toMatchObject({ id: DEFAULT_MODEL_ID, name: 'SmolLM2 135M Instruct', license: 'Apache-2.0' });
    expect(model.sha256).toBe(entry?.sha256);
    model.close();
  });

  test('a changed file under its address is refused', async () => {
    vi.stubGlobal('fetch', async () => new Response(TINY));
    await expect(openModel(DEFAULT_MODEL_ID)).rejects.toHaveProperty('code', 'integrityFailed');
  });
});

test('an aborted signal stops before anything is read', async () => {
  const file = new File([TINY], 'tiny.gguf');
  await expect(openModel(file, { signal: AbortSignal.abort() })).rejects.toHaveProperty('code', 'cancelled');
});
