/** Adapters and training through `window.duet.training`: TRL's own batches on the tiny model, a step of the embedded one. */
import { readFile } from 'node:fs/promises';
import type { JSHandle, Page } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import type { GoldenTraining } from '../src/testing/training-golden.ts';
import { duet, expect, test } from './fixtures.ts';

const GOLDEN = new URL('../src/testing/golden/grpo/', import.meta.url);

async function goldenFile(path: string): Promise<Buffer> {
  return readFile(new URL(path, GOLDEN));
}

/** The page's interface with the tiny model of the reference data loaded, as a visitor loads a file. */
async function tinyModel(page: Page): Promise<JSHandle<DuetApi>> {
  const api = await duet(page);
  const bytes = [...(await goldenFile('tiny-llama/tiny-llama-grpo-F32.gguf'))];
  await api.evaluate(
    (d, fileBytes) =>
      d.loadModel(new File([new Uint8Array(fileBytes)], 'tiny-llama-grpo.gguf'), { kernelShape: 'threadPerRows' }),
    bytes,
  );
  return api;
}

test.describe('on the tiny model of the reference data', () => {
  test('TRL’s batch and config are valid input as they stand, and give TRL’s loss and gradients', async ({ page }) => {
    const golden = JSON.parse((await goldenFile('training-step.json')).toString()) as GoldenTraining;
    const goldenCase = golden.cases.find(({ name }) => name === 'dapo_on_policy');
    if (goldenCase === undefined) throw new Error('The reference data have no dapo_on_policy.');
    await page.goto('/?model=none');
    const api = await tinyModel(page);
    const report = await api.evaluate(
      async (d, { files, batch, config }) => {
        const bytes = files.map(({ name, base64 }) => ({
          name,
          bytes: Uint8Array.from(atob(base64), (char) => char.codePointAt(0) ?? 0),
        }));
        const { id } = await d.training.importAdapter(bytes, 'TRL’s adapter');
        await d.training.attachAdapter(id);
        const { gradients, rows: _, ...rest } = await d.training.gradients(batch, config);
        const exported = await d.training.exportAdapter(id, 'files');
        const weights = exported.find(({ name }) => name.endsWith('.safetensors'))?.bytes ?? new Uint8Array();
        return {
          ...rest,
          names: gradients.map(({ name }) => name),
          exported: btoa(weights.reduce((text, byte) => text + String.fromCodePoint(byte), '')),
        };
      },
      {
        files: await Promise.all(
          ['adapter_config.json', 'adapter_model.safetensors'].map(async (name) => ({
            name,
            base64: (await goldenFile(`tiny-llama-lora/${name}`)).toString('base64'),
          })),
        ),
        batch: golden.batches[goldenCase.batch] ?? {},
        config: goldenCase.config,
      },
    );
    const [expected] = goldenCase.steps;
    expect(report.loss).toBeCloseTo(expected?.loss ?? NaN, 5);
    expect(report.gradNorm / (expected?.grad_norm_before_clip ?? NaN)).toBeCloseTo(1, 4);
    expect(report.names).toContain('base_model.model.model.layers.1.mlp.down_proj.lora_B.weight');
    // What was imported goes out byte for byte.
    expect(report.exported).toBe((await goldenFile('tiny-llama-lora/adapter_model.safetensors')).toString('base64'));
  });

  test('a run is taken up after a reload: the next step is the same bit by bit', async ({ page }) => {
    const batch = {
      rows: [
        { promptIds: [5, 6, 7], completionIds: [8, 9, 10], lossMask: [1, 1, 1], advantage: 1 },
        { promptIds: [5, 6, 7], completionIds: [11, 12], lossMask: [1, 1], advantage: -1 },
      ],
    };
    const settings = { learningRate: 1e-3, beta: 0.1, lossType: 'grpo' };
    await page.goto('/?model=none');
    const api = await tinyModel(page);
    const before = await api.evaluate(
      async (d, input) => {
        const { training } = d;
        const adapter = await training.createAdapter({ name: 'Reloaded', config: { r: 4, loraDropout: 0.1 }, seed: 3 });
        await training.trainStep(input.batch, input.settings);
        const saved = await training.saveCheckpoint({ dataPosition: 2, rngState: [7], settings: input.settings });
        const next = await training.trainStep(input.batch, input.settings);
        return { id: adapter.id, saved, next: { loss: next.loss, gradNorm: next.gradNorm, step: next.step } };
      },
      { batch, settings },
    );
    expect(before.saved.step).toBe(1);
    await page.reload();
    const reloaded = await tinyModel(page);
    const after = await reloaded.evaluate(
      async (d, input) => {
        const { training } = d;
        const { adapters } = await training.listAdapters();
        await training.attachAdapter(input.id);
        const { state } = await training.resume();
        const next = await training.trainStep(input.batch, input.settings);
        const { step } = await training.optimizerState();
        return {
          names: adapters.map(({ name, step: steps }) => [name, steps]),
          state,
          step,
          next: { loss: next.loss, gradNorm: next.gradNorm, step: next.step },
        };
      },
      { id: before.id, batch, settings },
    );
    expect(after.names).toEqual([['Reloaded', 1]]);
    expect(after.state).toEqual({ dataPosition: 2, rngState: [7], settings, metrics: [] });
    expect(after.next).toEqual(before.next);
    expect(after.step).toBe(2);
  });

  test('what cannot be is refused by name, and nothing changes', async ({ page }) => {
    await page.goto('/?model=none');
    const api = await tinyModel(page);
    const outcome = await api.evaluate(async (d) => {
      const { training } = d;
      const codeOf = async (promise: Promise<unknown>): Promise<readonly [string, string]> =>
        promise.then(
          () => ['finished', ''] as const,
          (error: { code: string; message: string }) => [error.code, error.message] as const,
        );
      const row = { promptIds: [5, 6], completionIds: [8, 9], lossMask: [1, 1], advantage: 1 };
      const batch = { rows: [row, { ...row, advantage: -1 }] };
      // A group of equal rewards, and one with a row that nobody could score.
      const { advantages, metrics } = await training.advantages({
        rewards: [3, 3, 0, 1, null],
        groupIds: [0, 0, 1, 1, 1],
        scaleRewards: 'none',
      });
      const withoutAdapter = await codeOf(training.trainStep(batch, {}));
      const { id } = await training.createAdapter({ name: 'Refused' });
      const read = async (): Promise<string> =>
        (await training.exportAdapter(id, 'files')).map(({ bytes }) => bytes.join()).join();
      const weights = await read();
      const tooLarge = await codeOf(
        training.trainStep(batch, { memoryLimitBytes: 500_000, gradientCheckpointing: false }),
      );
      const unknown = await codeOf(training.trainStep(batch, { learningrate: 1 }));
      const badBatch = await codeOf(training.trainStep({ rows: [{ ...row, lossMask: [1] }] }, {}));
      const controller = new AbortController();
      controller.abort();
      const cancelled = await codeOf(training.trainStep(batch, {}, { signal: controller.signal }));
      const unchanged = (await read()) === weights;
      // B becomes as large as f32 goes; the next step's numbers are not finite.
      await training.trainStep(batch, { learningRate: 3e38 });
      const spoilt = await read();
      const diverged = await codeOf(training.trainStep(batch, {}));
      const keptAfterDiverging = (await read()) === spoilt;
      await training.deleteAdapter(id);
      const { attached, adapters } = await training.listAdapters();
      const estimate = await codeOf(training.estimate(batch));
      return {
        advantages,
        frac: metrics['frac_reward_zero_std'],
        withoutAdapter,
        tooLarge,
        unknown,
        badBatch,
        cancelled,
        unchanged,
        diverged,
        keptAfterDiverging,
        attached,
        left: adapters.map(({ name }) => name),
        estimate: estimate[0],
        bytes: (await d.memory()).training,
      };
    });
    expect(outcome.advantages).toEqual([0, 0, -0.5, 0.5, 0]);
    expect(outcome.frac).toBeGreaterThan(0);
    expect(outcome.withoutAdapter[0]).toBe('noAttachedAdapter');
    expect(outcome.tooLarge[0]).toBe('doesNotFit');
    expect(outcome.tooLarge[1]).toMatch(/takes \d+ bytes; the limit is 500000 bytes/);
    expect(outcome.unknown).toEqual(['invalidConfig', expect.stringContaining('learningrate')]);
    expect(outcome.badBatch).toEqual(['invalidConfig', expect.stringContaining('lossMask')]);
    expect(outcome.cancelled[0]).toBe('cancelled');
    expect(outcome.unchanged).toBe(true);
    expect(outcome.diverged).toEqual(['trainingDiverged', expect.stringMatching(/Step 2 .*(lora_[AB]|loss)/)]);
    expect(outcome.keptAfterDiverging).toBe(true);
    expect(outcome).toMatchObject({ attached: null, left: [], estimate: 'noAttachedAdapter', bytes: 0 });
  });
});

