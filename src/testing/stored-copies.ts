/** The folder of model copies in a browser, behind the engine's back, and a worker that loads into it. */
import { wrap, type Remote } from 'comlink';
import { openModelStore } from '@/engine/loading/model-store.ts';
import type { DownloadWorkerApi } from './download-worker.ts';

const FOLDER = 'duet-models';

export async function openCopies(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}

export async function copyNames(): Promise<string[]> {
  const found: string[] = [];
  for await (const name of (await openCopies()).keys()) found.push(name);
  return found;
}

export async function clearCopies(): Promise<void> {
  for (const name of await copyNames()) await (await openCopies()).removeEntry(name);
}

/** Replaces the data of a copy. */
export async function damageCopy(
  url: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Promise<void> {
  const store = await openModelStore();
  const handle = await store?.dataFile(url);
  if (!handle) throw new Error('There is no copy to damage.');
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const writable = await handle.createWritable();
  await writable.write(change(bytes));
  await writable.close();
}

export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The engine's usual place: a dedicated worker. */
export function startDownloadWorker(): Disposable & { readonly remote: Remote<DownloadWorkerApi> } {
  const worker = new Worker(new URL('download-worker.ts', import.meta.url), { type: 'module' });
  return { remote: wrap<DownloadWorkerApi>(worker), [Symbol.dispose]: () => worker.terminate() };
}
