import { afterEach, describe, expect, test, vi } from 'vitest';
import { isSoftwareAdapter } from '@/engine/gpu/device.ts';
import { blobSource } from '@/engine/loading/byte-source.ts';
import { modelConfigOf } from '@/engine/loading/gguf-config.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import { estimateModelMemory } from './estimate-model-memory.ts';
import { GpuModel } from './gpu-model.ts';

const MODELS = ['tiny/llama/tiny-llama-Q4_1', 'tiny/kquants/tiny-llama256-Q4_K_M', 'tiny/qwen2/tiny-qwen2-F32'];
const QWEN3 = 'tiny/qwen3/tiny-qwen3-F32';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the estimate equals what a load allocates, byte for byte', () => {
  test.each([
    ...MODELS.map((file) => ({ file, contextLength: 256, kvType: 'f32' as const })),
    { file: QWEN3, contextLength: 1024, kvType: 'f32' as const },
    { file: QWEN3, contextLength: 1000, kvType: 'f16' as const },
    { file: QWEN3, contextLength: 40, kvType: 'f16' as const, maxBindingBytes: 20_000 },
  ])('%o', async ({ file, ...options }) => {
    using loaded = await loadGpuModel(goldenUrl(`${file}.gguf`), options);
    const { gpu, config } = loaded.model;
    const estimate = estimateModelMemory(loaded.gguf, config, {
      ...options,
      isSoftware: isSoftwareAdapter(gpu.adapterInfo),
      offeredBufferBytes: gpu.largestBufferBytes,
    });
    const report = (): Record<string, number> => {
      const { weights, kvCache, activations, other, total } = gpu.memory.report();
      return { weights, kvCache, working: activations + other, total };
    };
    const expected = {
      weights: estimate.weightBytes,
      kvCache: estimate.kvCacheBytes,
      working: estimate.activationBytes,
      total: estimate.totalBytes,
    };
    expect(report()).toEqual(expected);
    using block = loaded.model.decoder.createBlock('use');
    const row = {
      view: [block],
      tokenIds: [1, 2, 3],
      output: { kind: 'token' },
      attention: { keys: 'byLayer' },
    } as const;
    await loaded.model.decoder.forward([row]);
    expect(report()).toEqual(expected);
    expect(estimate.contextLength).toBe(loaded.model.decoder.contextLength);
  });
});

describe('a device without room', () => {
  async function load(): Promise<GpuModel> {
    const response = await fetch(goldenUrl(`${QWEN3}.gguf`));
    using gguf = await openGguf([blobSource('tiny.gguf', await response.blob())]);
    const options = { contextLength: 1024, kvType: 'f32', kernelShape: 'threadPerRows' } as const;
    return await GpuModel.create(
      gguf,
      await modelConfigOf(gguf),
      options,
      () => undefined,
      new AbortController().signal,
    );
  }

  /** The browser reports no room from the `nth` stage of a load on; each asks for an error of two kinds. */
  function runOutOfMemoryAt(stage: number): GPUDevice[] {
    const devices: GPUDevice[] = [];
    const pop = GPUDevice.prototype.popErrorScope;
    let calls = 0;
    vi.spyOn(GPUDevice.prototype, 'popErrorScope').mockImplementation(async function popScope(this: GPUDevice) {
      devices.push(this);
      const isMemory = calls++ % 2 === 0;
      const error = await pop.call(this);
      return isMemory && Math.floor((calls - 1) / 2) >= stage ? new GPUOutOfMemoryError('no more pages') : error;
    });
    return devices;
  }

  test('is refused with the numbers by owner, what there was room for and what would fit; nothing stays', async () => {
    const devices = runOutOfMemoryAt(2);
    const failure: unknown = await load().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'outOfMemory',
      message: expect.stringMatching(
        /weights \d+ MB, cache \d+ MB for 1,024 tokens in f32, working memory \d+ MB: \d+ MB; the device had room for about \d+ MB\..*no more pages/,
      ),
      details: { contextLength: 1024, kvType: 'f32', roomBytes: expect.any(Number) },
    });
    const lost = await devices[0]?.lost;
    expect(lost?.reason).toBe('destroyed');
  });

  test('has nothing to show where the cache alone has no room', async () => {
    runOutOfMemoryAt(0);
    await expect(load()).rejects.toMatchObject({ code: 'outOfMemory', details: { roomBytes: 0 } });
  });
});
