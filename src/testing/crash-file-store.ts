/** Interrupts a file store after each of its steps and looks what a new session finds. */
import { z } from 'zod';
import type { Folder } from '@/engine/loading/opfs.ts';
import { openFileStore, type FileStore } from '@/engine/adapters/file-store.ts';
import { Crash, failingFolder } from './failing-folder.ts';

const ID = 'a-file';
const infoSchema = z.string();
type Store = FileStore<string>;

const contentOf = (version: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: 5000 }, (_, i) => (i + version.length * 17) & 255);
const save = (store: Store, version: string): Promise<void> => store.put(ID, contentOf(version), version);

/** Name, what is there before, and what is interrupted. */
const SCENES = {
  'first version': [() => Promise.resolve(), (store: Store) => save(store, 'new!')],
  'second version': [(store: Store) => save(store, 'old'), (store: Store) => save(store, 'new!')],
  'other info': [(store: Store) => save(store, 'old'), (store: Store) => store.replaceInfo(ID, 'renamed')],
  delete: [(store: Store) => save(store, 'old'), (store: Store) => store.delete(ID)],
} as const;
export type CrashScene = keyof typeof SCENES;

/**
 * One text a step: what a session after the crash finds, and how many files there are then. The crash of session 2 comes
 * while it opens the store. The last text is of the run without a crash.
 */
export async function crashAtEachStep(folder: Folder, scene: CrashScene): Promise<string[]> {
  const [prepare, act] = SCENES[scene];
  const outcomes: string[] = [];
  for (let steps = 0, didCrash = true; didCrash; steps++) {
    for await (const name of folder.keys()) await folder.removeEntry(name);
    await prepare(await openFileStore(folder, infoSchema));
    didCrash = await crashes(folder, steps, async (failing) => act(await openFileStore(failing, infoSchema)));
    for (let sweeps = 0; await crashes(folder, sweeps, (failing) => openFileStore(failing, infoSchema)); sweeps++);
    const found = await (await openFileStore(folder, infoSchema)).get(ID);
    // A browser may hold an aborted file a little longer, so what is too much is given some more openings to go.
    const wanted = found === null ? 0 : 2;
    for (let tries = 0; tries < 20 && (await countFiles(folder)) > wanted; tries++)
      await openFileStore(folder, infoSchema);
    outcomes.push(`${describe(found)}, ${await countFiles(folder)} files`);
  }
  return outcomes;
}

async function countFiles(folder: Folder): Promise<number> {
  let count = 0;
  for await (const _ of folder.keys()) count++;
  return count;
}

/** @returns whether the attempt came so far, told of it or not */
async function crashes(
  folder: Folder,
  stepsBeforeCrash: number,
  attempt: (failing: Folder) => Promise<unknown>,
): Promise<boolean> {
  const failing = failingFolder(folder, stepsBeforeCrash);
  try {
    await attempt(failing);
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
  return failing.hasCrashed();
}

/** A file's info, if its content is that of the version, byte for byte. */
function describe(file: { readonly bytes: Uint8Array; readonly info: string } | null): string {
  if (file === null) return 'nothing';
  const wanted = contentOf(file.info === 'renamed' ? 'old' : file.info);
  const isSame = file.bytes.length === wanted.length && file.bytes.every((byte, i) => byte === wanted[i]);
  return isSame ? file.info : `damaged ${file.info}`;
}
