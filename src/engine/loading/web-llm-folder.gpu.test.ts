// The suffix means "in a real browser": web-llm's own code and its stores are what this test is about.
import { deleteModelAllInfoInCache, hasModelInCache, type AppConfig } from '@mlc-ai/web-llm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bytesSource } from './byte-source.ts';
import { openGguf } from './gguf.ts';
import { readVocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { goldenUrl } from '@/testing/load-gpu-model.ts';
import type { CheckpointConfig } from '@/testing/reference-model.ts';
import { tinyTokenizerJson, type TinyVocabulary } from '@/testing/tiny-tokenizer-json.ts';
import { fetchGoldenJson, fetchGoldenTensors } from '@/testing/training-golden.ts';
import { chosenFiles, writeHfTokenizer } from '@/testing/write-hf-folder.ts';
import { writeMlcFolder } from '@/testing/write-mlc-folder.ts';
import { openModel } from './open-model.ts';

const MODEL = 'https://models.example/duet/tiny-MLC';

async function clear(): Promise<void> {
  for (const name of await caches.keys()) await caches.delete(name);
}

beforeEach(clear);

afterEach(async () => {
  vi.unstubAllGlobals();
  await clear();
});

async function tinyFiles(): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  return writeMlcFolder({
    checkpoint: await fetchGoldenJson<CheckpointConfig>('tiny/qwen3/config.json'),
    tensors: await fetchGoldenTensors('tiny/qwen3/model.safetensors'),
    tokenizer: tinyTokenizerJson(await fetchGoldenJson<TinyVocabulary>('tiny/vocab.json')),
    quantization: 'q4f16_1',
  }).files;
}

test('what our engine loads, web-llm has, and what web-llm deletes, our engine fetches again', async () => {
  const files = await tinyFiles();
  const appConfig: AppConfig = { model_list: [{ model: MODEL, model_id: 'tiny', model_lib: `${MODEL}/tiny.wasm` }] };
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (input: string) => {
    const name = input.replace(`${MODEL}/resolve/main/`, '');
    asked.push(name);
    const bytes = files.get(name);
    return bytes === undefined ? new Response('', { status: 404 }) : new Response(bytes);
  });
  const open = async (): Promise<void> => {
    const model = await openModel(`${MODEL}/resolve/main/`);
    expect(model.format).toBe('mlc');
    await model.weights.readTensor('token_embd.weight');
    model.close();
  };
  const shards = (): string[] => asked.filter((name) => name.endsWith('.bin'));
  expect(await hasModelInCache('tiny', appConfig)).toBe(false);
  await open();
  expect(shards()).toHaveLength(3);
  expect(await hasModelInCache('tiny', appConfig)).toBe(true);
  await open();
  expect(shards()).toHaveLength(3);
  await deleteModelAllInfoInCache('tiny', appConfig);
  expect(await hasModelInCache('tiny', appConfig)).toBe(false);
  await open();
  expect(shards()).toHaveLength(6);
});

test('a repository in safetensors opens again without a network', async () => {
  const base = 'https://models.example/duet/tiny/resolve/main/';
  const bytesOf = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await (await fetch(goldenUrl(`tiny/qwen3/${name}`))).arrayBuffer());
  using gguf = await openGguf([bytesSource('tiny', await bytesOf('tiny-qwen3-F32.gguf'))]);
  const contents = {
    'config.json': await bytesOf('config.json'),
    'model.safetensors': await bytesOf('model.safetensors'),
    ...writeHfTokenizer(readVocabulary(gguf.metadata, gguf.fileName), null),
  };
  const files = new Map(chosenFiles(contents).map((file) => [base + file.name, file]));
  let isOnline = true;
  vi.stubGlobal('fetch', async (url: string) => {
    if (!isOnline) throw new TypeError('Failed to fetch');
    const file = files.get(url);
    return file === undefined ? new Response('', { status: 404 }) : new Response(file);
  });
  for (isOnline of [true, false]) {
    const model = await openModel(base);
    expect(model.format).toBe('safetensors');
    model.close();
  }
});
