import { describe, expect, test } from 'vitest';
import { probeMemory, type ProbeDevice } from './measure-memory.ts';

const MiB = 1 << 20;
const { signal } = new AbortController();

interface Machine {
  readonly device: ProbeDevice;
  /** Bytes of all buffers that are not destroyed. */
  held(): number;
  isDestroyed(): boolean;
  readonly sizes: readonly number[];
}

/** A device with so much memory; `lostAfter` buffers it is gone. */
function machine(roomBytes: number, options: { lostAfter?: number; onBuffer?: () => void } = {}): Machine {
  const sizes: number[] = [];
  const errors: boolean[] = [];
  let held = 0;
  let destroyed = false;
  let lose: (info: GPUDeviceLostInfo) => void = () => undefined;
  const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    lose = resolve;
  });
  const device = {
    lost,
    pushErrorScope: () => errors.push(false),
    // The innermost scope, which is that of memory, sees the error.
    popErrorScope: async () => (errors.pop() === true ? ({ message: 'no room' } as GPUError) : null),
    createBuffer({ size }: GPUBufferDescriptor) {
      sizes.push(size);
      options.onBuffer?.();
      if (sizes.length > (options.lostAfter ?? Infinity)) lose({ reason: 'unknown', message: '' } as GPUDeviceLostInfo);
      const fits = held + size <= roomBytes;
      if (fits) held += size;
      else errors[errors.length - 1] = true;
      return { destroy: () => (held -= fits ? size : 0) } as unknown as GPUBuffer;
    },
    destroy: () => (destroyed = true),
  } as unknown as ProbeDevice;
  return { device, sizes, held: () => held, isDestroyed: () => destroyed };
}

describe('measuring memory', () => {
  test('finds what there is up to 32 MiB, and gives everything back', async () => {
    const probed = machine(900 * MiB);
    expect(await probeMemory(probed.device, 8192 * MiB, signal)).toEqual({ freeBytes: 896 * MiB, isAtLeast: false });
    expect(probed.held()).toBe(0);
    expect(probed.isDestroyed()).toBe(true);
  });

  test('stops at its limit and says that there may be more', async () => {
    const probed = machine(4096 * MiB);
    expect(await probeMemory(probed.device, 600 * MiB, signal)).toEqual({ freeBytes: 600 * MiB, isAtLeast: true });
    expect(probed.sizes).toEqual([256 * MiB, 256 * MiB, 88 * MiB]);
    expect(probed.held()).toBe(0);
  });

  test('without room for the smallest step finds none', async () => {
    const probed = machine(10 * MiB);
    expect(await probeMemory(probed.device, 8192 * MiB, signal)).toEqual({ freeBytes: 0, isAtLeast: false });
    expect(probed.sizes).toEqual([256 * MiB, 128 * MiB, 64 * MiB, 32 * MiB]);
  });

  test('takes a device that is lost as an answer', async () => {
    const probed = machine(4096 * MiB, { lostAfter: 3 });
    expect(await probeMemory(probed.device, 8192 * MiB, signal)).toEqual({ freeBytes: 768 * MiB, isAtLeast: false });
    expect(probed.held()).toBe(0);
  });

  test('can be cancelled between two steps', async () => {
    const controller = new AbortController();
    const probed = machine(4096 * MiB, { onBuffer: () => controller.abort() });
    await expect(probeMemory(probed.device, 8192 * MiB, controller.signal)).rejects.toHaveProperty(
      'name',
      'AbortError',
    );
    expect(probed.sizes).toHaveLength(1);
    expect(probed.held()).toBe(0);
    expect(probed.isDestroyed()).toBe(true);
  });
});
