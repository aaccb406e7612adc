/** Runs the crashes of a file store in a dedicated worker, where files are written in place. */
import { expose } from 'comlink';
import { openPrivateFolder } from '@/engine/loading/opfs.ts';
import { crashAtEachStep, type CrashScene } from './crash-file-store.ts';

const api = {
  async crash(folderName: string, scene: CrashScene): Promise<string[]> {
    const folder = await openPrivateFolder(folderName);
    if (folder === null) throw new Error('There is no private file system.');
    return crashAtEachStep(folder, scene);
  },
};

export type FileStoreWorkerApi = typeof api;

expose(api);
