import { beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { MemoryWebLlmStore } from '@/testing/memory-web-llm-store.ts';
import { writeTinyMlcFolder } from '@/testing/tiny-mlc-folder.ts';
import { openMlcFolder } from './mlc-folder.ts';
import { webLlmBaseUrl, webLlmFolder, type FetchFile } from './web-llm-folder.ts';

const MODEL = 'https://x.example/mlc-ai/tiny-MLC';
const BASE = `${MODEL}/resolve/main/`;
const SHARD = 'params_shard_1.bin';
const NEEDED = [
  'mlc-chat-config.json',
  'params_shard_0.bin',
  'params_shard_1.bin',
  'params_shard_2.bin',
  'tensor-cache.json',
  'tokenizer.json',
];

let files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

beforeAll(async () => {
  ({ files } = await writeTinyMlcFolder('qwen3'));
});

/** A server with the model's files, and what was asked of it. */
function server(changes: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {}): {
  fetch: FetchFile;
  asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    async fetch(url) {
      const name = url.replace(BASE, '');
      asked.push(name);
      const bytes = changes[name] ?? files.get(name);
      if (bytes !== undefined) return bytes;
      throw new Failure<FailureCode>('downloadFailed', `${url} answered 404.`, { url, status: 404 });
    },
  };
}

const offline: FetchFile = async (url) => {
  throw new Failure<FailureCode>('downloadFailed', `${url} cannot be reached.`);
};

function stores(): [MemoryWebLlmStore, MemoryWebLlmStore] {
  return [new MemoryWebLlmStore('webLlmCache'), new MemoryWebLlmStore('webLlmIndexedDb')];
}

function fill(store: MemoryWebLlmStore, without: readonly string[] = []): void {
  for (const [name, bytes] of files) if (!without.includes(name)) store.files.set(BASE + name, bytes.slice());
}

async function load(from: readonly MemoryWebLlmStore[], fetch: FetchFile): Promise<number> {
  using weights = (await openMlcFolder(webLlmFolder(MODEL, from, {}, fetch))).weights;
  let numBytes = 0;
  for (const name of weights.tensors.keys()) numBytes += (await weights.readTensor(name)).length;
  return numBytes;
}

