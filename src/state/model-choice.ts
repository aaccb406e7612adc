/** What the chooser shows of a model before it is loaded: memory for the chosen context, and whether this device has it. */
import { formatMegabytes } from '@/lib/format-megabytes.ts';
import {
  fitOf,
  kvCacheBytes,
  kvLayerBytes,
  offeredBufferBytes,
  resolveLoadOptions,
  type Fit,
  type MemoryEstimate,
  type MemoryMeasurement,
} from '@/protocol/model-fit.ts';
import type { CatalogueEntry } from '@/protocol/model-catalogue.ts';
import type { StorageReport, StoredModel } from '@/protocol/model-storage.ts';
import type { DeviceReport, KvType, LoadOptions } from '@/protocol/model.ts';

/** What is known of the device. */
export interface DeviceRoom {
  /** Null before anything was measured. */
  readonly measurement: MemoryMeasurement | null;
  /** Null until the worker has answered. */
  readonly device: DeviceReport | null;
}

export interface CatalogueRow {
  readonly entry: CatalogueEntry;
  readonly totalBytes: number;
  readonly cacheBytes: number;
  readonly contextLength: number;
  readonly kvType: KvType;
  readonly fit: Fit;
  readonly copy: StoredModel | null;
}

export type CatalogueOrder = 'download' | 'memory';

export interface CatalogueView {
  readonly order: CatalogueOrder;
  /** Only what was found to have room. */
  readonly isFittingOnly: boolean;
}

/** Memory and fit of an entry. Activations are left out: they are small, and follow from the file's header. */
export function catalogueRow(
  entry: CatalogueEntry,
  options: LoadOptions,
  room: DeviceRoom,
  storage: StorageReport | null,
): CatalogueRow {
  const { contextLength, kvType } = resolveLoadOptions({ ...entry.cache, ...entry }, options);
  const cacheBytes = kvCacheBytes(entry.cache, contextLength, kvType);
  const totalBytes = entry.sizeBytes + cacheBytes;
  const limits = limitsOf(room.device, kvLayerBytes(entry.cache, contextLength, kvType));
  const fit = fitOf(totalBytes, room.measurement, limits);
  return { entry, totalBytes, cacheBytes, contextLength, kvType, fit, copy: copyOf(entry, storage) };
}

export function catalogueRows(
  entries: readonly CatalogueEntry[],
  options: LoadOptions,
  room: DeviceRoom,
  storage: StorageReport | null,
  { order, isFittingOnly }: CatalogueView,
): readonly CatalogueRow[] {
  const rows = entries.map((entry) => catalogueRow(entry, options, room, storage));
  const shown = isFittingOnly ? rows.filter(({ fit }) => fit.kind === 'fits' || fit.kind === 'tight') : rows;
  return shown.toSorted((a, b) =>
    order === 'memory' ? a.totalBytes - b.totalBytes : a.entry.sizeBytes - b.entry.sizeBytes,
  );
}

export function fitOfEstimate(estimate: MemoryEstimate, { measurement, device }: DeviceRoom): Fit {
  return fitOf(estimate.totalBytes, measurement, limitsOf(device, estimate.largestBufferBytes));
}

/** Of a file of which nothing but the size is known: its weights, without a cache. */
export function fitOfSize(sizeBytes: number, { measurement }: DeviceRoom): Fit {
  const fit = fitOf(sizeBytes, measurement, null);
  return { ...fit, why: `${fit.why} The cache comes on top.` };
}

/** Of a second engine's model, which lies beside the loaded one. @param loadedBytes  that the loaded model takes */
export function fitBeside(totalBytes: number, loadedBytes: number, { measurement }: DeviceRoom): Fit {
  if (measurement === null) return fitOf(totalBytes, null, null);
  const freeBytes = Math.max(0, measurement.freeBytes - loadedBytes);
  const fit = fitOf(totalBytes, { ...measurement, freeBytes }, null);
  return loadedBytes > 0 ? { ...fit, why: `${fit.why} What the loaded model takes is not counted as free.` } : fit;
}

function limitsOf(
  device: DeviceReport | null,
  largestBufferBytes: number,
): { readonly largestBufferBytes: number; readonly offeredBufferBytes: number } | null {
  return device === null ? null : { largestBufferBytes, offeredBufferBytes: offeredBufferBytes(device.adapterLimits) };
}

function copyOf({ id, url }: CatalogueEntry, storage: StorageReport | null): StoredModel | null {
  const copies = storage?.models.filter(
    ({ backend, source }) => backend === 'duet' && (source === id || source === url),
  );
  return copies?.find(({ state }) => state === 'complete') ?? copies?.[0] ?? null;
}

/** Needs so little that it is loaded without a question where nothing was measured: 512 MiB, a choice. */
const CLEARLY_SMALL_BYTES = 536_870_912;

/** Whether one's own file is loaded at once, or only after a look at what it takes. */
export function fitsClearly(estimate: MemoryEstimate, fit: Fit): boolean {
  return fit.kind === 'fits' || (fit.kind === 'unknown' && estimate.totalBytes <= CLEARLY_SMALL_BYTES);
}

/** A sentence for the hover: what the total is made of. */
export function memoryText({ entry, cacheBytes, contextLength, kvType }: CatalogueRow): string {
  const context = contextLength.toLocaleString('en');
  const limit = contextLength === entry.maxContextLength ? ', all that it was trained for' : '';
  return `${formatMegabytes(entry.sizeBytes)} of weights and ${formatMegabytes(cacheBytes)} of cache for ${context} tokens${limit}, as ${kvType}. Activations take a little more.`;
}

const PANELS = { thinking: 'Thinking', negotiation: 'Negotiation', chat: 'Chat' } as const;

/** Good for Chat; weak in Negotiation; not for Thinking. */
export function suitText(suits: CatalogueEntry['suits']): string {
  const panels = (wanted: CatalogueEntry['suits'][keyof typeof PANELS]): string[] =>
    (['thinking', 'negotiation', 'chat'] as const)
      .filter((panel) => suits[panel] === wanted)
      .map((panel) => PANELS[panel]);
  const parts = [
    ['good for', panels('good')],
    ['weak in', panels('weak')],
    ['not for', panels('no')],
  ] as const;
  const text = parts
    .filter(([, names]) => names.length > 0)
    .map(([how, names]) => `${how} ${listText(names)}`)
    .join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function listText(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
