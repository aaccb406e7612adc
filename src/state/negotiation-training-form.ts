/** The form of a training on negotiations, as pure functions. */
import { numberProblem } from './number-problem.ts';
import type { StartTraining, TrainingMethod } from '@/protocol/negotiation-training.ts';
import {
  TRAINING_PRESETS,
  type TrainingPreset,
  type TrainingPresetId,
} from '@/protocol/negotiation-training-presets.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import {
  DEFAULT_LORA,
  DEFAULT_TRAINING,
  LOSS_TYPES,
  type LossType,
  type TrainingSettings,
} from '@/protocol/training.ts';
import type { AppState } from './app-store.ts';
import { judgeConfigOf } from './judge-slice.ts';
import { trainingDilemmas, trainingPairs } from './material-lists.ts';
import { negotiationSettingsOf } from './negotiation-settings-slice.ts';

/** The fields with a number, and the range of each. */
export const TRAINING_NUMBERS = {
  steps: {
    label: 'Steps',
    help: 'Each: a group negotiates, is judged, and updates the adapter once.',
    min: 1,
    max: 100_000,
    step: 1,
    isWhole: true,
  },
  groupsPerStep: {
    label: 'Groups a step',
    help: 'Dilemmas of one step. The paper: two.',
    min: 1,
    max: 64,
    step: 1,
    isWhole: true,
  },
  groupSize: {
    label: 'Group size',
    help: 'Dialogues of one dilemma, compared with each other. The paper: eight.',
    min: 2,
    max: 64,
    step: 1,
    isWhole: true,
  },
  maxTurns: {
    label: 'Turns at most',
    help: 'Without agreement by then a dialogue counts as 0. The paper: seven.',
    min: 1,
    max: 50,
    step: 1,
    isWhole: true,
  },
  maxUtteranceTokens: { label: 'Utterance at most', help: 'Tokens.', min: 1, max: 4096, step: 8, isWhole: true },
  maxCompletionTokens: { label: 'Answer at most', help: 'Tokens.', min: 1, max: 4096, step: 8, isWhole: true },
  learningRate: {
    label: 'Learning rate',
    help: 'The paper: 0.000005; with LoRA about ten times as much is usual.',
    min: 1e-8,
    max: 1,
    step: 1e-5,
    isWhole: false,
  },
  beta: {
    label: 'KL weight (beta)',
    help: 'Pulls back towards the model without the adapter. The paper: 0.',
    min: 0,
    max: 10,
    step: 0.01,
    isWhole: false,
  },
  maxGradNorm: {
    label: 'Gradient norm at most',
    help: 'Larger gradients are scaled down; 0: never.',
    min: 0,
    max: 1000,
    step: 0.1,
    isWhole: false,
  },
  numIterations: {
    label: 'Updates a step',
    help: 'More than one reuses the same dialogues, and clipping sets in.',
    min: 1,
    max: 16,
    step: 1,
    isWhole: true,
  },
  epsilon: {
    label: 'Clip range (epsilon)',
    help: 'Matters from the second update of a step on.',
    min: 0,
    max: 10,
    step: 0.05,
    isWhole: false,
  },
  utteranceTemperature: {
    label: 'Temperature',
    help: 'Of utterances; log-probabilities are divided by it too.',
    min: 0.05,
    max: 5,
    step: 0.05,
    isWhole: false,
  },
  r: { label: 'Rank (r)', help: 'Of the adapter.', min: 1, max: 64, step: 1, isWhole: true },
  loraAlpha: { label: 'LoRA alpha', help: 'The adapter counts alpha / r.', min: 1, max: 1024, step: 1, isWhole: false },
  tokensPerPass: {
    label: 'Tokens a pass',
    help: 'Smaller: less memory, more time.',
    min: 64,
    max: 65_536,
    step: 128,
    isWhole: true,
  },
  checkpointEvery: {
    label: 'Checkpoint every',
    help: 'Steps. A run goes on from its newest one.',
    min: 1,
    max: 100_000,
    step: 1,
    isWhole: true,
  },
  checkpointsKept: {
    label: 'Checkpoints kept',
    help: 'The newest ones; each can be branched from.',
    min: 1,
    max: 1000,
    step: 1,
    isWhole: true,
  },
  seed: {
    label: 'Seed',
    help: 'Of dilemmas, draws and the adapter’s first weights.',
    min: 0,
    max: 0xffff_ffff,
    step: 1,
    isWhole: true,
  },
} as const;

