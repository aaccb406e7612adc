import { useMemo } from 'react';
import type { StoreApi } from 'zustand';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { ComparisonEvent, OtherModelEvent } from '@/protocol/comparison.ts';
import type { AppState } from '@/state/app-store.ts';
import { findComparison, keepComparison } from '@/state/comparison-storage.ts';
import type { ComparisonRequest } from '@/state/comparison-view.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import type { ReasoningRun } from '../use-reasoning-run.ts';

export interface ComparisonDriver {
  readonly start: (request: ComparisonRequest) => void;
  readonly cancel: () => void;
  /** Brings back the one that an earlier visit kept, where there is none yet. */
  readonly find: () => void;
}

export function useComparison(run: ReasoningRun): ComparisonDriver {
  const duet = useDuet();
  const store = useAppStore();
  return useMemo(() => createComparisonDriver(duet, store, run), [duet, store, run]);
}

function createComparisonDriver(duet: DuetApi, store: StoreApi<AppState>, run: ReasoningRun): ComparisonDriver {
  let current: AbortController | undefined;

  async function compare(request: ComparisonRequest, { signal }: AbortController): Promise<void> {
    const batcher = createFrameBatcher<ComparisonEvent | OtherModelEvent>((events) => {
      if (store.getState().comparison.phase === 'running') store.getState().comparisonEventsArrived(events);
    });
    store.getState().comparisonStarted(request);
    try {
      // Two runs on one device would slow each other, and their times would lie.
      await run.stop();
      const config = { ...request, settings: store.getState().reasoningSettings };
      const comparison = await duet.compare(config, (event) => batcher.push(event), { signal });
      store.getState().comparisonEnded(comparison);
      await keepComparison(comparison);
    } catch (error) {
      batcher.flush();
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      if (failure.code === 'cancelled') store.getState().comparisonCancelled();
      else store.getState().comparisonFailed(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
  }

  return {
    start(request) {
      if (current !== undefined) return;
      const controller = new AbortController();
      current = controller;
      void compare(request, controller).finally(() => {
        current = undefined;
      });
    },
    cancel: () => current?.abort(),
    find() {
      void findComparison().then((found) => {
        if (found !== null) store.getState().comparisonFound(found);
      });
    },
  };
}
