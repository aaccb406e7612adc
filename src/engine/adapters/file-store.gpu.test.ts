// The suffix means "in a real browser": the origin private file system is what these tests are about.
import { wrap } from 'comlink';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { openPrivateFolder, type Folder } from '@/engine/loading/opfs.ts';
import { crashAtEachStep, type CrashScene } from '@/testing/crash-file-store.ts';
import type { FileStoreWorkerApi } from '@/testing/file-store-worker.ts';
import { openFileStore } from './file-store.ts';

const FOLDER = 'duet-test-files';
const BYTES = Uint8Array.from({ length: 3000 }, (_, i) => i & 255);
const infoSchema = z.object({ name: z.string() });

let folder: Folder;

beforeEach(async () => {
  const opened = await openPrivateFolder(FOLDER);
  if (opened === null) throw new Error('There is no private file system.');
  folder = opened;
  for (const name of await names()) await folder.removeEntry(name);
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const name of folder.keys()) found.push(name);
  return found.toSorted();
}

async function overwrite(
  name: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const writable = await handle.createWritable();
  await writable.write(change(bytes));
  await writable.close();
}

const flip = (index: number) => (bytes: Uint8Array<ArrayBuffer>) => bytes.with(index, (bytes[index] ?? 0) ^ 1);
const open = () => openFileStore(folder, infoSchema);

test('files are saved, listed, renamed, replaced and deleted', async () => {
  const store = await open();
  expect(await store.get('b')).toBeNull();
  await store.put('b', BYTES, { name: 'first ü 😀' });
  await store.put('a-2', new Uint8Array(), { name: 'empty' });
  const again = await open();
  expect(await again.get('b')).toEqual({ bytes: BYTES, info: { name: 'first ü 😀' } });
  await again.replaceInfo('b', { name: 'x'.repeat(5000) });
  await again.replaceInfo('b', { name: 'third' });
  expect(await store.list()).toEqual([
    { id: 'a-2', state: 'whole', sizeBytes: 0, info: { name: 'empty' } },
    { id: 'b', state: 'whole', sizeBytes: 3000, info: { name: 'third' } },
  ]);
  await store.put('b', BYTES.toReversed(), { name: 'fourth' });
  expect(await again.get('b')).toEqual({ bytes: BYTES.toReversed(), info: { name: 'fourth' } });
  expect((await names()).length).toBe(4);
  await store.delete('a-2');
  await store.delete('b');
  await store.delete('b');
  expect(await names()).toEqual([]);
  await expect(store.replaceInfo('b', { name: 'x' })).rejects.toMatchObject({ details: { reason: 'missing' } });
  expect(() => store.put('../b', BYTES, { name: 'x' })).toThrow(RangeError);
});

test('saves at once wait for each other', async () => {
  const [one, two] = await Promise.all([open(), open()]);
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => (i % 2 ? one : two).put('a', BYTES.slice(i), { name: `${i}` })),
  );
  expect((await one.get('a'))?.bytes).toEqual(BYTES.slice(7));
  expect((await names()).length).toBe(2);
});

describe('a crash at any step', () => {
  const expected: Record<CrashScene, readonly string[]> = {
    'first version': ['nothing, 0 files', 'new!, 2 files'],
    'second version': ['old, 2 files', 'new!, 2 files'],
    'other info': ['old, 2 files', 'renamed, 2 files'],
    delete: ['old, 2 files', 'nothing, 0 files'],
  };
  const scenes = Object.keys(expected) as CrashScene[];

  /** Old outcomes, then new ones, with both among them. */
  function check(scene: CrashScene, outcomes: readonly string[]): void {
    expect(outcomes.length).toBeGreaterThan(2);
    expect(outcomes.filter((text, i) => text !== outcomes[i - 1])).toEqual(expected[scene]);
  }

  test.each(scenes)('leaves the old or the new file: %s', async (scene) => {
    check(scene, await crashAtEachStep(folder, scene));
  });

  test('also in a worker, which writes in place', async () => {
    const worker = new Worker(new URL('../../testing/file-store-worker.ts', import.meta.url), { type: 'module' });
    const remote = wrap<FileStoreWorkerApi>(worker);
    try {
      for (const scene of scenes) check(scene, await remote.crash(FOLDER, scene));
    } finally {
      worker.terminate();
    }
  });
});

describe('damage is reported and never returned', () => {
  const cases: readonly (readonly [name: string, damage: () => Promise<unknown>, reason: string])[] = [
    ['a flipped bit of the content', () => overwrite('a.1.data', flip(1234)), 'not what was saved'],
    ['a flipped bit of the record', () => overwrite('a.1.record', flip(100)), 'record'],
    ['a flipped bit of its padding', () => overwrite('a.1.record', flip(4095)), 'record'],
    ['a record of zeros', () => overwrite('a.1.record', (bytes) => bytes.fill(0)), 'record'],
    ['a cut content', () => overwrite('a.1.data', (bytes) => bytes.slice(1)), 'length'],
    ['no content', () => folder.removeEntry('a.1.data'), 'missing'],
  ];
  test.each(cases)('%s', async (name, damage, reason) => {
    await (await open()).put('a', BYTES, { name: 'x' });
    await damage();
    const store = await open();
    const failure = { code: 'storageFailed', message: expect.stringContaining(reason), details: { reason: 'damaged' } };
    await expect(store.get('a')).rejects.toMatchObject(failure);
    const [entry] = await store.list();
    expect(entry).toMatchObject({ id: 'a', state: name === 'a flipped bit of the content' ? 'whole' : 'damaged' });
    await store.put('a', BYTES, { name: 'again' });
    expect((await store.get('a'))?.info.name).toBe('again');
    await store.delete('a');
    expect(await names()).toEqual([]);
  });

  test('info of another version of the code', async () => {
    await (await openFileStore(folder, z.number())).put('a', BYTES, 7);
    expect(await (await open()).list()).toMatchObject([{ state: 'damaged', reason: /version/ }]);
  });
});

test('a damaged new version does not hide the whole old one', async () => {
  const store = await open();
  await store.put('a', BYTES, { name: 'old' });
  await overwrite('a.2.data', () => BYTES.slice(5));
  await overwrite('a.2.record', () => new Uint8Array(4096).fill(65));
  expect((await (await open()).get('a'))?.info.name).toBe('old');
  expect((await names()).length).toBe(2);
});

test('without room the old version stays', async () => {
  const store = await open();
  await store.put('a', BYTES, { name: 'old' });
  vi.spyOn(FileSystemWritableFileStream.prototype, 'write').mockRejectedValue(
    new DOMException('full', 'QuotaExceededError'),
  );
  const failure = { code: 'storageFailed', message: expect.stringContaining('no room'), details: { reason: 'full' } };
  await expect(store.put('a', BYTES.slice(1), { name: 'new' })).rejects.toMatchObject(failure);
  await expect(store.replaceInfo('a', { name: 'new' })).rejects.toMatchObject(failure);
  vi.restoreAllMocks();
  expect(await store.get('a')).toEqual({ bytes: BYTES, info: { name: 'old' } });
  // The browser drops its own copy of an aborted file a little later; the next opening removes what is left.
  await vi.waitFor(async () => {
    await open();
    expect((await names()).length).toBe(2);
  });
});
