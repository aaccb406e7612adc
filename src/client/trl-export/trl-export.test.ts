import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { HELD_OUT_DILEMMAS, HELD_OUT_PERSONA_PAIRS } from '@/protocol/negotiation/held-out.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { TEMPLATES } from '@/protocol/negotiation/templates.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import type { FileBytes } from '@/protocol/training-api.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING } from '@/protocol/training.ts';
import { createTrlExport, type TrlExportInput } from './trl-export.ts';

const DILEMMA: Dilemma = {
  id: 'lent-ladder',
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'You lent a ladder. Do you ask for it?',
  split: 'train',
  origin: 'own',
};
const PAIR: PersonaPair = {
  id: 'own-pair',
  theme: 'Own pair',
  persona1: 'Be quick.',
  persona2: 'Be thorough.',
  split: 'train',
  origin: 'own',
};
const INPUT: TrlExportInput = {
  name: 'My run',
  baseModel: 'someone/a-model',
  dilemmas: [DILEMMA],
  pairs: [PAIR],
  settings: DEFAULT_NEGOTIATION,
  training: DEFAULT_TRAINING,
  lora: DEFAULT_LORA,
  templates: {},
  groupsPerStep: 2,
  steps: 10,
};

function textsOf(file: FileBytes): Record<string, string> {
  return Object.fromEntries(Object.entries(unzipSync(file.bytes)).map(([name, bytes]) => [name, strFromU8(bytes)]));
}

const exported = (changes: Partial<TrlExportInput> = {}): Record<string, string> =>
  textsOf(createTrlExport({ ...INPUT, ...changes }));

const objectSchema = z.record(z.string(), z.unknown());

const jsonOf = (files: Record<string, string>, name: string): Record<string, unknown> =>
  objectSchema.parse(JSON.parse(files[name] ?? 'null'));

function linesOf(files: Record<string, string>, name: string): Record<string, unknown>[] {
  const lines = (files[name] ?? '').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => objectSchema.parse(JSON.parse(line)));
}

test('the .zip holds code, data and settings, and is named after the run', () => {
  expect(createTrlExport(INPUT).name).toBe('my-run-trl.zip');
  expect(createTrlExport({ ...INPUT, name: '…' }).name).toBe('negotiation-trl.zip');
  expect(Object.keys(exported()).toSorted()).toEqual([
    'README.md',
    'accelerate.yaml',
    'chat_prompts.py',
    'config.json',
    'dataset.jsonl',
    'judges.py',
    'lora.json',
    'negotiation_trainer.py',
    'personas.jsonl',
    'policy.py',
    'prompts.json',
    'requirements.txt',
    'reward.py',
    'rollout.py',
    'train.py',
  ]);
});

test('packages are pinned to the releases that the code was written for', () => {
  expect(exported()['requirements.txt']).toMatch(/^trl==1\.16\.0$/m);
  expect(exported()['requirements.txt']).toMatch(/^transformers==5\.23\.0$/m);
  expect(exported()['requirements.txt']).toMatch(/^peft==0\.21\.2$/m);
});

test('equal input gives equal bytes', () => {
  expect(createTrlExport(INPUT).bytes).toEqual(createTrlExport(structuredClone(INPUT)).bytes);
});

test('every setting that TRL has goes to its keyword', () => {
  const training = {
    ...DEFAULT_TRAINING,
    lossType: 'cispo',
    epsilon: 0.11,
    epsilonHigh: 5,
    delta: 7,
    beta: 0.04,
    useBiasCorrectionKl: false,
    importanceSamplingLevel: 'sequence',
    maxCompletionLength: 99,
    maskTruncatedCompletions: true,
    trainRoles: 'both',
    scaleRewards: 'none',
    sapoTemperaturePos: 1.1,
    sapoTemperatureNeg: 1.2,
    gradientAccumulationSteps: 3,
    numIterations: 2,
    learningRate: 3e-5,
    lrSchedulerType: 'cosine',
    warmupSteps: 4,
    maxSteps: 50,
    maxGradNorm: 0.2,
    adamBeta1: 0.8,
    adamBeta2: 0.95,
    adamEpsilon: 1e-7,
    weightDecay: 0.01,
    gradientCheckpointing: false,
    seed: 5,
  } as const;
  const settings = { ...DEFAULT_NEGOTIATION, groupSize: 6, utteranceTemperature: 0.9, utteranceTopP: 0.8, seed: 11 };
  const config = jsonOf(exported({ training, settings }), 'config.json');
  expect(config['grpo']).toEqual({
    loss_type: 'cispo',
    epsilon: 0.11,
    epsilon_high: 5,
    delta: 7,
    beta: 0.04,
    use_bias_correction_kl: false,
    importance_sampling_level: 'sequence',
    max_completion_length: 99,
    mask_truncated_completions: true,
    scale_rewards: 'none',
    sapo_temperature_pos: 1.1,
    sapo_temperature_neg: 1.2,
    gradient_accumulation_steps: 3,
    num_iterations: 2,
    learning_rate: 3e-5,
    lr_scheduler_type: 'cosine',
    warmup_steps: 4,
    max_grad_norm: 0.2,
    adam_beta1: 0.8,
    adam_beta2: 0.95,
    adam_epsilon: 1e-7,
    weight_decay: 0.01,
    gradient_checkpointing: false,
    seed: 5,
    num_generations: 6,
    // Log-probabilities are those of the sampling.
    temperature: 0.9,
    top_p: 0.8,
    top_k: 0,
    optim: 'adamw_torch',
    logging_steps: 1,
    save_steps: 50,
    report_to: 'none',
    log_completions: true,
    num_completions_to_print: 1,
  });
  expect(config).toMatchObject({
    base_model: 'someone/a-model',
    steps: 10,
    groups_per_step: 2,
    train_roles: 'both',
    normalize_over: 'batch',
    schedule_steps: 50,
  });
});

