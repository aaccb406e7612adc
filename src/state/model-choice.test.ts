import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import type { MemoryEstimate } from '@/protocol/model-fit.ts';
import type { StorageReport, StoredModel } from '@/protocol/model-storage.ts';
import type { DeviceReport } from '@/protocol/model.ts';
import {
  catalogueRows,
  fitBeside,
  fitOfEstimate,
  fitOfSize,
  fitsClearly,
  memoryText,
  suitText,
} from './model-choice.ts';

const DEVICE: DeviceReport = {
  available: true,
  reason: null,
  vendor: '',
  architecture: '',
  description: '',
  isSoftware: false,
  features: [],
  adapterLimits: { maxBufferSize: 268_435_456, maxStorageBufferBindingSize: 134_217_728 },
  requestedLimits: {},
  memory: { weights: 0, kvCache: 0, activations: 0, training: 0, other: 0, total: 0 },
  tuning: null,
  speed: null,
};
const UNMEASURED = { measurement: null, device: DEVICE };
const ONE_GB = { measurement: { freeBytes: 1e9, isAtLeast: false }, device: DEVICE };
const ALL = { order: 'download', isFittingOnly: false } as const;

function stored(model: Partial<StoredModel>): StorageReport {
  const copy: StoredModel = {
    id: 'x',
    backend: 'duet',
    name: 'x',
    source: null,
    numFiles: 1,
    sizeBytes: 1,
    state: 'complete',
    expectedBytes: 1,
    ...model,
  };
  return { models: [copy], workBytes: 0, usageBytes: null, quotaBytes: null, isPersistent: false };
}

describe('rows of the catalogue', () => {
  test('have weights and cache of the chosen context, and f16 where the cache would be large', () => {
    const rows = catalogueRows(CATALOGUE, { contextLength: 4096, kvType: 'auto' }, UNMEASURED, null, ALL);
    const small = rows.find(({ entry }) => entry.id === 'qwen2.5-0.5b-instruct');
    // 24 KiB a token in f32, and one page of one layer beside it.
    expect(small).toMatchObject({ kvType: 'f32', cacheBytes: 24 * 1024 * 4096 + 2 * 64 * 4 * 16 });
    expect(small?.totalBytes).toBe(675_710_816 + (small?.cacheBytes ?? 0));
    expect(rows.find(({ entry }) => entry.id === 'qwen3-4b')?.kvType).toBe('f16');
  });

  test('end at what a model was trained for', () => {
    const [row] = catalogueRows(CATALOGUE, { contextLength: 100_000, kvType: 'f16' }, UNMEASURED, null, ALL);
    expect(row?.contextLength).toBe(8192);
    expect(row && memoryText(row)).toContain('8,192 tokens, all that it was trained for, as f16');
  });

  test('are all there before a measurement, and say that nothing was measured', () => {
    const rows = catalogueRows(CATALOGUE, {}, UNMEASURED, null, ALL);
    expect(rows).toHaveLength(CATALOGUE.length);
    expect(new Set(rows.map(({ fit }) => fit.kind))).toEqual(new Set(['unknown']));
  });

  test('can be those that fit', () => {
    const rows = catalogueRows(CATALOGUE, {}, ONE_GB, null, { ...ALL, isFittingOnly: true });
    expect(rows.map(({ entry }) => entry.id)).toContain('qwen2.5-0.5b-instruct');
    expect(rows.map(({ entry }) => entry.id)).not.toContain('qwen3-1.7b');
    for (const { totalBytes } of rows) expect(totalBytes).toBeLessThanOrEqual(1e9);
  });

  test('do not fit an adapter without a buffer for one layer’s keys, whatever its memory', () => {
    const device = { ...DEVICE, adapterLimits: { maxBufferSize: 1_000_000 } };
    const room = { measurement: { freeBytes: 1e12, isAtLeast: false }, device };
    expect(catalogueRows(CATALOGUE, {}, room, null, ALL)[0]?.fit).toMatchObject({
      kind: 'doesNotFit',
      why: expect.stringContaining('buffer'),
    });
  });

  test('stand by memory where that is asked for: a small file with a large cache comes later', () => {
    const ids = (order: 'download' | 'memory'): string[] =>
      catalogueRows(CATALOGUE, { kvType: 'f16' }, UNMEASURED, null, { ...ALL, order }).map(({ entry }) => entry.id);
    const before = (order: 'download' | 'memory'): boolean =>
      ids(order).indexOf('smollm2-1.7b-instruct') < ids(order).indexOf('qwen2.5-1.5b-instruct');
    expect(before('download')).toBe(true);
    expect(before('memory')).toBe(false);
  });

  test('know their copy by id and by address, and none of web-llm’s', () => {
    const copyOf = (model: Partial<StoredModel>): unknown =>
      catalogueRows(CATALOGUE, {}, UNMEASURED, stored(model), ALL).filter(({ copy }) => copy !== null).length;
    expect(copyOf({ source: 'qwen3-0.6b' })).toBe(1);
    expect(copyOf({ source: CATALOGUE[3]?.url ?? '' })).toBe(1);
    expect(copyOf({ source: 'qwen3-0.6b', backend: 'webLlmCache' })).toBe(0);
    expect(copyOf({ source: null })).toBe(0);
  });
});

describe('one’s own files', () => {
  const estimate = (totalBytes: number, largestBufferBytes = 1000): MemoryEstimate => ({
    weightBytes: totalBytes,
    kvCacheBytes: 0,
    activationBytes: 0,
    totalBytes,
    largestBufferBytes,
    contextLength: 4096,
    kvType: 'f32',
  });

  test.each([
    [5e8, UNMEASURED, true],
    [6e8, UNMEASURED, false],
    [6e8, ONE_GB, true],
    [9e8, ONE_GB, false],
    [2e9, ONE_GB, false],
  ])('%d bytes, clear: %#', (bytes, room, isClear) => {
    const wanted = estimate(bytes);
    expect(fitsClearly(wanted, fitOfEstimate(wanted, room))).toBe(isClear);
  });

  test('a buffer that the adapter does not offer is never clear', () => {
    const wanted = estimate(1000, 1e9);
    expect(fitsClearly(wanted, fitOfEstimate(wanted, UNMEASURED))).toBe(false);
  });

  test('of a size alone the cache is said to be missing', () => {
    expect(fitOfSize(5e8, ONE_GB)).toMatchObject({ kind: 'fits', why: expect.stringMatching(/cache comes on top\.$/) });
  });
});

describe('a model beside the loaded one', () => {
  test.each([
    [7e8, 0, 'fits'],
    [7e8, 2e8, 'tight'],
    [7e8, 4e8, 'doesNotFit'],
    [1, 2e9, 'doesNotFit'],
  ])('%d bytes beside %d: %s', (bytes, loaded, kind) => {
    expect(fitBeside(bytes, loaded, ONE_GB).kind).toBe(kind);
    expect(fitBeside(bytes, loaded, UNMEASURED).kind).toBe('unknown');
  });
});

describe('what a model suits', () => {
  test.each([
    [{ thinking: 'good', negotiation: 'good', chat: 'good' }, 'Good for Thinking, Negotiation and Chat'],
    [{ thinking: 'no', negotiation: 'weak', chat: 'good' }, 'Good for Chat; weak in Negotiation; not for Thinking'],
    [{ thinking: 'weak', negotiation: 'weak', chat: 'weak' }, 'Weak in Thinking, Negotiation and Chat'],
  ] as const)('%#: %s', (suits, text) => {
    expect(suitText(suits)).toBe(text);
  });
});
