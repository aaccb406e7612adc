import { expect, test } from 'vitest';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import { measureSpeed, speedKey } from './measure-speed.ts';

const TINY = goldenUrl('tiny/llama/tiny-llama-Q4_1.gguf');
const { signal } = new AbortController();

test('the speed is that of single steps of two rows, and nothing is left of the measurement', async () => {
  using loaded = await loadGpuModel(TINY);
  const { model } = loaded;
  const bytes = model.gpu.memory.report().total;
  model.recorder.resetCounts();
  const { stepMs, tokensPerSecond, numSteps, origin } = await measureSpeed(model, signal);
  // One step in front of the clock; each is one submit and one readback of both rows.
  expect(model.recorder.counts.submits).toBe(numSteps + 1);
  expect(model.recorder.counts.readbacks).toBe(numSteps + 1);
  expect(numSteps).toBeGreaterThanOrEqual(3);
  expect(stepMs).toBeGreaterThan(0);
  expect(tokensPerSecond * stepMs).toBeCloseTo(1000);
  expect(origin).toBe('measured');
  expect(model.gpu.memory.report().total).toBe(bytes);
  expect(model.decoder.freeTokens).toBe(model.decoder.contextLength);
  expect(speedKey(model, 'a model')).toContain(model.gpu.adapterInfo.architecture);
  expect(speedKey(model, 'a model')).not.toBe(speedKey(model, 'another model'));
});

test('the measurement can be cancelled', async () => {
  using loaded = await loadGpuModel(TINY);
  await expect(measureSpeed(loaded.model, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});
