import { describe, expect, it, test } from 'vitest';
import { readGoldenJson } from '@/testing/golden-files.ts';
import { checkTrainingBatch } from './training-batch-schema.ts';
import { checkLoraConfig, checkTrainingSettings } from './training-schema.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING } from './training.ts';

const golden = await readGoldenJson<{
  readonly batches: Readonly<Record<'regular' | 'odd', Readonly<Record<string, number[][]>>>>;
  readonly cases: readonly {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly old_per_token_logps: number[][];
    readonly ref_per_token_logps: number[][];
  }[];
}>('grpo/training-step.json');

const invalid = (message: string | RegExp) =>
  expect.objectContaining({
    code: 'invalidConfig',
    message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
  });

describe('settings', () => {
  it('are the defaults where nothing is given', () => {
    expect(checkTrainingSettings({})).toEqual(DEFAULT_TRAINING);
    expect(checkTrainingSettings(undefined)).toEqual(DEFAULT_TRAINING);
  });

  test.each(golden.cases.map((each) => [each.name, each.config] as const))('of TRL pass: %s', (_name, config) => {
    const settings = checkTrainingSettings(config);
    expect(settings.lossType).toBe(config['loss_type']);
    expect(settings.epsilonHigh).toBe(config['epsilon_high']);
    expect(settings.maxCompletionLength).toBe(16);
    expect(settings.importanceSamplingLevel).toBe(config['importance_sampling_level']);
  });

  it('keep what null means', () => {
    expect(checkTrainingSettings({ epsilon: 0.1, epsilon_high: null })).toMatchObject({ epsilonHigh: 0.1 });
    expect(checkTrainingSettings({ epsilon: 0.1 })).toMatchObject({ epsilonHigh: 0.1 });
    expect(checkTrainingSettings({ max_grad_norm: null })).toMatchObject({ maxGradNorm: null });
    expect(checkTrainingSettings({ max_grad_norm: 0 })).toMatchObject({ maxGradNorm: null });
    expect(checkTrainingSettings({ delta: null, adam_beta1: 0.8, use_bias_correction_kl: false })).toMatchObject({
      delta: null,
      adamBeta1: 0.8,
      useBiasCorrectionKl: false,
    });
  });

  test.each<[string, unknown]>([
    ['loss_typ: there is no such field', { loss_typ: 'grpo' }],
    ['loss_type: Invalid option', { loss_type: 'ppo' }],
    ['lossType: Invalid option', { lossType: 'ppo' }],
    ['epsilon: Too small', { epsilon: -0.1 }],
    ['temperature: Too small', { temperature: 0 }],
    ['max_steps: Invalid input: expected int', { max_steps: 1.5 }],
    ['learningRate: Invalid input', { learningRate: Number.NaN }],
    ['adam_beta2: Too big', { adam_beta2: 1 }],
    ['lossType: It is given as loss_type too', { loss_type: 'grpo', lossType: 'grpo' }],
    ['Give an object', 'grpo'],
    ['Give an object', [1]],
  ])('refused: %s', (message, value) => {
    expect(() => checkTrainingSettings(value, 'trainStep')).toThrow(invalid(`trainStep: ${message}`));
  });
});

describe('LoRA', () => {
  it('fills in defaults and orders targets', () => {
    expect(checkLoraConfig({})).toEqual(DEFAULT_LORA);
    expect(checkLoraConfig({ r: 4, target_modules: ['v_proj', 'q_proj', 'v_proj'] })).toEqual({
      ...DEFAULT_LORA,
      r: 4,
      targetModules: ['q_proj', 'v_proj'],
    });
    expect(checkLoraConfig({ target_modules: 'all-linear', lora_alpha: 32, use_rslora: true })).toEqual({
      ...DEFAULT_LORA,
      loraAlpha: 32,
      useRslora: true,
    });
  });

  test.each<[string, unknown]>([
    ['r: Too small: expected number to be >=1', { r: 0 }],
    ['r: Too big: expected number to be <=64', { r: 65 }],
    ['lora_alpha: Too small', { lora_alpha: 0 }],
    ['lora_dropout: Too big: expected number to be <1', { lora_dropout: 1 }],
    ['target_modules: Give "all-linear" or a list with at least one of q_proj', { target_modules: ['lm_head'] }],
    ['targetModules: Give "all-linear"', { targetModules: [] }],
    ['use_dora: there is no such field. Leave it out', { use_dora: true }],
  ])('refused: %s', (message, value) => {
    expect(() => checkLoraConfig(value)).toThrow(invalid(`LoRA: ${message}`));
  });
});

