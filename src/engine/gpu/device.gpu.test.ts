import { describe, expect, test } from 'vitest';
import { Gpu } from './device.ts';

const never = (): Promise<never> => new Promise(() => undefined);

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
