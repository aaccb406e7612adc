// The suffix means "in a real browser": the origin private file system is what these tests are about.
import { beforeEach, expect, test } from 'vitest';
import { DEFAULT_LORA } from '@/protocol/training.ts';
import { openPrivateFolder, type Folder } from '@/engine/loading/opfs.ts';
import { TINY_LLAMA_SHAPE, seededAdapter } from '@/testing/seeded-adapter.ts';
import { initialAdapter } from './adapter-layout.ts';
import { ADAPTERS_FOLDER, openAdapterStore } from './adapter-store.ts';
import type { Checkpoint } from './checkpoint.ts';
import { CHECKPOINTS_FOLDER, openCheckpointStore } from './checkpoint-store.ts';

const CREATED = '2026-11-26T12:00:00.000Z';
const LATER = '2026-11-27T12:00:00.000Z';

async function emptyFolder(name: string): Promise<Folder> {
  const folder = await openPrivateFolder(name);
  if (folder === null) throw new Error('There is no private file system.');
  for await (const file of folder.keys()) await folder.removeEntry(file);
  return folder;
}

let adapters: Folder;
let checkpoints: Folder;

beforeEach(async () => {
  adapters = await emptyFolder(ADAPTERS_FOLDER);
  checkpoints = await emptyFolder(CHECKPOINTS_FOLDER);
});

test('adapters: create, list, rename, save, duplicate, delete', async () => {
  const store = await openAdapterStore(adapters);
  const first = initialAdapter(DEFAULT_LORA, TINY_LLAMA_SHAPE, 1);
  const about = { name: 'fair', baseModelName: 'tiny', baseModelSha256: 'ab', step: 0, createdAt: CREATED };
  const id = await store.create(first, about);
  expect(await store.read(id, TINY_LLAMA_SHAPE)).toEqual({ adapter: first, info: { ...about, config: DEFAULT_LORA } });

  const copy = await store.duplicate(id, 'fair, copy', LATER);
  const trained = seededAdapter(DEFAULT_LORA, TINY_LLAMA_SHAPE);
  await store.rename(id, 'fairer');
  await store.save(id, trained, 12);

  const again = await openAdapterStore(adapters);
  const infos = new Map((await again.list()).map((entry) => [entry.id, entry.state === 'whole' ? entry.info : null]));
  expect(infos.get(id)).toEqual({ ...about, config: DEFAULT_LORA, name: 'fairer', step: 12 });
  expect(infos.get(copy)).toEqual({ ...about, config: DEFAULT_LORA, name: 'fair, copy', createdAt: LATER });
  expect((await again.read(id, TINY_LLAMA_SHAPE)).adapter).toEqual(trained);
  expect((await again.read(copy, TINY_LLAMA_SHAPE)).adapter).toEqual(first);
  await expect(again.read(id, { ...TINY_LLAMA_SHAPE, hiddenSize: 32 })).rejects.toHaveProperty(
    'code',
    'invalidAdapter',
  );

  await again.delete(id);
  await expect(again.read(id, TINY_LLAMA_SHAPE)).rejects.toMatchObject({ details: { reason: 'missing' } });
  expect((await again.list()).map((entry) => entry.id)).toEqual([copy]);
});

test('checkpoints: the newest three of each run', async () => {
  const store = await openCheckpointStore(checkpoints);
  const { tensors } = seededAdapter(DEFAULT_LORA, TINY_LLAMA_SHAPE);
  const at = (step: number): Checkpoint => ({
    adapter: DEFAULT_LORA,
    params: tensors,
    expAvg: tensors,
    expAvgSq: tensors,
    step,
    rngState: [step],
    dataPosition: step,
    settings: {},
    metrics: [],
    createdAt: CREATED,
  });
  // A run that goes back to step 2 goes on with lower steps; what was saved last is the newest.
  for (const step of [8, 9, 10, 11, 3]) await store.save('a', 'r1', at(step));
  await store.save('a', 'r2', at(1));
  await store.save('b', 'r1', at(1));
  const stepsOf = async (adapterId: string, runId?: string): Promise<unknown[]> =>
    (await store.list(adapterId, runId)).map((entry) => (entry.state === 'whole' ? entry.info.step : entry.reason));
  expect(await stepsOf('a', 'r1')).toEqual([3, 11, 10]);
  expect(await stepsOf('a')).toEqual([3, 11, 10, 1]);
  const [newest] = await store.list('a', 'r1');
  expect(await store.read(newest?.id ?? '', TINY_LLAMA_SHAPE)).toEqual(at(3));

  // A damaged one does not count among those that are kept.
  await checkpoints.removeEntry(`${newest?.id}.1.data`);
  await store.save('a', 'r1', at(4));
  expect(await stepsOf('a', 'r1')).toEqual([4, expect.stringContaining('missing'), 11, 10]);

  await store.deleteAll('a');
  expect(await stepsOf('a')).toEqual([]);
  expect(await stepsOf('b')).toEqual([1]);
  expect(await store.read('none', TINY_LLAMA_SHAPE)).toBeNull();
});
