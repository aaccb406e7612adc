import { useMemo } from 'react';
import type { StoreApi } from 'zustand';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import { madeByModel } from '@/protocol/made-by-model.ts';
import type { AdapterInfo, FineTuneEvent, FineTuneRequest } from '@/protocol/training-api.ts';
import type { AppState } from '@/state/app-store.ts';
import { requestOfForm } from '@/state/fine-tune-form.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { useAppStore } from '@/state/use-app-state.ts';

export interface FineTuneDriver {
  /** Of the form as it stands. */
  readonly estimate: () => void;
  readonly start: () => void;
  /** Keeps the last finished step. */
  readonly stop: () => void;
}

/** Holds the run; the component that calls this stays mounted while the dialog is closed. */
export function useFineTune(): FineTuneDriver {
  const duet = useDuet();
  const store = useAppStore();
  return useMemo(() => createFineTuneDriver(duet, store), [duet, store]);
}

function createFineTuneDriver({ training }: DuetApi, store: StoreApi<AppState>): FineTuneDriver {
  let current: AbortController | undefined;

  async function estimate(request: FineTuneRequest): Promise<void> {
    store.getState().fineTuneEstimateAsked();
    try {
      store.getState().fineTuneEstimated(await training.estimateFineTune(request));
    } catch (error) {
      store.getState().fineTuneEstimateFailed(failureOf(error));
    }
  }

  async function run(request: FineTuneRequest, adapter: AdapterInfo, signal: AbortSignal): Promise<void> {
    const batcher = createFrameBatcher<FineTuneEvent>((events) => store.getState().fineTuneEventsArrived(events));
    const { info } = store.getState().model;
    store.getState().fineTuneStarted(request, adapter, info === null ? null : madeByModel(info));
    try {
      await training.fineTune(request, (event) => batcher.push(event), { signal });
      batcher.flush();
      store.getState().fineTuneCompleted();
    } catch (error) {
      batcher.flush();
      const failure = failureOf(error);
      if (failure.code === 'doesNotFit') {
        // The estimate says the same with numbers, and with the settings that would fit.
        store.getState().fineTuneRefused();
        await estimate(request);
        return;
      }
      store.getState().fineTuneEnded(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
  }

  /** What the form asks for, and of which adapter. */
  const wanted = (): { readonly request: FineTuneRequest; readonly adapter: AdapterInfo } | null => {
    const { fineTuneForm, adapters } = store.getState();
    const adapter = attachedAdapter(adapters)?.adapter;
    const request = adapter === undefined ? null : requestOfForm(fineTuneForm, adapter.step);
    return adapter === undefined || request === null ? null : { request, adapter };
  };

  return {
    estimate() {
      const asked = wanted();
      if (asked !== null) void estimate(asked.request);
    },
    start() {
      const asked = wanted();
      if (asked === null || current !== undefined) return;
      const controller = new AbortController();
      current = controller;
      void run(asked.request, asked.adapter, controller.signal).finally(() => {
        current = undefined;
      });
    },
    stop: () => current?.abort(),
  };
}

function failureOf(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('internal', String(error));
}