export type TrainingNumber = keyof typeof TRAINING_NUMBERS;
export const TRAINING_NUMBER_NAMES = Object.keys(TRAINING_NUMBERS) as readonly TrainingNumber[];

export interface TrainingForm extends Readonly<Record<TrainingNumber, number | null>> {
  readonly name: string;
  readonly method: TrainingMethod;
  /** All that is not held out, or the dilemma and pair that are chosen in the panel. */
  readonly material: 'all' | 'chosen';
  /** Null: a new adapter. */
  readonly adapterId: string | null;
  readonly lossType: LossType;
  readonly scaleRewards: TrainingSettings['scaleRewards'];
  readonly normalizeOver: TrainingSettings['normalizeOver'];
  readonly trainRoles: TrainingSettings['trainRoles'];
  readonly gradientCheckpointing: boolean;
  readonly measuresChange: boolean;
  readonly trainsThoughts: boolean;
}

/** Losses with advantages; 'sft' imitates examples. */
export const GRPO_LOSSES = LOSS_TYPES.filter((type) => type !== 'sft');

export const FIRST_TRAINING_FORM: TrainingForm = {
  ...formOfPreset(TRAINING_PRESETS.quick),
  name: 'First run',
  material: 'all',
  adapterId: null,
  checkpointEvery: 1,
  checkpointsKept: 5,
  tokensPerPass: DEFAULT_TRAINING.tokensPerPass,
  gradientCheckpointing: DEFAULT_TRAINING.gradientCheckpointing,
  measuresChange: true,
  trainsThoughts: false,
  seed: 0,
};

/** What a preset fixes. Name, material, seed, adapter, checkpoints and memory are left alone. */
type PresetPart = Omit<
  TrainingForm,
  | 'name'
  | 'material'
  | 'adapterId'
  | 'checkpointEvery'
  | 'checkpointsKept'
  | 'tokensPerPass'
  | 'gradientCheckpointing'
  | 'measuresChange'
  | 'trainsThoughts'
  | 'seed'
>;

export function formOfPreset({ method, steps, groupsPerStep, settings, training, lora }: TrainingPreset): PresetPart {
  const rules = { ...DEFAULT_NEGOTIATION, ...settings };
  const grpo = { ...DEFAULT_TRAINING, ...training };
  const { groupSize, maxTurns, maxUtteranceTokens, maxCompletionTokens, utteranceTemperature } = rules;
  const { learningRate, beta, maxGradNorm, numIterations, epsilon } = grpo;
  const { lossType, scaleRewards, normalizeOver, trainRoles } = grpo;
  const { r, loraAlpha } = { ...DEFAULT_LORA, ...lora };
  return {
    method,
    steps,
    groupsPerStep,
    groupSize,
    maxTurns,
    maxUtteranceTokens,
    maxCompletionTokens,
    utteranceTemperature,
    learningRate,
    beta,
    maxGradNorm,
    numIterations,
    epsilon,
    lossType,
    scaleRewards,
    normalizeOver,
    trainRoles,
    r,
    loraAlpha,
  };
}

/** The preset whose values the form has; null: a mix of one's own. */
export function presetOfForm(form: TrainingForm): TrainingPresetId | null {
  const ids = Object.keys(TRAINING_PRESETS) as TrainingPresetId[];
  const holds = (id: TrainingPresetId): boolean =>
    Object.entries(formOfPreset(TRAINING_PRESETS[id])).every(([key, value]) => form[key as keyof PresetPart] === value);
  return ids.find(holds) ?? null;
}

export type TrainingProblems = Readonly<Partial<Record<TrainingNumber | 'name', string>>>;

/** By field, as the form writes them below the inputs. */
export function problemsOfTraining(form: TrainingForm): TrainingProblems {
  const problems: Partial<Record<TrainingNumber | 'name', string>> = {};
  for (const name of TRAINING_NUMBER_NAMES) {
    const problem = numberProblem(form[name], TRAINING_NUMBERS[name]);
    if (problem !== null) problems[name] = problem;
  }
  const length = form.name.trim().length;
  if (length === 0 || length > 80) problems.name = 'A name of 1 to 80 characters.';
  return problems;
}

