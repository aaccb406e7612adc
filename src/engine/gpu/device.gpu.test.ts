import { describe, expect, test } from 'vitest';
import { offeredBufferBytes } from '@/protocol/model-fit.ts';
import { Gpu } from './device.ts';

const MiB = 1 << 20;
const never = (): Promise<never> => new Promise(() => undefined);

describe('limits', () => {
  test('are the defaults without a wish, and are raised as far as is wished and offered', async () => {
    using modest = await Gpu.create({ largestBufferBytes: 100 * MiB });
    expect(modest.largestBufferBytes).toBe(128 * MiB);
    const offered = offeredBufferBytes(modest.adapterLimits);
    using wishing = await Gpu.create({ largestBufferBytes: 2 ** 50 });
    expect(wishing.largestBufferBytes).toBe(offered);
    const wished = Math.min(offered, 200 * MiB);
    using raised = await Gpu.create({ largestBufferBytes: wished });
    expect(raised.largestBufferBytes).toBe(wished);
    expect(raised.requestedLimits['maxComputeWorkgroupStorageSize']).toBe(16_384);
  });
});

describe('waiting for a device', () => {
  test('ends when the device is lost, even if the browser leaves its promise open', async () => {
    using gpu = await Gpu.create();
    const waiting = gpu.settled(never());
    gpu.lose();
    await expect(waiting).rejects.toMatchObject({ code: 'deviceLost' });
    await expect(gpu.settled(Promise.resolve(1))).rejects.toMatchObject({ code: 'deviceLost' });
  });

  test('ends when the device is given back', async () => {
    const gpu = await Gpu.create();
    const waiting = gpu.settled(never());
    gpu[Symbol.dispose]();
    await expect(waiting).rejects.toMatchObject({ code: 'deviceLost' });
  });

  test('gives what was promised, or its own reason, while the device lives', async () => {
    using gpu = await Gpu.create();
    await expect(gpu.settled(Promise.resolve(7))).resolves.toBe(7);
    await expect(gpu.settled(Promise.reject(new Error('full')))).rejects.toThrow('full');
    await gpu.workDone();
  });
});
