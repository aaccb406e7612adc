import type { StateCreator } from 'zustand';
import type { DeviceReport, KeptModel, LoadProgress, MemoryReport, ModelInfo, ModelSource } from '@/protocol/model.ts';
import { toStoredFailure } from './failure-message.ts';
import {
  applyDeviceReport,
  applyLoaded,
  applyLoadFailed,
  applyLoadStarted,
  EMPTY_MODEL_VIEW,
  NO_MEMORY,
  type ModelView,
} from './model-view.ts';
import { withinBudgets } from './speed-slice.ts';
import { NO_ADAPTERS, type TrainingSlice } from './training-slice.ts';

export interface ModelSlice {
  readonly model: ModelView;
  readonly modelLoadStarted: (source: ModelSource) => void;
  readonly modelLoadProgressed: (progress: LoadProgress) => void;
  readonly modelLoaded: (info: ModelInfo) => void;
  readonly modelLoadFailed: (
    failure: { readonly code: string; readonly message: string },
    kept?: KeptModel | null,
  ) => void;
  readonly modelUnloaded: () => void;
  readonly memoryMeasured: (memory: MemoryReport) => void;
  readonly deviceDescribed: (report: DeviceReport) => void;
}

type WithSettings = ModelSlice &
  Parameters<typeof withinBudgets>[0] &
  Pick<TrainingSlice, 'adapters' | 'fineTuneEstimate'>;

export const createModelSlice: StateCreator<WithSettings, [], [], ModelSlice> = (set) => {
  const update = (change: (view: ModelView) => ModelView): void => set(({ model }) => ({ model: change(model) }));
  /** The same where no model is left, and so no adapter and no speed. */
  const drop = (change: (view: ModelView) => ModelView): void =>
    set(({ model, ...state }) => ({ ...withinBudgets({ ...state, model: change(model) }), ...NO_ADAPTERS }));
  return {
    model: EMPTY_MODEL_VIEW,
    modelLoadStarted: (source) => drop((view) => applyLoadStarted(view, source)),
    modelLoadProgressed: (progress) => update((view) => (view.status === 'loading' ? { ...view, progress } : view)),
    modelLoaded: (info) => set(({ model, ...state }) => withinBudgets({ ...state, model: applyLoaded(model, info) })),
    modelLoadFailed: (failure, kept = null) => drop((view) => applyLoadFailed(view, toStoredFailure(failure), kept)),
    modelUnloaded: () =>
      drop((view) => ({ ...EMPTY_MODEL_VIEW, device: view.device, name: view.name, memory: NO_MEMORY })),
    memoryMeasured: (memory) => update((view) => ({ ...view, memory })),
    deviceDescribed: (report) => update((view) => applyDeviceReport(view, report)),
  };
};
