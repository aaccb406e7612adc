import { useMemo } from 'react';
import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { useDuet } from '@/client/engine-context.tsx';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { GenerateDilemmasRequest, GeneratorEvent } from '@/protocol/negotiation-api.ts';
import type { AppState } from '@/state/app-store.ts';
import { toStoredFailure } from '@/state/failure-message.ts';
import { useAppStore } from '@/state/use-app-state.ts';

export interface GenerateDriver {
  /** Prompts and what is known already come from the store. */
  readonly start: (request: Pick<GenerateDilemmasRequest, 'category' | 'count' | 'model'>) => void;
  /** Keeps what was accepted. */
  readonly stop: () => void;
}

/** By store, so that the run can be stopped by whoever is on the page. */
const running = new WeakMap<StoreApi<AppState>, AbortController>();

/** Starts and stops the generator; it goes on while the dialog is closed. */
export function useGenerate(): GenerateDriver {
  const duet = useDuet();
  const store = useAppStore();
  return useMemo(() => createGenerateDriver(duet, store), [duet, store]);
}

function createGenerateDriver({ negotiation }: DuetApi, store: StoreApi<AppState>): GenerateDriver {
  async function run(request: GenerateDilemmasRequest, signal: AbortSignal): Promise<void> {
    const batcher = createFrameBatcher<GeneratorEvent>((events) => store.getState().generationEventsArrived(events));
    store.getState().generationStarted(request.count);
    try {
      await negotiation.generate(request, (event) => batcher.push(event), { signal });
      batcher.flush();
      store.getState().generationEnded(null);
    } catch (error) {
      batcher.flush();
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      store.getState().generationEnded(toStoredFailure(failure));
    }
  }
  return {
    start(request) {
      if (running.has(store)) return;
      const { ownDilemmas, review, templateTexts } = store.getState();
      const controller = new AbortController();
      running.set(store, controller);
      const known = [...ownDilemmas, ...review.map(({ dilemma }) => dilemma)];
      void run({ ...request, known, templates: templateTexts }, controller.signal).finally(() => {
        running.delete(store);
      });
    },
    stop() {
      const controller = running.get(store);
      if (controller === undefined) return;
      store.getState().generationStopping();
      controller.abort();
    },
  };
}