/** @returns null while a field has a problem */
export function requestOfTraining(
  form: TrainingForm,
  state: Pick<
    AppState,
    | 'ownDilemmas'
    | 'ownPairs'
    | 'chosenDilemma'
    | 'chosenPair'
    | 'negotiationChanges'
    | 'model'
    | 'usesFullBudgets'
    | 'judgeChoice'
    | 'judgeForm'
    | 'judgeKey'
    | 'templateTexts'
  >,
): StartTraining | null {
  if (Object.keys(problemsOfTraining(form)).length > 0) return null;
  const all = form.material === 'all';
  const known = (name: TrainingNumber): number => form[name] ?? 0;
  return {
    kind: 'start',
    name: form.name.trim(),
    ...(form.adapterId !== null && { adapterId: form.adapterId }),
    method: form.method,
    dilemmas: all ? trainingDilemmas(state) : [state.chosenDilemma],
    pairs: all ? trainingPairs(state) : [state.chosenPair],
    settings: {
      ...negotiationSettingsOf(state),
      groupSize: known('groupSize'),
      maxTurns: known('maxTurns'),
      maxUtteranceTokens: known('maxUtteranceTokens'),
      maxCompletionTokens: known('maxCompletionTokens'),
      utteranceTemperature: known('utteranceTemperature'),
      ...(form.method === 'singleAgent' && { utteranceTopP: 1 }),
      seed: known('seed'),
      // What is trained must be what speaks, and a failed dialogue is worth nothing.
      adapterAgent1: 'on',
      completeOnFailure: false,
    },
    training: {
      learningRate: known('learningRate'),
      beta: known('beta'),
      maxGradNorm: known('maxGradNorm'),
      numIterations: known('numIterations'),
      epsilon: known('epsilon'),
      epsilonHigh: known('epsilon'),
      tokensPerPass: known('tokensPerPass'),
      lossType: form.lossType,
      scaleRewards: form.scaleRewards,
      normalizeOver: form.normalizeOver,
      trainRoles: form.trainRoles,
      gradientCheckpointing: form.gradientCheckpointing,
      seed: known('seed'),
    },
    lora: { r: known('r'), loraAlpha: known('loraAlpha') },
    judge: judgeConfigOf(state),
    templates: state.templateTexts,
    groupsPerStep: known('groupsPerStep'),
    steps: known('steps'),
    checkpointEvery: known('checkpointEvery'),
    checkpointsKept: known('checkpointsKept'),
    measuresChange: form.measuresChange,
    trainsThoughts: form.trainsThoughts,
  };
}

export const TRAINING_CHOICES = {
  method: ['negotiation', 'singleAgent'],
  material: ['all', 'chosen'],
  lossType: GRPO_LOSSES,
  scaleRewards: ['group', 'batch', 'none'],
  normalizeOver: ['batch', 'group'],
  trainRoles: ['agent1', 'both'],
  gradientCheckpointing: [true, false],
  measuresChange: [true, false],
  trainsThoughts: [true, false],
} as const satisfies Partial<Record<keyof TrainingForm, readonly unknown[]>>;

/** What storage holds, field by field; what is of another kind or out of range is the default. */
export function readTrainingForm(stored: unknown): TrainingForm {
  if (typeof stored !== 'object' || stored === null) return FIRST_TRAINING_FORM;
  const given = stored as Readonly<Record<string, unknown>>;
  const numbers = TRAINING_NUMBER_NAMES.filter((name) => {
    const value = given[name];
    const { min, max } = TRAINING_NUMBERS[name];
    return typeof value === 'number' && value >= min && value <= max;
  });
  const choices = Object.entries(TRAINING_CHOICES).flatMap(([name, values]: [string, readonly unknown[]]) =>
    values.includes(given[name]) ? [name] : [],
  );
  const kept = [...numbers, ...choices].map((name) => [name, given[name]] as const);
  return {
    ...FIRST_TRAINING_FORM,
    ...(Object.fromEntries(kept) as Partial<TrainingForm>),
    ...(typeof given['name'] === 'string' && { name: given['name'].slice(0, 80) }),
  };
}
