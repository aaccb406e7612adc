import { useMemo, useState } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import { FAILURES } from '@/protocol/failures.ts';
import type { AdapterInfo, CheckpointInfo, FileBytes } from '@/protocol/training-api.ts';
import type { LoraConfig } from '@/protocol/training.ts';
import { toStoredFailure } from '@/state/failure-message.ts';
import { saveFile } from '@/ui/save-file.ts';
import { MAX_NAME_LENGTH } from './lora-form.ts';

/** What became of the last action. */
export type Outcome =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'refused'; readonly what: string; readonly why: string; readonly remedy: string };

/** Each settles with whether it was done; what it was, or why not, is the outcome. */
export interface AdapterActions {
  create(name: string, config: LoraConfig): Promise<boolean>;
  rename(adapter: AdapterInfo, name: string): Promise<boolean>;
  duplicate(adapter: AdapterInfo): Promise<boolean>;
  remove(adapter: AdapterInfo): Promise<boolean>;
  attach(adapter: AdapterInfo, blend?: number): Promise<boolean>;
  detach(): Promise<boolean>;
  exportZip(adapter: AdapterInfo): Promise<boolean>;
  importFiles(files: readonly File[]): Promise<boolean>;
  saveCheckpoint(): Promise<boolean>;
  goBack(checkpoint: CheckpointInfo): Promise<boolean>;
}

export interface Adapters extends AdapterActions {
  readonly outcome: Outcome | null;
}

/** The adapters' actions, and what became of the last one. */
export function useAdapters(): Adapters {
  const duet = useDuet();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const actions = useMemo(() => createAdapterActions(duet, setOutcome), [duet]);
  return { ...actions, outcome };
}

/** @param report  gets null when the action needs no word, since the page shows its effect */
function createAdapterActions({ training }: DuetApi, report: (outcome: Outcome | null) => void): AdapterActions {
  const act = async (what: string, action: () => Promise<string | null>): Promise<boolean> => {
    try {
      const text = await action();
      report(text === null ? null : { kind: 'done', text });
      return true;
    } catch (error) {
      const { code, message } = toStoredFailure(error as { code: string; message: string });
      report({ kind: 'refused', what, why: message, remedy: FAILURES[code] });
      return false;
    }
  };
  return {
    create: (name, config) =>
      act('The adapter was not made', async () => {
        await training.createAdapter({ name, config });
        return `“${name.trim()}” is there and attached. A new adapter changes nothing until it is trained.`;
      }),
    rename: (adapter, name) =>
      act('The name was not changed', async () => {
        await training.renameAdapter(adapter.id, name);
        return null;
      }),
    duplicate: (adapter) =>
      act('The adapter was not duplicated', async () => {
        const copy = await training.duplicateAdapter(adapter.id, `${adapter.name.slice(0, MAX_NAME_LENGTH - 5)} copy`);
        return `“${copy.name}” has the weights of “${adapter.name}”, and no checkpoints.`;
      }),
    remove: (adapter) =>
      act('The adapter was not deleted', async () => {
        await training.deleteAdapter(adapter.id);
        return `“${adapter.name}” was deleted.`;
      }),
    attach: (adapter, blend = 1) =>
      act('The adapter was not attached', async () => {
        await training.attachAdapter(adapter.id, { blend });
        return null;
      }),
    detach: () =>
      act('The adapter was not detached', async () => {
        await training.attachAdapter(null);
        return null;
      }),
    exportZip: (adapter) =>
      act('The adapter was not exported', async () => {
        const files = await training.exportAdapter(adapter.id, 'zip');
        for (const { name, bytes } of files) saveFile(name, new Blob([bytes], { type: 'application/zip' }));
        return `“${adapter.name}” was exported in PEFT’s format.`;
      }),
    importFiles: (files) =>
      act('Nothing was imported', async () => {
        const read = await Promise.all(files.map(readFile));
        const { name } = await training.importAdapter(read, nameOfFiles(files));
        return `“${name}” was imported. Attach it to use it.`;
      }),
    saveCheckpoint: () =>
      act('The checkpoint was not saved', async () => {
        const { step } = await training.saveCheckpoint();
        return `A checkpoint of update ${step} was saved.`;
      }),
    goBack: (checkpoint) =>
      act('The adapter is as it was', async () => {
        await training.resume(checkpoint.id);
        return `The adapter is as it was after update ${checkpoint.step}.`;
      }),
  };
}

async function readFile(file: File): Promise<FileBytes> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

/** Of the .zip, without its ending; two loose files carry no name of their own. */
function nameOfFiles(files: readonly File[]): string {
  const zip = files.find(({ name }) => name.toLowerCase().endsWith('.zip'));
  const name = zip?.name.replace(/\.zip$/i, '').trim() ?? '';
  return name === '' ? 'Imported adapter' : name.slice(0, MAX_NAME_LENGTH);
}
