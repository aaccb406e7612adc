import { useMemo } from 'react';
import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { useDuet } from '@/client/engine-context.tsx';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { RebuildProgress } from '@/protocol/attention.ts';
import type { AppState } from '@/state/app-store.ts';
import { useAppStore } from '@/state/use-app-state.ts';

export interface CheckDriver {
  /** Recomputes a step of the run that is shown; the run may go on meanwhile. */
  readonly start: (step: number) => void;
  readonly cancel: () => void;
}

export function useCheck(): CheckDriver {
  const duet = useDuet();
  const store = useAppStore();
  return useMemo(() => createCheckDriver(duet, store), [duet, store]);
}

/** What the driver needs of `window.duet`. */
type Checker = Pick<DuetApi, 'check' | 'traceSoFar'>;

export function createCheckDriver(duet: Checker, store: StoreApi<AppState>): CheckDriver {
  let current: AbortController | undefined;

  async function check(step: number, { signal }: AbortController): Promise<void> {
    const { reasoning, checkStarted } = store.getState();
    const batcher = createFrameBatcher<RebuildProgress>((events) => {
      const newest = events.at(-1);
      if (newest !== undefined && !signal.aborted) store.getState().checkProgressed(newest);
    });
    checkStarted(reasoning.setup, step);
    try {
      const trace = reasoning.trace ?? (await duet.traceSoFar());
      if (trace === null) throw new Failure('internal', 'The run has no trace yet. Try again after its next step.');
      const report = await duet.check({ trace, step }, (progress) => batcher.push(progress), { signal });
      store.getState().checkEnded(report);
    } catch (error) {
      batcher.flush();
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      if (failure.code === 'cancelled') store.getState().checkCancelled();
      else store.getState().checkFailed(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
  }

  return {
    start(step) {
      if (current !== undefined) return;
      const controller = new AbortController();
      current = controller;
      void check(step, controller).finally(() => {
        current = undefined;
      });
    },
    cancel: () => current?.abort(),
  };
}
