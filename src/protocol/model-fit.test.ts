import { describe, expect, test } from 'vitest';
import {
  fitOf,
  kvCacheBytes,
  kvTypeFor,
  LARGEST_F32_CACHE_BYTES,
  offeredBufferBytes,
  resolveLoadOptions,
  type CacheShape,
} from './model-fit.ts';

const QWEN3_06B: CacheShape = { numHiddenLayers: 28, numKeyValueHeads: 8, headDim: 128 };
const SMOLLM2_135M: CacheShape = { numHiddenLayers: 30, numKeyValueHeads: 3, headDim: 64 };
const MB = 1e6;

describe('the cache', () => {
  test('of Qwen3-0.6B takes 112 KiB a token in f16, twice as much in f32, and one page for copies', () => {
    const page = 16 * 8 * 128 * 2;
    expect(kvCacheBytes(QWEN3_06B, 4096, 'f16')).toBe(4096 * 112 * 1024 + page);
    expect(kvCacheBytes(QWEN3_06B, 4096, 'f32')).toBe(2 * kvCacheBytes(QWEN3_06B, 4096, 'f16'));
  });

  test('is allocated in whole pages', () => {
    expect(kvCacheBytes(QWEN3_06B, 17, 'f32')).toBe(kvCacheBytes(QWEN3_06B, 32, 'f32'));
    expect(kvCacheBytes(QWEN3_06B, 33, 'f32')).toBeGreaterThan(kvCacheBytes(QWEN3_06B, 32, 'f32'));
  });

  test('is f32 up to 256 MiB and f16 above', () => {
    expect(kvTypeFor(SMOLLM2_135M, 4096)).toBe('f32');
    expect(kvTypeFor(SMOLLM2_135M, 8192)).toBe('f16');
    expect(kvTypeFor(QWEN3_06B, 4096)).toBe('f16');
    // One layer, one head: 8 bytes of key and value a position and dimension in f32, 16 tokens for copies.
    const exact = { numHiddenLayers: 1, numKeyValueHeads: 1, headDim: 64 };
    const pages = Math.floor((LARGEST_F32_CACHE_BYTES - 16 * 64 * 4) / (16 * 64 * 8));
    expect(kvTypeFor(exact, pages * 16)).toBe('f32');
    expect(kvTypeFor(exact, pages * 16 + 1)).toBe('f16');
  });
});

describe('what a load takes', () => {
  const model = { ...SMOLLM2_135M, maxContextLength: 8192 };

  test.each([
    [{}, { contextLength: 4096, kvType: 'f32' }],
    [{ contextLength: 100_000 }, { contextLength: 8192, kvType: 'f16' }],
    [
      { contextLength: 8192, kvType: 'f32' },
      { contextLength: 8192, kvType: 'f32' },
    ],
    [
      { contextLength: 64, kvType: 'f16' },
      { contextLength: 64, kvType: 'f16' },
    ],
    [{ kvType: 'auto' }, { contextLength: 4096, kvType: 'f32' }],
  ] as const)('%o -> %o', (options, expected) => {
    expect(resolveLoadOptions(model, options)).toEqual(expected);
  });

  test('is never more than the model was trained for', () => {
    expect(resolveLoadOptions({ ...model, maxContextLength: 256 }, {}).contextLength).toBe(256);
  });
});

describe('whether it fits', () => {
  const exact = { freeBytes: 1000 * MB, isAtLeast: false };
  const atLeast = { freeBytes: 1000 * MB, isAtLeast: true };

  test.each([
    [800, exact, 'fits'],
    [801, exact, 'tight'],
    [1000, exact, 'tight'],
    [1001, exact, 'doesNotFit'],
    [801, atLeast, 'fits'],
    [1000, atLeast, 'fits'],
    [1001, atLeast, 'unknown'],
    [1, null, 'unknown'],
  ] as const)('%i MB with %o: %s', (megabytes, measurement, kind) => {
    expect(fitOf(megabytes * MB, measurement, null).kind).toBe(kind);
  });

  test('says the numbers', () => {
    expect(fitOf(1528 * MB, { freeBytes: 900 * MB, isAtLeast: false }, null).why).toBe(
      'It needs 1,528 MB, and 900 MB were found free.',
    );
  });

  test('a buffer that the adapter does not offer is no question of free memory', () => {
    const limits = { largestBufferBytes: 300 * MB, offeredBufferBytes: 134 * MB };
    expect(fitOf(500 * MB, atLeast, limits)).toEqual({
      kind: 'doesNotFit',
      why: 'It needs a buffer of 300 MB, and this adapter offers 134 MB at most.',
    });
    expect(fitOf(500 * MB, atLeast, { ...limits, offeredBufferBytes: 300 * MB }).kind).toBe('fits');
  });

  test('a kernel can use the smaller of what the two limits allow', () => {
    expect(offeredBufferBytes({ maxStorageBufferBindingSize: 5, maxBufferSize: 9 })).toBe(5);
    expect(offeredBufferBytes({ maxStorageBufferBindingSize: 9, maxBufferSize: 5 })).toBe(5);
    expect(offeredBufferBytes({})).toBe(Infinity);
  });
});
