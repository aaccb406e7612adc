import { useMemo, useState } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { StorageCheck, StoredModel } from '@/protocol/model-storage.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { refusalOf, type Refusal } from './refusal.ts';

/** A check under way. */
export interface RunningCheck {
  readonly id: string;
  readonly progress: LoadProgress | null;
  readonly cancel: () => void;
}

/** What became of the last action; each has its place on the screen. */
export interface StorageOutcome {
  readonly failure: (Refusal & { readonly what: string }) | null;
  /** By model, of this session. */
  readonly findings: Readonly<Record<string, StorageCheck>>;
  /** Whether the browser promised to keep everything; null before it was asked. */
  readonly persistence: boolean | null;
}

/** A model that is fetched to be kept. */
export type RunningKeep = Pick<RunningCheck, 'progress' | 'cancel'>;

export interface StorageActions {
  readonly refresh: () => Promise<void>;
  readonly remove: (models: readonly StoredModel[]) => Promise<void>;
  readonly check: (model: StoredModel) => Promise<void>;
  /** Fetches a model of the catalogue without loading it. */
  readonly keep: (modelId: string) => Promise<void>;
  readonly requestPersistence: () => Promise<void>;
}

export interface Storage extends StorageActions {
  readonly outcome: StorageOutcome;
  readonly running: RunningCheck | null;
  readonly keeping: RunningKeep | null;
}

const NOTHING: StorageOutcome = { failure: null, findings: {}, persistence: null };

/** The storage manager's actions. The report itself stands in the store. */
export function useStorage(): Storage {
  const duet = useDuet();
  const store = useAppStore();
  const [outcome, setOutcome] = useState<StorageOutcome>(NOTHING);
  const [running, setRunning] = useState<RunningCheck | null>(null);
  const [keeping, setKeeping] = useState<RunningKeep | null>(null);
  const actions = useMemo((): StorageActions => {
    const update = (change: Partial<StorageOutcome>): void => setOutcome((before) => ({ ...before, ...change }));
    const report = async (): Promise<void> => store.getState().storageReported(await duet.storage.report());
    /** The report is taken anew in any case: what failed may have been done in part. */
    const act = async (what: string, action: () => Promise<void>): Promise<void> => {
      update({ failure: null });
      try {
        await action();
        await report();
      } catch (error) {
        const refusal = refusalOf(error);
        update({ failure: refusal === null ? null : { what, ...refusal } });
        await report().catch(() => undefined);
      }
    };
    return {
      refresh: () => act('The storage could not be read', async () => undefined),
      remove: (models) => act('Not all of it was deleted', () => duet.storage.remove(models.map(({ id }) => id))),
      check: (model) =>
        act(`${model.name} was not checked`, async () => {
          const controller = new AbortController();
          const cancel = (): void => controller.abort();
          const show = (progress: LoadProgress | null): void => setRunning({ id: model.id, progress, cancel });
          show(null);
          try {
            const found = await duet.storage.verify(model.id, { onProgress: show, signal: controller.signal });
            setOutcome((before) => ({ ...before, findings: { ...before.findings, [model.id]: found } }));
          } finally {
            setRunning(null);
          }
        }),
      keep: (modelId) =>
        act('The model was not kept', async () => {
          const controller = new AbortController();
          const cancel = (): void => controller.abort();
          const show = (progress: LoadProgress | null): void => setKeeping({ progress, cancel });
          show(null);
          try {
            await duet.storage.keep(modelId, { onProgress: show, signal: controller.signal });
          } finally {
            setKeeping(null);
          }
        }),
      requestPersistence: () =>
        act('The browser was not asked', async () => {
          update({ persistence: await duet.storage.requestPersistence() });
        }),
    };
  }, [duet, store]);
  return { ...actions, outcome, running, keeping };
}
