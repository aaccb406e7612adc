import { expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import { profileModel } from './measure.ts';
import { tuneKernels, tuningKey } from './tune-kernels.ts';

const TINY = goldenUrl('tiny/llama/tiny-llama-Q4_1.gguf');
const { signal } = new AbortController();

test('tuning measures both shapes of every matrix, picks the faster, and leaves the numbers as they are', async () => {
  using loaded = await loadGpuModel(TINY);
  const { model } = loaded;
  const ids = [5, 60, 99, 200];
  const [before] = await model.decoder.logits(ids, [3]);
  const bytes = model.gpu.memory.report().total;
  const tuning = await tuneKernels(model, signal);
  expect(model.gpu.memory.report().total).toBe(bytes);
  // qkv, output, gate and up, down, head; one and two tokens.
  expect(Object.keys(tuning.choices)).toHaveLength(10);
  for (const [key, shape] of Object.entries(tuning.choices)) {
    const other = shape === 'threadPerRows' ? 'workgroupPerRows' : 'threadPerRows';
    expect(tuning.measuredUs[`${key} ${shape}`]).toBeLessThanOrEqual(tuning.measuredUs[`${key} ${other}`] ?? 0);
  }
  model.tuning = tuning;
  const [after] = await model.decoder.logits(ids, [3]);
  after?.forEach((logit, id) => expect(Math.abs(logit - at(before ?? [], id))).toBeLessThan(1e-4));
  expect(tuningKey(model)).toContain(model.gpu.adapterInfo.architecture);
});

test('tuning can be cancelled', async () => {
  using loaded = await loadGpuModel(TINY);
  await expect(tuneKernels(loaded.model, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

test('a profile counts exactly, labels every kernel, and frees what it used', async () => {
  using loaded = await loadGpuModel(TINY);
  const { model } = loaded;
  const report = await profileModel(model, {
    promptTokens: 16,
    decodeSteps: 3,
    rows: 2,
    forwards: [[1], [24], [1, 24]],
  });
  const dispatches = 1 + report.dispatchesPerLayer * model.config.numHiddenLayers + 5;
  expect(report.dispatchesPerLayer).toBe(8);
  expect(report.stepCounts).toEqual({ dispatches, submits: 1, readbacks: 1, readbackBytes: 128, bindGroupsCreated: 0 });
  expect(report.stepMs).toHaveLength(3);
  // A probe costs the same calls as a step, and none of its own beside one.
  const { bindGroupsCreated } = report.stepCounts;
  const oneRead = { dispatches, submits: 1, readbacks: 1, bindGroupsCreated };
  expect(report.forwards.map(({ counts }) => counts)).toEqual([
    { ...oneRead, readbackBytes: 64 },
    { ...oneRead, readbackBytes: 64 },
    { ...oneRead, readbackBytes: 128 },
  ]);
  expect(report.forwards.map(({ ms }) => ms.length)).toEqual([3, 3, 3]);
  if (model.recorder.profiler.isSupported) {
    expect(report.kernels.reduce((sum, kernel) => sum + kernel.dispatches, 0)).toBe(dispatches);
    expect(report.kernels.every(({ label }) => label !== '')).toBe(true);
  }
  expect(model.decoder.freeTokens).toBe(model.decoder.contextLength);
});
