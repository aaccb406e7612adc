import { afterEach, expect, test, vi } from 'vitest';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { writeTinyMlcFolder } from '@/testing/tiny-mlc-folder.ts';
import { readSafetensors } from '@/testing/read-safetensors.ts';
import { chosenFiles, writeHfWeights, type FolderFiles } from '@/testing/write-hf-folder.ts';
import { openModelHeader } from './open-model-header.ts';

const GGUF = new File([readGoldenBytes('tiny/qwen3/tiny-qwen3-F32.gguf')], 'tiny.gguf');
const WEIGHTS = readGoldenBytes('tiny/qwen3/model.safetensors');
const HF_FILES = {
  'config.json': readGoldenBytes('tiny/qwen3/config.json'),
  'model.safetensors': WEIGHTS,
};

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each(['none', 'q8', 'q4'] as const)(
  'a folder in safetensors has the tensors of its GGUF file, %s',
  async (quantization) => {
    const ofFile = await openModelHeader(GGUF, { quantization });
    const ofFolder = await openModelHeader(chosenFiles(HF_FILES), { quantization });
    const { rmsNormEps, ...config } = ofFolder.config;
    expect({ ...config, rmsNormEps: Math.fround(rmsNormEps) }).toEqual(ofFile.config);
    for (const { name, type, shape, sizeBytes } of ofFile.weights.tensors.values())
      expect(ofFolder.weights.tensor(name)).toMatchObject({ type, shape, sizeBytes });
    ofFile.weights[Symbol.dispose]();
    ofFolder.weights[Symbol.dispose]();
  },
);

/** A server of these files that sends weights in parts only. @returns bytes of weights that it has sent so far */
function serveFolder(files: FolderFiles): () => number {
  let sentBytes = 0;
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    const [file] = chosenFiles(files).filter(({ name }) => name === url.split('/').at(-1));
    if (file === undefined) return new Response('', { status: 404 });
    const range = /bytes=(\d+)-(\d+)/.exec(new Headers(init?.headers).get('range') ?? '');
    expect(range === null, url).toBe(!url.endsWith('.safetensors'));
    if (range === null) return new Response(file, { headers: { 'content-length': String(file.size) } });
    const part = file.slice(Number(range[1]), Number(range[2]) + 1);
    sentBytes += part.size;
    const headers = { 'content-range': `bytes ${range[1]}-${Number(range[1]) + part.size - 1}/${file.size}` };
    return new Response(part, { status: 206, headers });
  });
  return () => sentBytes;
}

test.each([
  ['one file', HF_FILES],
  [
    'shards',
    {
      'config.json': HF_FILES['config.json'],
      ...writeHfWeights([...readSafetensors(WEIGHTS).values()], { numShards: 2 }),
    },
  ],
])('of a folder at an address, in %s, only the small files are fetched whole', async (_name, files) => {
  const sentBytes = serveFolder(files);
  const { weights, config } = await openModelHeader('https://models.example/tiny/');
  expect(config.architecture).toBe('qwen3');
  expect(weights.tensors.size).toBeGreaterThan(10);
  expect(sentBytes()).toBeGreaterThan(0);
  weights[Symbol.dispose]();
});

test('nor are weights of a folder on the page’s own server, named by its path', async () => {
  const sentBytes = serveFolder(HF_FILES);
  const { weights } = await openModelHeader('/models/tiny/');
  expect(sentBytes()).toBeGreaterThan(0);
  weights[Symbol.dispose]();
});

test('of a folder with MLC weights no shard is read', async () => {
  const { files } = await writeTinyMlcFolder('qwen2');
  const withoutShards = [...files].filter(([name]) => !name.startsWith('params_shard'));
  const { weights, config } = await openModelHeader(chosenFiles(Object.fromEntries(withoutShards)));
  expect(config.architecture).toBe('qwen2');
  expect(weights.tensorTypes()['Q4_MLC']).toBeGreaterThan(0);
  weights[Symbol.dispose]();
});

test('Hugging Face’s page about a file stands for the file', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return new Response('', { status: 404 });
  });
  const page = 'https://huggingface.co/example/Tiny-GGUF/blob/main/tiny.gguf?download=true';
  await expect(openModelHeader(page)).rejects.toMatchObject({ code: 'downloadFailed' });
  expect(asked).toEqual(['https://huggingface.co/example/Tiny-GGUF/resolve/main/tiny.gguf?download=true']);
});