test('no clipping is 0 for transformers', () => {
  const config = jsonOf(exported({ training: { ...DEFAULT_TRAINING, maxGradNorm: null } }), 'config.json');
  expect(config['grpo']).toMatchObject({ max_grad_norm: 0 });
});

test('every setting of the dialogues that training needs is there', () => {
  const settings = {
    ...DEFAULT_NEGOTIATION,
    maxTurns: 7,
    contextTurns: 3,
    contextUnit: 'utterances',
    completionSees: 'recent',
    maxUtteranceTokens: 61,
    maxCompletionTokens: 62,
    completionTemperature: 0.2,
    completionTopP: 0.7,
    agreementBy: 'rule',
    agreementThreshold: 0.6,
    agreementYes: 'YES',
    agreementNo: 'NO',
    judgeSeesDialogue: true,
    adapterAgent2: 'off',
    seed: 9,
  } as const;
  expect(jsonOf(exported({ settings }), 'config.json')['negotiation']).toEqual({
    max_turns: 7,
    context_turns: 3,
    context_unit: 'utterances',
    completion_sees: 'recent',
    max_utterance_tokens: 61,
    max_completion_tokens: 62,
    utterance_temperature: 0.7,
    utterance_top_p: 0.95,
    completion_temperature: 0.2,
    completion_top_p: 0.7,
    agreement_by: 'rule',
    agreement_threshold: 0.6,
    agreement_yes: 'YES',
    agreement_no: 'NO',
    judge_sees_dialogue: true,
    adapter_agent1: 'on',
    adapter_agent2: 'off',
    seed: 9,
  });
});

test('the adapter has PEFT’s keywords', () => {
  const lora = {
    r: 4,
    loraAlpha: 12,
    loraDropout: 0.1,
    useRslora: true,
    targetModules: ['q_proj', 'down_proj'],
  } as const;
  expect(jsonOf(exported({ lora }), 'lora.json')).toEqual({
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: 'someone/a-model',
    r: 4,
    lora_alpha: 12,
    lora_dropout: 0.1,
    use_rslora: true,
    use_dora: false,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    target_modules: ['down_proj', 'q_proj'],
  });
});

test('what is held out never goes in, whatever it calls itself', () => {
  const calledTrain = DILEMMAS.map((dilemma): Dilemma => ({ ...dilemma, split: 'train' }));
  const own: Dilemma = { ...DILEMMA, id: 'own-held-out', split: 'test' };
  const pairs = PERSONA_PAIRS.map((pair): PersonaPair => ({ ...pair, split: 'train' }));
  const held = DILEMMAS.filter(({ id }) => HELD_OUT_DILEMMAS.has(id));
  const heldPair = PERSONA_PAIRS.find(({ id }) => HELD_OUT_PERSONA_PAIRS.has(id)) ?? PAIR;
  const group = (dilemma = DILEMMA, pair = PAIR): GroupRecord => ({
    format: 'duet-negotiation-1',
    dilemma,
    pair,
    settings: DEFAULT_NEGOTIATION,
    plan: { rowsPerForward: 4, maxForwardTokens: 64, keepsContext: true },
    dialogues: [],
  });
  const groups = [group(held[0]), group(DILEMMA, heldPair), group(own)];
  const files = exported({ dilemmas: [...calledTrain, own], pairs, groups });
  expect(linesOf(files, 'dataset.jsonl')).toHaveLength(DILEMMAS.length - HELD_OUT_DILEMMAS.size);
  expect(linesOf(files, 'personas.jsonl')).toHaveLength(PERSONA_PAIRS.length - HELD_OUT_PERSONA_PAIRS.size);
  const everything = Object.values(files).join('\n');
  for (const { id, prompt } of [...held, own]) {
    expect(everything).not.toContain(`"${id}"`);
    if (id !== own.id) expect(everything).not.toContain(JSON.stringify(prompt));
  }
  for (const id of HELD_OUT_PERSONA_PAIRS) expect(everything).not.toContain(`"${id}"`);
  expect(Object.keys(files)).not.toContain('completions.jsonl');
  expect(Object.keys(exported({ dilemmas: [DILEMMA], groups: [...groups, group()] }))).toContain('completions.jsonl');
});

