import { expect, test } from 'vitest';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { MeasurementStore } from '@/engine/loading/tuning-store.ts';
import type { DecodeSpeed } from '@/protocol/speed.ts';
import { ModelSpeed } from './model-speed.ts';

const NEVER = new AbortController().signal;

/** What a measurement takes of a model: an adapter's name, and steps that are counted instead of computed. */
class CountedModel {
  numSteps = 0;
  readonly model: GpuModel;

  constructor(architecture = 'one', kvType = 'f16') {
    const adapterInfo = { vendor: 'a vendor', architecture, device: '', description: '' };
    const decoder = {
      createBlock: () => ({ [Symbol.dispose]: () => undefined }),
      forward: () => {
        this.numSteps += 1;
        return Promise.resolve();
      },
    };
    this.model = { gpu: { adapterInfo }, options: { kvType }, decoder } as unknown as GpuModel;
  }
}

/** As the page's own: what comes out of it was measured at an earlier load. */
function mapStore(kept: Map<string, DecodeSpeed>): MeasurementStore<DecodeSpeed> {
  return {
    get: (key) => {
      const found = kept.get(key);
      return Promise.resolve(found && { ...found, origin: 'cached' });
    },
    put: (key, measured) => Promise.resolve(void kept.set(key, measured)),
  };
}

test('a speed is measured once, and known afterwards', async () => {
  const speed = new ModelSpeed(mapStore(new Map()));
  const counted = new CountedModel();
  const first = await speed.of(counted.model, 'files', NEVER);
  expect(first.origin).toBe('measured');
  // One step in front of the clock.
  expect(counted.numSteps).toBe(first.numSteps + 1);
  const again = new CountedModel();
  expect(await speed.of(again.model, 'files', NEVER)).toEqual({ ...first, origin: 'cached' });
  expect(again.numSteps).toBe(0);
});

test('other files, another adapter and another KV type are measured for themselves', async () => {
  const kept = new Map<string, DecodeSpeed>();
  const speed = new ModelSpeed(mapStore(kept));
  await speed.of(new CountedModel().model, 'files', NEVER);
  for (const [counted, files] of [
    [new CountedModel(), 'other files'],
    [new CountedModel('two'), 'files'],
    [new CountedModel('one', 'f32'), 'files'],
  ] as const) {
    expect((await speed.of(counted.model, files, NEVER)).origin).toBe('measured');
    expect(counted.numSteps).toBeGreaterThan(0);
  }
  expect(kept.size).toBe(4);
});

test('measuring again takes the place of what was known', async () => {
  const kept = new Map<string, DecodeSpeed>();
  const speed = new ModelSpeed(mapStore(kept));
  const counted = new CountedModel();
  await speed.of(counted.model, 'files', NEVER);
  const [key = ''] = kept.keys();
  kept.set(key, { tokensPerSecond: 1, stepMs: 1000, numSteps: 3, speedClass: 'verySlow', origin: 'measured' });
  const measured = await speed.measure(counted.model, 'files', NEVER);
  expect(measured).toMatchObject({ origin: 'measured', speedClass: 'fast' });
  expect(await speed.of(counted.model, 'files', NEVER)).toEqual({ ...measured, origin: 'cached' });
});

test('a measurement that is broken off keeps nothing', async () => {
  const kept = new Map<string, DecodeSpeed>();
  const speed = new ModelSpeed(mapStore(kept));
  await expect(speed.of(new CountedModel().model, 'files', AbortSignal.abort())).rejects.toThrow(/abort/i);
  expect(kept.size).toBe(0);
});