describe("TRL's padded batch", () => {
  const [first] = golden.cases;
  const odd = golden.cases.find(({ name }) => name === 'odd_layout');

  it('loses its padding', () => {
    const rows = checkTrainingBatch({ ...golden.batches.regular, old_per_token_logps: first?.old_per_token_logps });
    expect(rows).toHaveLength(8);
    expect(rows[4]?.promptIds).toEqual([64, 56, 137, 156]);
    expect(rows[1]).toEqual({
      promptIds: [69, 80, 222, 280, 131, 5, 313],
      completionIds: [152, 153, 1],
      lossMask: [1, 1, 1],
      advantage: 0,
      oldLogProbs: first?.old_per_token_logps[1]?.slice(0, 3),
    });
    expect(rows[6]?.completionIds).toEqual([1]);
  });

  it('keeps rows without a completion in their place, and other speakers out of the loss', () => {
    const rows = checkTrainingBatch({ ...golden.batches.odd, refPerTokenLogps: odd?.ref_per_token_logps });
    expect(rows).toHaveLength(8);
    expect(rows[1]).toMatchObject({ completionIds: [], lossMask: [], refLogProbs: [] });
    expect(rows[4]).toMatchObject({ completionIds: [], lossMask: [] });
    expect(rows[2]?.lossMask).toEqual([1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect(rows[7]?.lossMask).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 0, 1]);
    expect(rows[0]?.refLogProbs).toHaveLength(6);
  });

  const small = {
    prompt_ids: [[0, 5]],
    prompt_mask: [[0, 1]],
    completion_ids: [[6, 7, 0]],
    completion_mask: [[1, 1, 0]],
    advantages: [1],
  };

  test.each<[string, object]>([
    ['prompt_mask: It has 2 rows', { prompt_mask: [[0, 1], [1]] }],
    ['prompt_mask.0: Prompts must be padded on the left', { prompt_ids: [[1, 2, 3]], prompt_mask: [[1, 0, 1]] }],
    ['prompt_mask.0: The prompt must end with a token', { prompt_mask: [[1, 0]] }],
    ['prompt_mask.0: It has 1 values', { prompt_mask: [[1]] }],
    ['completion_mask.0: Completions must be padded on the right', { completion_mask: [[0, 1, 1]] }],
    ['tool_mask.0: It has 2 values for 3', { tool_mask: [[1, 1]] }],
    ['completion_mask.0.1: Too big', { completion_mask: [[1, 2, 0]] }],
    ['advantages.0: Invalid input', { advantages: [Number.NaN] }],
    ['num_items_in_batch: there is no such field', { num_items_in_batch: 2 }],
  ])('refused: %s', (message, change) => {
    expect(() => checkTrainingBatch({ ...small, ...change })).toThrow(invalid(`training batch: ${message}`));
  });
});

describe('rows', () => {
  const row = { promptIds: [1, 2], completionIds: [3, 4], lossMask: [1, 0], advantage: -0.5 };

  it('pass as they are', () => {
    const rows = [row, { ...row, oldLogProbs: [-1, -2], refLogProbs: [-1, -3], isTruncated: true, groupId: 3 }];
    expect(checkTrainingBatch({ rows })).toEqual(rows);
  });

  test.each<[string, unknown]>([
    ['rows: Too small', []],
    ['rows.1.lossMask: It has 1 values for 2', [row, { ...row, lossMask: [1] }]],
    ['rows.0.oldLogProbs: It has 3 values', [{ ...row, oldLogProbs: [-1, -1, -1] }]],
    ['rows.0.promptIds: Too small', [{ ...row, promptIds: [] }]],
    ['rows.0.completionIds.0: Invalid input', [{ ...row, completionIds: [1.5, 2] }]],
    ['rows.0.reward: there is no such field', [{ ...row, reward: 1 }]],
  ])('refused: %s', (message, rows) => {
    expect(() => checkTrainingBatch({ rows })).toThrow(invalid(`training batch: ${message}`));
  });
});