test('texts come through as they are', () => {
  const prompt = 'She said: "No\\n{persona}…"\u2028 Do you — 猫 🙂 — agree?';
  const persona1 = "L'été, 'quoted' \"twice\".";
  const agent = 'You are {name}.\n\tGoal: {persona} "\\" é';
  const files = exported({ dilemmas: [{ ...DILEMMA, prompt }], pairs: [{ ...PAIR, persona1 }], templates: { agent } });
  expect(linesOf(files, 'dataset.jsonl')).toEqual([
    { id: 'lent-ladder', category: 'everyday', goal: 'Return the lent ladder', prompt },
  ]);
  expect(linesOf(files, 'personas.jsonl')).toEqual([
    { id: 'own-pair', theme: 'Own pair', persona_1: persona1, persona_2: 'Be thorough.' },
  ]);
  const { templates } = jsonOf(files, 'prompts.json');
  expect(templates).toMatchObject({ agent, turn: TEMPLATES.turn.text, caJudge: TEMPLATES.caJudge.text });
});

test('the README names the run and leaves no mark', () => {
  const text = exported()['README.md'] ?? '';
  expect(text).toContain('# My run');
  expect(text).toContain('8 dialogues');
  expect(text).toContain('arXiv 2603.10476');
  expect(text).not.toMatch(/%[A-Z_]+%/);
});

test.each<[string, Partial<TrlExportInput>]>([
  ['name', { name: ' ' }],
  ['baseModel', { baseModel: '' }],
  ['groupsPerStep', { groupsPerStep: 0 }],
  ['steps', { steps: 1.5 }],
  ['dilemmas', { dilemmas: [] }],
  ['dilemmas', { dilemmas: [{ ...DILEMMA, split: 'test' }] }],
  ['dilemmas.0.prompt', { dilemmas: [{ ...DILEMMA, prompt: '' }] }],
  ['pairs', { pairs: [] }],
  ['settings: maxTurns', { settings: { ...DEFAULT_NEGOTIATION, maxTurns: 0 } }],
  ['settings: groupSize', { settings: { ...DEFAULT_NEGOTIATION, groupSize: 1 } }],
  ['settings: thinking', { settings: { ...DEFAULT_NEGOTIATION, thinking: 'both' } }],
  ['settings: utteranceTemperature', { settings: { ...DEFAULT_NEGOTIATION, utteranceTemperature: 0 } }],
  ['settings: adapterAgent1', { settings: { ...DEFAULT_NEGOTIATION, adapterAgent1: 'off' } }],
  ['training: lossType', { training: { ...DEFAULT_TRAINING, lossType: 'sft' } }],
  ['training: learningRate', { training: { ...DEFAULT_TRAINING, learningRate: -1 } }],
  ['training: gradientAccumulationSteps', { training: { ...DEFAULT_TRAINING, gradientAccumulationSteps: 3 } }],
  ['training: normalizeOver', { training: { ...DEFAULT_TRAINING, normalizeOver: 'group', beta: 0.1 } }],
  ['lora: r', { lora: { ...DEFAULT_LORA, r: 65 } }],
  ['templates: agent', { templates: { agent: 'No slot.' } }],
  ['templates: nothing', { templates: Object.fromEntries([['nothing', 'x']]) }],
  ['adapter', { adapter: [{ name: 'adapter_config.json', bytes: new Uint8Array() }] }],
  ['adapter', { adapter: adapterFiles({ r: 4 }) }],
  ['adapter: adapter_config.json', { adapter: adapterFiles({ r: 'eight' }) }],
])('%s is named if it is wrong', (field, changes) => {
  const refuses = (): unknown => createTrlExport({ ...INPUT, ...changes });
  expect(refuses).toThrow(Failure);
  const message: unknown = expect.stringContaining(`TRL export: ${field}: `);
  expect(refuses).toThrow(expect.objectContaining({ code: 'invalidConfig', message }));
});

test('an adapter to begin from goes in as it is', () => {
  const adapter = adapterFiles({});
  const entries = unzipSync(createTrlExport({ ...INPUT, adapter }).bytes);
  expect(entries['adapter/adapter_model.safetensors']).toEqual(new Uint8Array([1, 2, 3]));
  expect(entries['adapter/adapter_config.json']).toEqual(adapter[0]?.bytes);
});

function adapterFiles(changes: Readonly<Record<string, unknown>>): FileBytes[] {
  const { r, loraAlpha, targetModules } = DEFAULT_LORA;
  const config = { r, lora_alpha: loraAlpha, target_modules: targetModules, ...changes };
  return [
    { name: 'adapter_config.json', bytes: new TextEncoder().encode(JSON.stringify(config)) },
    { name: 'adapter_model.safetensors', bytes: new Uint8Array([1, 2, 3]) },
  ];
}
