import type { StateCreator } from 'zustand';
import type { MemoryMeasurement } from '@/protocol/model-fit.ts';
import type { StorageReport } from '@/protocol/model-storage.ts';

/** What the choice of a model looks at. Nothing of it is kept over a reload: both can have changed by then. */
export interface ModelChoiceSlice {
  /** Null before anything was measured. */
  readonly memoryMeasurement: MemoryMeasurement | null;
  /** Null until it is known. */
  readonly storageReport: StorageReport | null;
  readonly memoryFound: (measurement: MemoryMeasurement) => void;
  readonly storageReported: (report: StorageReport) => void;
}

export const createModelChoiceSlice: StateCreator<ModelChoiceSlice, [], [], ModelChoiceSlice> = (set) => ({
  memoryMeasurement: null,
  storageReport: null,
  memoryFound: (memoryMeasurement) => set({ memoryMeasurement }),
  storageReported: (storageReport) => set({ storageReport }),
});
