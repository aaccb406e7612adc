import { useMemo } from 'react';
import type { StoreApi } from 'zustand';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { EvaluationEvent } from '@/protocol/evaluation.ts';
import type { AppState } from '@/state/app-store.ts';
import type { EvaluationRequest } from '@/state/evaluation-plan.ts';
import { findEvaluation, keepEvaluationRecord, keepNewEvaluation } from '@/state/evaluation-storage.ts';
import { headOf, otherModel, type EvaluationContext } from '@/state/evaluation-view.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import type { ReasoningRun } from '../use-reasoning-run.ts';

export interface EvaluationDriver {
  /** Begins anew; what was kept of an earlier one is forgotten. */
  readonly start: (request: EvaluationRequest) => void;
  /** Goes on with what was cancelled, failed or left. */
  readonly resume: () => void;
  readonly cancel: () => void;
  /** Brings back what an earlier visit kept, where there is none yet. */
  readonly find: () => void;
}

export function useEvaluation(run: ReasoningRun): EvaluationDriver {
  const duet = useDuet();
  const store = useAppStore();
  return useMemo(() => createEvaluationDriver(duet, store, run), [duet, store, run]);
}

function createEvaluationDriver(duet: DuetApi, store: StoreApi<AppState>, run: ReasoningRun): EvaluationDriver {
  let current: AbortController | undefined;
  /** Writes follow each other, so that a new evaluation never finds an answer of the one before. */
  let kept: Promise<unknown> = Promise.resolve();
  const keep = (write: () => Promise<unknown>): void => {
    kept = kept.then(write);
  };

  async function evaluate(signal: AbortSignal): Promise<void> {
    const { request, records } = store.getState().evaluation;
    if (request === null) return;
    const batcher = createFrameBatcher<EvaluationEvent>((events) => {
      if (store.getState().evaluation.phase === 'running') store.getState().evaluationEventsArrived(events);
    });
    const arrived = (event: EvaluationEvent): void => {
      batcher.push(event);
      if (event.kind === 'itemEnded') keep(() => keepEvaluationRecord(event.record, event.summary));
      if (event.kind !== 'started' || records.length > 0) return;
      batcher.flush();
      const head = headOf(store.getState().evaluation);
      if (head !== null) keep(() => keepNewEvaluation(head));
    };
    try {
      // Two runs on one device would slow each other, and their times would lie.
      await run.stop();
      const report = await duet.evaluate({ ...request, done: records }, arrived, { signal });
      batcher.flush();
      store.getState().evaluationEnded(report);
    } catch (error) {
      batcher.flush();
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      if (failure.code === 'cancelled') store.getState().evaluationCancelled();
      else store.getState().evaluationFailed(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
  }

  const begin = (): void => {
    const controller = new AbortController();
    current = controller;
    void evaluate(controller.signal).finally(() => {
      current = undefined;
    });
  };

  return {
    start(request) {
      const context = contextOf(store.getState());
      if (current !== undefined || context === null) return;
      store.getState().evaluationStarted(request, context);
      begin();
    },
    resume() {
      const { evaluation, model } = store.getState();
      if (current !== undefined || model.info === null || otherModel(evaluation.context, model.info) !== null) return;
      store.getState().evaluationResumed();
      begin();
    },
    cancel: () => current?.abort(),
    find() {
      void findEvaluation().then((found) => {
        if (found !== null) store.getState().evaluationFound(found);
      });
    },
  };
}

function contextOf({ model: { info, device } }: AppState): EvaluationContext | null {
  if (info === null) return null;
  return {
    createdAt: new Date().toISOString(),
    model: { id: info.id, sha256: info.sha256 },
    device: {
      vendor: device?.vendor ?? '',
      architecture: device?.architecture ?? '',
      isSoftware: device?.isSoftware ?? false,
    },
  };
}
