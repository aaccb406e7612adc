import { openAsBlob } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readVocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { CATALOGUE, DEFAULT_MODEL_ID } from '@/protocol/model-catalogue.ts';
import { EMBEDDED_MODEL_PATH, readGoldenBytes } from '@/testing/gguf-golden.ts';
import { expectFailure } from '@/testing/expect-failure.ts';
import { chosenFiles, writeHfTokenizer, type FolderFiles } from '@/testing/write-hf-folder.ts';
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

describe('a folder', () => {
  const goldenFile = (name: string): Uint8Array<ArrayBuffer> => readGoldenBytes(`tiny/qwen3/${name}`);
  const folderFiles = async (): Promise<FolderFiles> => {
    using gguf = await openGguf([bytesSource('tiny.gguf', TINY)]);
    const vocabulary = readVocabulary(gguf.metadata, 'tiny.gguf');
    const config = { 'config.json': goldenFile('config.json'), 'model.safetensors': goldenFile('model.safetensors') };
    return { ...config, ...writeHfTokenizer(vocabulary, '{{ messages }}') };
  };
  const served = (files: FolderFiles, base: string): { readonly asked: string[] } => {
    const asked: string[] = [];
    const byName = new Map(chosenFiles(files).map((file) => [base + file.name, file]));
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url);
      const file = byName.get(url);
      return file === undefined ? new Response('', { status: 404 }) : new Response(file);
    });
    return { asked };
  };

  test('of the user opens with everything that the engine needs', async () => {
    const files = [...chosenFiles(await folderFiles()), new File(['# Tiny'], 'README.md')];
    const model = await openModel(files);
    const gguf = await openModel(new File([TINY], 'tiny.gguf'));
    expect(model).toMatchObject({ format: 'safetensors', id: 'Your folder', sha256: null });
    expect(model.fileBytes).toBe(goldenFile('model.safetensors').length);
    expect({ ...model.config, rmsNormEps: Math.fround(model.config.rmsNormEps) }).toEqual(gguf.config);
    expect(model.tokenizer.idOf('<think>')).toBe(318);
    expect(model.chatTemplate).toBe('{{ messages }}');
    model.close();
    gguf.close();
  });

  test('is known by its name; what lies in folders below does not belong to it', async () => {
    const files = chosenFiles({ ...(await folderFiles()), 'onnx/config.json': '{}' });
    for (const file of files) Object.defineProperty(file, 'webkitRelativePath', { value: `Tiny-Qwen3/${file.name}` });
    const model = await openModel(files);
    expect(model).toMatchObject({ id: 'Tiny-Qwen3', name: 'Tiny-Qwen3' });
    model.close();
  });

  test.each(['q8', 'q4'] as const)('is quantised to %s on request, as a GGUF file is', async (quantization) => {
    const fromFolder = await openModel(chosenFiles(await folderFiles()), { quantization });
    const fromFile = await openModel(new File([TINY], 'tiny.gguf'), { quantization });
    expect(fromFolder.weights.tensorTypes()).toEqual(fromFile.weights.tensorTypes());
    const name = 'blk.1.attn_k.weight';
    expect(await fromFolder.weights.readTensor(name)).toEqual(await fromFile.weights.readTensor(name));
    fromFolder.close();
    fromFile.close();
  });

  test.each([
    ['an address that ends in a slash', 'http://localhost:1/m/tiny/', 'http://localhost:1/m/tiny/'],
    ['an address without', 'http://localhost:1/m/tiny?x=1', 'http://localhost:1/m/tiny/'],
    ['a repository', 'hf:owner/Tiny-Qwen3', 'https://huggingface.co/owner/Tiny-Qwen3/resolve/main/'],
    ['its page', 'https://huggingface.co/owner/t.y', 'https://huggingface.co/owner/t.y/resolve/main/'],
    ['a branch', 'https://huggingface.co/o/t/tree/v2/', 'https://huggingface.co/o/t/resolve/v2/'],
  ])('opens from %s', async (_, source, base) => {
    const { asked } = served(await folderFiles(), base);
    const model = await openModel(source);
    expect(model).toMatchObject({ format: 'safetensors', id: source });
    // Of files on Hugging Face the list of the repository is asked too, for their hashes.
    const files = asked.filter((url) => !url.startsWith('https://huggingface.co/api/'));
    expect(files.every((url) => url.startsWith(base))).toBe(true);
    expect(asked).toContain(`${base}generation_config.json`);
    model.close();
  });

  test('at an address that answers web pages for what is not there is the same', async () => {
    const base = 'http://localhost:1/m/';
    const files = new Map(chosenFiles(await folderFiles()).map((file) => [base + file.name, file]));
    const page = (): Response => new Response('<html>', { headers: { 'content-type': 'text/html' } });
    vi.stubGlobal('fetch', async (url: string) => {
      const file = files.get(url);
      return file === undefined ? page() : new Response(file);
    });
    const model = await openModel(base);
    expect(model.format).toBe('safetensors');
    model.close();
  });

  test('a file without an ending is no folder', async () => {
    const url = 'https://x.example/tiny';
    vi.stubGlobal('fetch', async (asked: string) =>
      asked === url ? new Response(TINY) : new Response('', { status: 404 }),
    );
    const model = await openModel(url);
    expect(model.format).toBe('gguf');
    model.close();
  });

  test('that was never opened is not taken for an empty one without a network', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('offline');
    });
    await expectFailure(openModel('https://x.example/m/'), 'downloadFailed', 'offline', 'mlc-chat-config.json');
  });

  test('a server that fails is not taken for one without the file', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 503 }));
    await expectFailure(openModel('https://x.example/m/'), 'downloadFailed', '503', 'mlc-chat-config.json');
  });

  test('that holds no model says which files are needed', async () => {
    served({}, '');
    await expectFailure(openModel('hf:owner/nothing'), 'invalidFile', 'owner/nothing', 'config.json');
    const lone = [new File(['{}'], 'config.json'), new File(['{}'], 'tokenizer.json')];
    await expectFailure(openModel(lone), 'invalidFile', 'config.json and 1 more', '.safetensors', '.gguf');
    await expectFailure(openModel(new File(['x'], 'notes.txt')), 'invalidFile', 'notes.txt', '.gguf');
    const { 'tokenizer.json': _left, ...rest } = await folderFiles();
    await expectFailure(openModel(chosenFiles(rest)), 'invalidFile', 'tokenizer.json');
    const twice = [...chosenFiles(await folderFiles()), new File(['{}'], 'config.json')];
    await expectFailure(openModel(twice), 'invalidConfig', 'config.json');
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
