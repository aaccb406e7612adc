import type { FailureMessage } from '@/protocol/failures.ts';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import type { DeviceReport, KeptModel, LoadProgress, MemoryReport, ModelInfo, ModelSource } from '@/protocol/model.ts';

/** The loaded model, the load under way, and the device. */
export interface ModelView {
  readonly status: 'none' | 'loading' | 'ready' | 'cancelled' | 'failed';
  /** Name of what is loaded or being loaded. */
  readonly name: string;
  /** Catalogue id or address; null for files. */
  readonly sourceId: string | null;
  readonly progress: LoadProgress | null;
  readonly info: ModelInfo | null;
  /** Of the last load; with status 'ready' it took nothing away. */
  readonly failure: FailureMessage | null;
  readonly memory: MemoryReport;
  /** Null until the worker has answered. */
  readonly device: DeviceReport | null;
}

export const NO_MEMORY: MemoryReport = { weights: 0, kvCache: 0, activations: 0, training: 0, other: 0, total: 0 };

export const EMPTY_MODEL_VIEW: ModelView = {
  status: 'none',
  name: '',
  sourceId: null,
  progress: null,
  info: null,
  failure: null,
  memory: NO_MEMORY,
  device: null,
};

/** What to call a source before its metadata is read. */
export function nameOfSource(source: ModelSource): string {
  if (typeof source === 'string') {
    const entry = CATALOGUE.find(({ id }) => id === source);
    return entry?.name ?? source.split('/').findLast((part) => part !== '') ?? source;
  }
  if (source instanceof File) return source.name;
  return source[0]?.name ?? 'No file';
}

export function applyLoadStarted(view: ModelView, source: ModelSource): ModelView {
  return {
    ...view,
    status: 'loading',
    name: nameOfSource(source),
    sourceId: sourceIdOf(source),
    progress: null,
    info: null,
    failure: null,
  };
}

export function applyLoaded(view: ModelView, info: ModelInfo): ModelView {
  return { ...view, status: 'ready', name: info.name, progress: null, info, failure: null };
}

/** @param kept  what was loaded before and still is */
export function applyLoadFailed(view: ModelView, failure: FailureMessage, kept: KeptModel | null): ModelView {
  const isCancelled = failure.code === 'cancelled';
  const ended: ModelView = {
    ...view,
    status: isCancelled ? 'cancelled' : 'failed',
    progress: null,
    info: null,
    failure: isCancelled ? null : failure,
  };
  if (kept === null) return ended;
  const { info, source } = kept;
  return { ...ended, status: 'ready', name: info.name, sourceId: sourceIdOf(source), info };
}

function sourceIdOf(source: ModelSource): string | null {
  return typeof source === 'string' ? source : null;
}

export function applyDeviceReport(view: ModelView, device: DeviceReport): ModelView {
  return { ...view, device, memory: device.memory };
}
