import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import { modelKeyOf } from '@/protocol/model.ts';
import type { NegotiationEvaluationEvent } from '@/protocol/negotiation-evaluation.ts';
import type { AppState } from '@/state/app-store.ts';
import { judgeConfigOf } from '@/state/judge-slice.ts';
import { requestOfOrder, type NegotiationEvaluationOrder } from '@/state/negotiation-evaluation-form.ts';
import {
  findNegotiationEvaluation,
  keepEvaluationPiece,
  keepNewNegotiationEvaluation,
} from '@/state/negotiation-evaluation-storage.ts';
import {
  deviceNameOf,
  otherNegotiationModel,
  type NegotiationEvaluationContext,
} from '@/state/negotiation-evaluation-view.ts';

export interface NegotiationEvaluationDriver {
  readonly start: (order: NegotiationEvaluationOrder) => void;
  /** Goes on with what was stopped, failed or left. */
  readonly resume: () => void;
  readonly stop: () => void;
  /** Brings back what an earlier visit kept, where there is none yet. */
  readonly find: () => void;
}

const drivers = new WeakMap<StoreApi<AppState>, NegotiationEvaluationDriver>();

/** One per page: an evaluation goes on while another page of the panel is shown. */
export function evaluationDriver(duet: DuetApi, store: StoreApi<AppState>): NegotiationEvaluationDriver {
  const driver = drivers.get(store) ?? createDriver(duet, store);
  drivers.set(store, driver);
  return driver;
}

function createDriver({ negotiation, training }: DuetApi, store: StoreApi<AppState>): NegotiationEvaluationDriver {
  let current: AbortController | undefined;
  /** Writes follow each other, so that a new evaluation never finds a piece of the one before. */
  let kept: Promise<unknown> = Promise.resolve();
  const keep = (write: () => Promise<unknown>): void => {
    kept = kept.then(write);
  };
  const events = (): AppState['negotiationEvaluationEvents'] => store.getState().negotiationEvaluationEvents;

  async function evaluate(order: NegotiationEvaluationOrder, signal: AbortSignal): Promise<void> {
    const batcher = createFrameBatcher<NegotiationEvaluationEvent>((arrived) => events().arrived(arrived));
    const { judgeForm, judgeKey, negotiationEvaluation } = store.getState();
    const judge = judgeConfigOf({ judgeChoice: order.judge, judgeForm, judgeKey });
    const request = requestOfOrder(order, judge, negotiationEvaluation.pieces);
    try {
      const report = await negotiation.evaluate(
        request,
        (event) => {
          batcher.push(event);
          if (event.kind === 'pieceEnded') keep(() => keepEvaluationPiece(event.piece, event.summary));
        },
        { signal },
      );
      batcher.flush();
      events().completed(report);
    } catch (error) {
      batcher.flush();
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      if (failure.code === 'cancelled') events().stopped();
      else events().failed(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
    // The header names the adapter that is attached.
    await training.listAdapters().catch(() => undefined);
  }

  const begin = (order: NegotiationEvaluationOrder): void => {
    const controller = new AbortController();
    current = controller;
    void evaluate(order, controller.signal).finally(() => {
      current = undefined;
    });
  };

  return {
    start(order) {
      const context = contextOf(store.getState());
      if (current !== undefined || context === null) return;
      events().started({ order, context }, performance.now());
      keep(() => keepNewNegotiationEvaluation({ format: 'duet-negotiation-evaluation-head-1', order, context }));
      begin(order);
    },
    resume() {
      const { negotiationEvaluation, model } = store.getState();
      const { order, context } = negotiationEvaluation;
      if (current !== undefined || order === null || model.info === null) return;
      if (otherNegotiationModel(context, model.info) !== null) return;
      events().resumed(performance.now());
      begin(order);
    },
    stop: () => current?.abort(),
    find() {
      void findNegotiationEvaluation().then((found) => {
        if (found !== null) events().found(found);
      });
    },
  };
}

function contextOf({ model: { info, device } }: AppState): NegotiationEvaluationContext | null {
  if (info === null) return null;
  return {
    createdAt: new Date().toISOString(),
    model: { name: info.name, key: modelKeyOf(info) },
    device: deviceNameOf(device),
  };
}
