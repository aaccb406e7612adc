import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { blobSource } from '@/engine/loading/byte-source.ts';
import { modelConfigOf } from '@/engine/loading/gguf-config.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import type { MemoryEstimate } from '@/protocol/model-fit.ts';
import type { LoadOptions, ModelSource } from '@/protocol/model.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { ModelFit } from './model-fit.ts';

const TINY = readGoldenBytes('tiny/qwen3/tiny-qwen3-F32.gguf');
const FILE = new File([TINY], 'tiny.gguf');
const measuring = vi.hoisted(() => ({ measureMemory: vi.fn() }));
vi.mock('@/engine/gpu/measure-memory.ts', () => measuring);

const estimateOf = async (source: ModelSource, options: LoadOptions = {}): Promise<MemoryEstimate> =>
  (await new ModelFit(async () => 0).estimate(source, options)).done();

// No adapter: a GPU with the specification's defaults is assumed.
beforeEach(() => {
  vi.stubGlobal('navigator', {});
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('an estimate', () => {
  test('adds up, and a cache of half the width takes half', async () => {
    const [f32, f16] = [await estimateOf(FILE, { kvType: 'f32' }), await estimateOf(FILE, { kvType: 'f16' })];
    expect(f32.totalBytes).toBe(f32.weightBytes + f32.kvCacheBytes + f32.activationBytes);
    expect(f16.kvCacheBytes).toBe(f32.kvCacheBytes / 2);
    expect(f16.weightBytes).toBe(f32.weightBytes);
    // Weights of an F32 file lie on the GPU as they are, and q and k norms and biases beside them.
    expect(f32.weightBytes).toBeGreaterThan(TINY.length * 0.8);
    expect(f32).toMatchObject({ kvType: 'f32', contextLength: (await estimateOf(FILE)).contextLength });
  });

  test('of an address reads no more than the beginning', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (_url: string, { headers }: RequestInit) => {
      const range = new Headers(headers).get('range') ?? '';
      asked.push(range);
      const [, from = 0, to = 0] = (/bytes=(\d+)-(\d+)/.exec(range) ?? []).map(Number);
      const total = 3_000_000_000;
      const bytes = new Uint8Array(to + 1 - from);
      bytes.set(TINY.subarray(from, to + 1));
      const headersSent = { 'Content-Range': `bytes ${from}-${from + bytes.length - 1}/${total}` };
      return new Response(bytes, { status: 206, headers: headersSent });
    });
    const estimate = await estimateOf('https://x.example/tiny.gguf');
    expect(estimate).toEqual(await estimateOf(FILE));
    expect(asked).toEqual(['bytes=0-524287']);
  });

  test('of what is no model fails as a load does', async () => {
    await expect(estimateOf('gpt-5')).rejects.toMatchObject({ code: 'invalidConfig' });
    await expect(estimateOf([])).rejects.toMatchObject({ code: 'invalidConfig' });
    await expect(estimateOf(new File(['none'], 'none.gguf'))).rejects.toMatchObject({ code: 'invalidFile' });
    await expect(estimateOf(FILE, { contextLength: 0 })).rejects.toMatchObject({ code: 'invalidConfig' });
  });
});

describe('a load', () => {
  async function admit(fit: ModelFit, options: LoadOptions): Promise<unknown> {
    using gguf = await openGguf([blobSource('tiny.gguf', FILE)]);
    return await fit.admit(gguf, await modelConfigOf(gguf), options);
  }

  async function measured(freeBytes: number, isAtLeast: boolean, bytesInUse = 0): Promise<ModelFit> {
    measuring.measureMemory.mockResolvedValue({ freeBytes, isAtLeast });
    const fit = new ModelFit(async () => bytesInUse);
    await (await fit.measureMemory()).done();
    return fit;
  }

  test('is let through before anything was measured, with context and cache type', async () => {
    const fit = new ModelFit(async () => 0);
    expect(await admit(fit, { contextLength: 64 })).toEqual({ contextLength: 64, kvType: 'f32' });
  });

  test('that takes more than was found free is refused with the numbers and what would fit', async () => {
    const { totalBytes } = await estimateOf(FILE, { contextLength: 256, kvType: 'f32' });
    await expect(admit(await measured(totalBytes, false), { contextLength: 256 })).resolves.toBeDefined();
    const fit = await measured(totalBytes - 1, false);
    const refusal = admit(fit, { contextLength: 256 });
    await expect(refusal).rejects.toMatchObject({
      code: 'doesNotFit',
      message: expect.stringMatching(
        /weights .* MB, cache .* for 256 tokens in f32.*were free when .*f16 cache would fit/,
      ),
      details: { totalBytes, roomBytes: totalBytes - 1, fittingContextLength: 256, fittingKvType: 'f16' },
    });
    // What was said to fit does.
    await expect(admit(fit, { contextLength: 256, kvType: 'f16' })).resolves.toBeDefined();
  });

  test('has the room of the loaded model too, which it replaces', async () => {
    const { totalBytes } = await estimateOf(FILE, { contextLength: 256 });
    const fit = await measured(1000, false, totalBytes - 1000);
    await expect(admit(fit, { contextLength: 256 })).resolves.toBeDefined();
  });

  test('is not refused by a measurement that was cancelled, and two do not run at once', async () => {
    const fit = await measured(1, true);
    measuring.measureMemory.mockImplementation(
      (_limit: unknown, signal: AbortSignal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const run = await fit.measureMemory();
    await expect((await fit.measureMemory()).done()).rejects.toHaveProperty('code', 'busy');
    run.cancel();
    await expect(run.done()).rejects.toHaveProperty('name', 'AbortError');
    await expect(admit(fit, {})).resolves.toBeDefined();
    await expect((await measured(5, true)).measureMemory(-1).then(({ done }) => done())).rejects.toHaveProperty(
      'code',
      'invalidConfig',
    );
  });

  test('is not refused where there may be more than was measured', async () => {
    await expect(admit(await measured(1, true), {})).resolves.toBeDefined();
  });

  test('that no context makes small enough is told so', async () => {
    await expect(admit(await measured(1000, false), {})).rejects.toMatchObject({
      message: expect.stringContaining('No context would fit'),
    });
  });

  test('with a cache larger than a binding is refused before it is allocated', async () => {
    const fit = new ModelFit(async () => 0);
    using gguf = await openGguf([blobSource('tiny.gguf', FILE)]);
    const config = { ...(await modelConfigOf(gguf)), numKeyValueHeads: 8, headDim: 128, maxContextLength: 131_072 };
    await expect(fit.admit(gguf, config, { contextLength: 40_960, kvType: 'f32' })).rejects.toMatchObject({
      code: 'limitTooSmall',
      message: expect.stringMatching(
        /40,960 tokens in f32.*the keys of a layer.*168 MB.*134 MB.*40,960 tokens with an f16/,
      ),
      details: { fittingContextLength: 40_960 },
    });
  });
});
