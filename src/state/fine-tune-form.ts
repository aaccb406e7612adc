/** What the fine-tuning form holds, what is wrong with it, and the request that it makes. */
import { numberProblem } from './number-problem.ts';
import type { FineTuneRequest } from '@/protocol/training-api.ts';
import { DEFAULT_TRAINING, type LrSchedulerType, type TrainingSettings } from '@/protocol/training.ts';

/** Null where a number field is empty. */
export interface FineTuneForm {
  readonly data: string;
  readonly steps: number | null;
  readonly examplesPerStep: number | null;
  readonly learningRate: number | null;
  readonly maxTokens: number | null;
  readonly checkpointEvery: number | null;
  readonly warmupSteps: number | null;
  readonly lrSchedulerType: LrSchedulerType;
  readonly gradientCheckpointing: boolean;
  readonly logitChunkSize: number | null;
  readonly tokensPerPass: number | null;
}

/** What the form and a shared plan call the fields. */
export const FINE_TUNE_LABELS: Readonly<Record<keyof FineTuneForm, string>> = {
  data: 'Examples',
  steps: 'Steps',
  examplesPerStep: 'Examples per step',
  learningRate: 'Learning rate',
  maxTokens: 'Max tokens',
  checkpointEvery: 'Checkpoint every',
  warmupSteps: 'Warm-up steps',
  lrSchedulerType: 'Schedule',
  gradientCheckpointing: 'Gradient checkpointing',
  logitChunkSize: 'Logit chunk',
  tokensPerPass: 'Tokens per pass',
};

/** Small enough for a first look on a software adapter. */
export const FIRST_FORM: FineTuneForm = {
  data: '',
  steps: 20,
  examplesPerStep: 2,
  learningRate: 1e-3,
  maxTokens: 128,
  checkpointEvery: 10,
  warmupSteps: 0,
  lrSchedulerType: 'constant',
  gradientCheckpointing: DEFAULT_TRAINING.gradientCheckpointing,
  logitChunkSize: DEFAULT_TRAINING.logitChunkSize,
  tokensPerPass: DEFAULT_TRAINING.tokensPerPass,
};

/** The fields with a number, and the range of each. */
export const FORM_RANGES = {
  steps: { min: 1, max: 100_000, isWhole: true },
  examplesPerStep: { min: 1, max: 256, isWhole: true },
  learningRate: { min: 1e-6, max: 1, isWhole: false },
  maxTokens: { min: 2, max: 8192, isWhole: true },
  checkpointEvery: { min: 0, max: 100_000, isWhole: true },
  warmupSteps: { min: 0, max: 100_000, isWhole: true },
  logitChunkSize: { min: 1, max: 4096, isWhole: true },
  tokensPerPass: { min: 1, max: 65_536, isWhole: true },
} as const;

export type FormNumber = keyof typeof FORM_RANGES;

export const FORM_NUMBERS = Object.keys(FORM_RANGES) as readonly FormNumber[];

export const SCHEDULES: Readonly<Record<LrSchedulerType, string>> = {
  constant: 'Constant',
  constant_with_warmup: 'Constant, with warm-up',
  linear: 'Linear to 0',
  cosine: 'Cosine to 0',
};

export type FormProblems = Readonly<Partial<Record<FormNumber | 'data', string>>>;

/** By field, as the form writes them below the inputs. */
export function problemsOfForm(form: FineTuneForm): FormProblems {
  const problems: Partial<Record<FormNumber | 'data', string>> = {};
  for (const name of FORM_NUMBERS) {
    const problem = numberProblem(form[name], FORM_RANGES[name]);
    if (problem !== null) problems[name] = problem;
  }
  if (form.data.trim() === '') problems.data = 'Paste examples, open a file, or load the example.';
  return problems;
}

/**
 * @param firstStep  updates that the adapter has had: a schedule falls to 0 at the last step of this run
 * @returns null while a field has a problem
 */
export function requestOfForm(form: FineTuneForm, firstStep: number): FineTuneRequest | null {
  if (Object.keys(problemsOfForm(form)).length > 0) return null;
  const { data, steps, examplesPerStep, maxTokens, checkpointEvery } = form;
  const { learningRate, warmupSteps, logitChunkSize, tokensPerPass, lrSchedulerType, gradientCheckpointing } = form;
  const numSteps = steps ?? 1;
  return {
    data,
    steps: numSteps,
    ...(examplesPerStep !== null && { examplesPerStep }),
    ...(maxTokens !== null && { maxTokens }),
    ...(checkpointEvery !== null && { checkpointEvery }),
    settings: {
      lrSchedulerType,
      gradientCheckpointing,
      maxSteps: firstStep + numSteps,
      ...(warmupSteps !== null && { warmupSteps }),
      ...(learningRate !== null && { learningRate }),
      ...(logitChunkSize !== null && { logitChunkSize }),
      ...(tokensPerPass !== null && { tokensPerPass }),
    },
  };
}

/** A suggestion of an estimate, as far as the form has its fields. */
export function withSuggestion(form: FineTuneForm, suggested: Partial<TrainingSettings>): FineTuneForm {
  const { gradientCheckpointing, logitChunkSize, tokensPerPass } = suggested;
  return {
    ...form,
    ...(gradientCheckpointing !== undefined && { gradientCheckpointing }),
    ...(logitChunkSize !== undefined && { logitChunkSize }),
    ...(tokensPerPass !== undefined && { tokensPerPass }),
  };
}

/** Characters; longer texts are not kept over a reload. */
export const MAX_KEPT_DATA = 100_000;

export function storedForm(form: FineTuneForm): FineTuneForm {
  return form.data.length > MAX_KEPT_DATA ? { ...form, data: '' } : form;
}

/** What storage holds, field by field; what is of another kind or out of range is the default. */
export function readForm(stored: unknown): FineTuneForm {
  if (typeof stored !== 'object' || stored === null) return FIRST_FORM;
  const given = stored as Readonly<Record<string, unknown>>;
  const { data, lrSchedulerType, gradientCheckpointing } = given;
  const numbers = FORM_NUMBERS.map((name): [FormNumber, number | null] => {
    const value = given[name];
    const isGood = typeof value === 'number' && value >= FORM_RANGES[name].min && value <= FORM_RANGES[name].max;
    return [name, isGood ? value : FIRST_FORM[name]];
  });
  return {
    ...FIRST_FORM,
    ...(Object.fromEntries(numbers) as Readonly<Record<FormNumber, number | null>>),
    ...(typeof data === 'string' && { data }),
    ...(typeof gradientCheckpointing === 'boolean' && { gradientCheckpointing }),
    ...(isSchedule(lrSchedulerType) && { lrSchedulerType }),
  };
}

function isSchedule(value: unknown): value is LrSchedulerType {
  return typeof value === 'string' && value in SCHEDULES;
}
