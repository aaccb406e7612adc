// The suffix means "in a real browser": web-llm's own code and its stores are what this test is about.
import { deleteModelAllInfoInCache, hasModelInCache, type AppConfig } from '@mlc-ai/web-llm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goldenUrl } from '@/testing/load-gpu-model.ts';
import { readSafetensors } from '@/testing/read-safetensors.ts';
import type { CheckpointConfig } from '@/testing/reference-model.ts';
import { tinyTokenizerJson, type TinyVocabulary } from '@/testing/tiny-tokenizer-json.ts';
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

async function readJson<T>(path: string): Promise<T> {
  return (await (await fetch(goldenUrl(path))).json()) as T;
}

async function tinyFiles(): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const safetensors = await fetch(goldenUrl('tiny/qwen3/model.safetensors'));
  return writeMlcFolder({
    checkpoint: await readJson<CheckpointConfig>('tiny/qwen3/config.json'),
    tensors: readSafetensors(new Uint8Array(await safetensors.arrayBuffer())),
    tokenizer: tinyTokenizerJson(await readJson<TinyVocabulary>('tiny/vocab.json')),
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