const damaged = (change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  change((files.get(SHARD) ?? new Uint8Array()).slice());

test.each([
  ['https://huggingface.co/mlc-ai/X', 'https://huggingface.co/mlc-ai/X/resolve/main/'],
  ['https://huggingface.co/mlc-ai/X/', 'https://huggingface.co/mlc-ai/X/resolve/main/'],
  ['https://huggingface.co/mlc-ai/X/resolve/v2', 'https://huggingface.co/mlc-ai/X/resolve/v2/'],
  ['https://huggingface.co/mlc-ai/X/resolve/v2/', 'https://huggingface.co/mlc-ai/X/resolve/v2/'],
])('the keys of %s begin with %s', (model, base) => {
  expect(webLlmBaseUrl(model)).toBe(base);
});

test('what nobody has is fetched once and left where web-llm looks for it', async () => {
  const both = stores();
  const { fetch, asked } = server();
  const numBytes = await load(both, fetch);
  expect([...both[0].files.keys()].toSorted()).toEqual(NEEDED.map((name) => BASE + name));
  for (const name of NEEDED) expect(both[0].files.get(BASE + name)).toEqual(files.get(name));
  expect(both[1].files.size).toBe(0);
  asked.length = 0;
  expect(await load(both, fetch)).toBe(numBytes);
  expect(asked.filter((name) => NEEDED.includes(name))).toEqual([]);
});

test('what web-llm has is used without the network', async () => {
  const both = stores();
  fill(both[1]);
  await load(both, offline);
  expect(both[0].files.size).toBe(0);
});

test('the older name of the index is found without the network too', async () => {
  const both = stores();
  fill(both[0], ['tensor-cache.json']);
  both[0].files.set(`${BASE}ndarray-cache.json`, (files.get('tensor-cache.json') ?? new Uint8Array()).slice());
  await load(both, offline);
});

test('a file that is missing goes into the store that has the others', async () => {
  const both = stores();
  fill(both[1], [SHARD]);
  const { fetch, asked } = server();
  await load(both, fetch);
  expect(asked).toContain(SHARD);
  expect(both[1].files.get(BASE + SHARD)).toEqual(files.get(SHARD));
  expect(both[0].files.size).toBe(0);
});

describe('a stored shard that is not what the index says is fetched again', () => {
  test.each([
    ['empty', () => new Uint8Array()],
    ['too short', (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, -1)],
    ['one bit flipped', (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => (i === 99 ? byte ^ 16 : byte))],
  ])('%s', async (_, change) => {
    const both = stores();
    fill(both[0]);
    both[0].files.set(BASE + SHARD, damaged(change));
    const { fetch, asked } = server();
    await load(both, fetch);
    expect(asked).toContain(SHARD);
    expect(both[0].files.get(BASE + SHARD)).toEqual(files.get(SHARD));
  });

  test('unless another store has a good one', async () => {
    const both = stores();
    fill(both[0]);
    fill(both[1]);
    both[0].files.set(
      BASE + SHARD,
      damaged((bytes) => bytes.slice(1)),
    );
    await load(both, offline);
  });
});

describe('what cannot be right is not kept', () => {
  test.each([
    ['too short', (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, -1)],
    ['another content', (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(1)],
  ])('%s', async (_, change) => {
    const both = stores();
    const { fetch } = server({ [SHARD]: damaged(change) });
    await expect(load(both, fetch)).rejects.toMatchObject({
      code: 'integrityFailed',
      message: expect.stringContaining(SHARD),
    });
    expect(both[0].files.has(BASE + SHARD)).toBe(false);
  });

  test('a shard that the server lacks', async () => {
    const { fetch } = server();
    const lacking: FetchFile = async (url, options) => fetch(url.endsWith(SHARD) ? `${url}.missing` : url, options);
    await expect(load(stores(), lacking)).rejects.toMatchObject({ code: 'invalidFile' });
  });
});

test('a shard that is not there and cannot be fetched is an error', async () => {
  const both = stores();
  fill(both[0], [SHARD]);
  await expect(load(both, offline)).rejects.toHaveProperty('code', 'downloadFailed');
  await expect(load(stores(), offline)).rejects.toHaveProperty('code', 'downloadFailed');
});

test('a damaged shard is not used without the network, and the error says what is damaged', async () => {
  const [cache] = stores();
  fill(cache);
  cache.files.set(
    BASE + SHARD,
    damaged((bytes) => bytes.fill(1, 50, 60)),
  );
  await expect(load([cache], offline)).rejects.toMatchObject({
    code: 'downloadFailed',
    message: expect.stringMatching(/^params_shard_1\.bin: the copy .* is damaged, .*cannot be reached/),
  });
});

test('a store that refuses to be read or written does not go unnoticed', async () => {
  const [broken, sound] = stores();
  broken.read = async () => {
    throw new DOMException('private window', 'SecurityError');
  };
  fill(sound);
  await load([broken, sound], offline);
  const full = new MemoryWebLlmStore('webLlmCache');
  full.write = async () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  await expect(load([full], server().fetch)).rejects.toMatchObject({
    code: 'downloadFailed',
    message: expect.stringContaining('storage'),
  });
});

test('without any store the model is loaded all the same', async () => {
  await load([], server().fetch);
});

test('a copy that is deleted while it is read is an error, not other weights', async () => {
  const both = stores();
  fill(both[0]);
  const folder = webLlmFolder(MODEL, both, {}, offline);
  const expected = { sizeBytes: files.get(SHARD)?.length ?? 0, md5: null };
  const source = await folder.open(SHARD, expected);
  expect(await source?.read(2, 4)).toEqual(files.get(SHARD)?.slice(2, 6));
  for (const number of [0, 2]) await folder.open(`params_shard_${number}.bin`);
  expect(await source?.read(2, 4)).toEqual(files.get(SHARD)?.slice(2, 6));
  for (const number of [0, 2]) await (await folder.open(`params_shard_${number}.bin`))?.read(0, 1);
  both[0].files.set(BASE + SHARD, new Uint8Array(3));
  await expect(source?.read(2, 4)).rejects.toMatchObject({ code: 'invalidFile' });
});