test('a step of the embedded model moves its tokens in the advantages’ direction, and the adapter goes out and in again', async ({
  engine: api,
}) => {
  const outcome = await api.evaluate(async (d) => {
    const { training } = d;
    const promptIds = (await d.applyChatTemplate([{ role: 'user', content: 'Say a word.' }])).tokenIds;
    const [wanted, unwanted] = [await d.tokenize('Yes.'), await d.tokenize('No.')];
    const rowOf = (completionIds: number[], advantage: number) => ({
      promptIds,
      completionIds,
      lossMask: completionIds.map(() => 1),
      advantage,
    });
    const batch = { rows: [rowOf(wanted, 1), rowOf(unwanted, -1)] };
    const sumOf = async (options: { adapter?: 'on' | 'off' } = {}): Promise<number[]> =>
      (await training.logProbs(batch, options)).map(({ logProbs }) => logProbs.reduce((sum, value) => sum + value, 0));
    const config = { r: 4, targetModules: ['q_proj', 'v_proj'] };
    const first = await training.createAdapter({ name: 'First', config, seed: 1 });
    const before = await sumOf();
    const phases = new Set<string>();
    const report = await training.trainStep(
      batch,
      { learningRate: 1e-3, gradientCheckpointing: false },
      { onProgress: ({ phase }) => phases.add(phase) },
    );
    const after = await sumOf();
    const off = await sumOf({ adapter: 'off' });
    const zip = await training.exportAdapter(first.id);
    const second = await training.importAdapter(zip, 'Second');
    await training.attachAdapter(second.id);
    const imported = await sumOf();
    const request = { tokenIds: promptIds, maxNewTokens: 4 };
    const without = await d.generate({ ...request, adapter: 'off' });
    await training.attachAdapter(second.id, { blend: 0 });
    const blended = await d.generate(request);
    for (const { id } of [first, second]) await training.deleteAdapter(id);
    const memory = await d.memory();
    return {
      before,
      after,
      off,
      imported,
      phases: [...phases],
      loss: report.loss,
      without: without.logProbs,
      blended: blended.logProbs,
      trainingBytes: memory.training,
    };
  });
  const [wantedBefore = 0, unwantedBefore = 0] = outcome.before;
  const [wantedAfter = 0, unwantedAfter = 0] = outcome.after;
  expect(wantedAfter).toBeGreaterThan(wantedBefore);
  expect(unwantedAfter).toBeLessThan(unwantedBefore);
  expect(outcome.off).toEqual(outcome.before);
  expect(outcome.imported).toEqual(outcome.after);
  expect(outcome.blended).toEqual(outcome.without);
  expect(outcome.phases).toEqual(['forward', 'backward', 'update']);
  expect(outcome.trainingBytes).toBe(0);
});
