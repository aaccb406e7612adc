import type { StateCreator } from 'zustand';
import type {
  AdapterInfo,
  AdapterList,
  FineTuneEstimate,
  FineTuneEvent,
  FineTuneRequest,
} from '@/protocol/training-api.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { MadeByModel } from '@/protocol/made-by-model.ts';
import { toStoredFailure } from './failure-message.ts';
import { FIRST_FORM, type FineTuneForm } from './fine-tune-form.ts';
import {
  applyFineTuneEvent,
  completeFineTune,
  endedFineTune,
  NO_FINE_TUNE,
  startedFineTune,
  type FineTuneView,
} from './fine-tune-view.ts';

export type FormEstimate =
  | { readonly phase: 'none' }
  | { readonly phase: 'running' }
  | { readonly phase: 'known'; readonly estimate: FineTuneEstimate }
  | { readonly phase: 'failed'; readonly failure: FailureMessage };

interface ErrorLike {
  readonly code: string;
  readonly message: string;
}

export interface TrainingSlice {
  /** Of the loaded model; null until the engine was asked. */
  readonly adapters: AdapterList | null;
  readonly fineTune: FineTuneView;
  readonly fineTuneForm: FineTuneForm;
  /** Of the form as it stands. */
  readonly fineTuneEstimate: FormEstimate;
  readonly adaptersListed: (list: AdapterList) => void;
  readonly fineTuneFormChanged: (change: Partial<FineTuneForm>) => void;
  readonly fineTuneEstimateAsked: () => void;
  readonly fineTuneEstimated: (estimate: FineTuneEstimate) => void;
  readonly fineTuneEstimateFailed: (failure: ErrorLike) => void;
  readonly fineTuneStarted: (request: FineTuneRequest, adapter: AdapterInfo, madeBy?: MadeByModel | null) => void;
  readonly fineTuneEventsArrived: (events: readonly FineTuneEvent[]) => void;
  readonly fineTuneCompleted: () => void;
  /** Before its first step; what would fit, the estimate says. */
  readonly fineTuneRefused: () => void;
  /** Stopped (code 'cancelled') or failed. */
  readonly fineTuneEnded: (failure: ErrorLike) => void;
}

const NO_ESTIMATE: FormEstimate = { phase: 'none' };

/** When the model goes. */
export const NO_ADAPTERS: Pick<TrainingSlice, 'adapters' | 'fineTuneEstimate'> = {
  adapters: null,
  fineTuneEstimate: NO_ESTIMATE,
};

export const createTrainingSlice: StateCreator<TrainingSlice> = (set) => {
  const update = (change: (view: FineTuneView) => FineTuneView): void =>
    set(({ fineTune }) => ({ fineTune: change(fineTune) }));
  /** A change of the form while the engine reckons makes the answer one of another form. */
  const estimated = (fineTuneEstimate: FormEstimate): void =>
    set((state) => (state.fineTuneEstimate.phase === 'running' ? { fineTuneEstimate } : {}));
  return {
    ...NO_ADAPTERS,
    fineTune: NO_FINE_TUNE,
    fineTuneForm: FIRST_FORM,
    adaptersListed: (adapters) => set({ adapters }),
    fineTuneFormChanged: (change) =>
      set(({ fineTuneForm }) => ({
        fineTuneForm: { ...fineTuneForm, ...change },
        fineTuneEstimate: NO_ESTIMATE,
      })),
    fineTuneEstimateAsked: () => set({ fineTuneEstimate: { phase: 'running' } }),
    fineTuneEstimated: (estimate) => estimated({ phase: 'known', estimate }),
    fineTuneEstimateFailed: (failure) => estimated({ phase: 'failed', failure: toStoredFailure(failure) }),
    fineTuneStarted: (request, adapter, madeBy = null) =>
      set({ fineTune: startedFineTune(request, adapter, madeBy), fineTuneEstimate: NO_ESTIMATE }),
    fineTuneEventsArrived: (events) => update((view) => events.reduce(applyFineTuneEvent, view)),
    fineTuneCompleted: () => update(completeFineTune),
    fineTuneRefused: () => set({ fineTune: NO_FINE_TUNE }),
    fineTuneEnded: (failure) => update((view) => endedFineTune(view, toStoredFailure(failure))),
  };
};

/** The attached adapter with its blend; null where there is none. */
export function attachedAdapter(
  list: AdapterList | null,
): { readonly adapter: AdapterInfo; readonly blend: number } | null {
  const attached = list?.attached ?? null;
  const adapter = list?.adapters.find(({ id }) => id === attached?.id);
  return attached === null || adapter === undefined ? null : { adapter, blend: attached.blend };
}
