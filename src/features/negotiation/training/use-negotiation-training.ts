import { useEffect, useMemo } from 'react';
import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { useDuet } from '@/client/engine-context.tsx';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { JudgeConfig } from '@/protocol/negotiation-api.ts';
import type { NegotiationTrainingEvent, NegotiationTrainingRequest } from '@/protocol/negotiation-training.ts';
import type { AppState } from '@/state/app-store.ts';
import { toStoredFailure } from '@/state/failure-message.ts';
import { judgeWithKey } from '@/state/judge-slice.ts';
import { requestOfTraining } from '@/state/negotiation-training-form.ts';
import { isTraining } from '@/state/negotiation-training-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';

/** What steers a training; its state is in the store. */
export interface TrainingDriver {
  /** Of the form as it stands. */
  readonly estimate: () => void;
  readonly start: () => void;
  /** Goes on from the newest checkpoint. @param steps  a new end */
  readonly goOn: (runId: string, name: string, steps?: number) => void;
  readonly branch: (request: Extract<NegotiationTrainingRequest, { readonly kind: 'branch' }>) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Finished steps are kept. */
  readonly stop: () => void;
  readonly refresh: () => void;
  readonly open: (runId: string) => void;
  readonly openStep: (runId: string, step: number) => void;
  readonly rename: (runId: string, name: string) => void;
  readonly remove: (runId: string) => void;
  /** Attaches the run's adapter, for chat and dialogues. */
  readonly attach: (adapterId: string) => void;
}

/** Holds the run; the component that calls this stays mounted while another page is shown. */
export function useNegotiationTraining(): TrainingDriver {
  const duet = useDuet();
  const store = useAppStore();
  const driver = useMemo(() => createTrainingDriver(duet, store), [duet, store]);
  const isReady = useAppState((state) => state.model.status === 'ready');
  // Runs are listed by model.
  useEffect(() => {
    if (isReady) driver.refresh();
  }, [isReady, driver]);
  return driver;
}

function createTrainingDriver({ negotiation, training }: DuetApi, store: StoreApi<AppState>): TrainingDriver {
  let current: AbortController | undefined;

  async function refresh(): Promise<void> {
    // A browser without storage, or no model any more, has no runs to list.
    const [runs] = await Promise.all([
      negotiation.listTrainingRuns().catch(() => []),
      training.listAdapters().catch(ignored),
    ]);
    store.getState().trainingRunsListed(runs);
  }

  async function run(request: NegotiationTrainingRequest, name: string): Promise<void> {
    if (isTraining(store.getState().negotiationTraining)) return;
    const controller = new AbortController();
    current = controller;
    const batcher = createFrameBatcher<NegotiationTrainingEvent>((events) =>
      store.getState().trainingEventsArrived(events),
    );
    store.getState().trainingStarted(name);
    try {
      const ended = await negotiation.train(request, (event) => batcher.push(event), { signal: controller.signal });
      batcher.flush();
      store.getState().trainingCompleted(ended);
    } catch (error) {
      batcher.flush();
      const failure = failureOf(error);
      store.getState().trainingEnded(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    } finally {
      current = undefined;
      await refresh();
    }
  }

  /** A run's own judge with its key, which is not kept; another judge would make another run of it. */
  function judgeOf(runId: string): { readonly judge?: JudgeConfig } {
    const state = store.getState();
    const judge = state.trainingRuns?.find(({ id }) => id === runId)?.plan.judge;
    return judge === undefined ? {} : { judge: judgeWithKey(judge, state) };
  }

  async function estimate(): Promise<void> {
    const state = store.getState();
    const request = requestOfTraining(state.trainingForm, state);
    if (request === null) return;
    state.trainingEstimateChanged({ phase: 'running' });
    try {
      const known = await negotiation.estimateTraining(request);
      store.getState().trainingEstimateChanged({ phase: 'known', estimate: known });
    } catch (error) {
      store.getState().trainingEstimateChanged({ phase: 'failed', failure: toStoredFailure(failureOf(error)) });
    }
  }

  /** What it takes is known first; what does not fit is not begun. */
  async function start(): Promise<void> {
    if (store.getState().trainingEstimate.phase !== 'known') await estimate();
    const state = store.getState();
    const { trainingEstimate: asked } = state;
    if (asked.phase === 'failed' || (asked.phase === 'known' && !asked.estimate.update.fits)) return;
    const request = requestOfTraining(state.trainingForm, state);
    if (request !== null) await run(request, request.name);
  }

  async function openStep(runId: string, step: number): Promise<void> {
    const record = await negotiation.readTrainingStep(runId, step).catch(() => null);
    store.getState().trainingStepOpened(record);
  }

  return {
    estimate: () => void estimate(),
    start: () => void start(),
    goOn(runId, name, steps) {
      void run({ kind: 'resume', runId, ...(steps !== undefined && { steps }), ...judgeOf(runId) }, name);
    },
    branch: (request) => void run({ ...request, ...judgeOf(request.runId) }, request.name),
    pause: () => void negotiation.pause().catch(ignored),
    resume: () => void negotiation.resume().catch(ignored),
    stop: () => current?.abort(),
    refresh: () => void refresh(),
    open(runId) {
      const found = store.getState().trainingRuns?.find(({ id }) => id === runId);
      if (found === undefined) return;
      const isLive = store.getState().negotiationTraining.run?.id === runId;
      store.getState().trainingRunOpened(isLive ? null : { run: found, step: null, isRecorded: false });
      const last = found.steps.at(-1)?.step;
      if (!isLive && last !== undefined) void openStep(runId, last);
    },
    openStep: (runId, step) => void openStep(runId, step),
    rename: (runId, name) => void negotiation.renameTrainingRun(runId, name).then(refresh, ignored),
    remove(runId) {
      void negotiation.deleteTrainingRun(runId).then(refresh, ignored);
      if (store.getState().openedRun?.run.id === runId) store.getState().trainingRunOpened(null);
    },
    attach: (adapterId) => void training.attachAdapter(adapterId).catch(ignored),
  };
}

/** What became of it is in the store, or in the list that is read again. */
const ignored = (): void => undefined;

function failureOf(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('internal', String(error));
}
