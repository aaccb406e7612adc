/** A training run that was recorded with the page: what visitors without WebGPU look at. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { checkInput } from './check-input.ts';
import type { FailureCode } from './failures.ts';
import type { GroupRecord } from './negotiation-run.ts';
import type { PersonaPair } from './negotiation.ts';
import { checkNegotiationSettings } from './negotiation-settings.ts';
import type { NegotiationTrainingStep, TrainingRun } from './negotiation-training.ts';
import { checkLoraConfig, checkTrainingSettings } from './training-schema.ts';

export interface TrainingRecording {
  readonly format: 'duet-training-recording-1';
  readonly name: string;
  /** What one sees in it, as it is. */
  readonly note: string;
  /** Script that made it. */
  readonly madeBy: string;
  readonly createdAt: string;
  readonly device: string;
  readonly run: TrainingRun;
  /** [steps of the run]; prompts are left out. */
  readonly steps: readonly NegotiationTrainingStep[];
}

export const MAX_TRAINING_RECORDING_CHARACTERS = 20e6;

const MAX_STEPS = 100_000;
const MAX_TOKENS = 100_000;
const MAX_GROUPS = 64;
const MAX_DIALOGUES = 256;

const name = z.string().max(2000);
const count = z.int().min(0).max(1e9);
const numbers = z.array(z.number()).max(MAX_TOKENS);

const summary = z.looseObject({
  step: z.int().min(1).max(1e9),
  updates: count,
  metrics: z.record(name, z.number()),
  phaseSeconds: z.record(name, z.number()),
  tasks: z.array(z.looseObject({ dilemma: name, pair: name })).max(MAX_GROUPS),
});

const row = z
  .looseObject({
    group: count,
    dialogue: count,
    utterance: count.nullable(),
    tokenIds: numbers,
    texts: z.array(z.string().max(10_000)).max(MAX_TOKENS),
    lossMask: numbers,
    advantage: z.number(),
    sampledLogProbs: numbers.nullable(),
    logProbs: numbers,
    entropies: numbers,
    logProbsAfter: numbers.nullable(),
  })
  .refine(
    ({ tokenIds, texts, lossMask, sampledLogProbs, logProbs, entropies, logProbsAfter }) =>
      [texts, lossMask, sampledLogProbs, logProbs, entropies, logProbsAfter].every(
        (list) => list === null || list.length === tokenIds.length,
      ),
    { path: ['tokenIds'], error: 'must be as long as what is told of each token' },
  );

const step = summary.extend({
  // What else stands in a group is checked by its own reader.
  groups: z
    .array(z.looseObject({ pair: z.looseObject({ id: name, theme: name, persona1: name, persona2: name }) }))
    .max(MAX_GROUPS),
  rewards: z.array(z.array(z.number().nullable()).max(MAX_DIALOGUES)).max(MAX_GROUPS),
  advantages: z.array(z.array(z.number()).max(MAX_DIALOGUES)).max(MAX_GROUPS),
  rows: z.array(row).max(MAX_GROUPS * MAX_DIALOGUES),
});

const recordingSchema = z.looseObject({
  format: z.literal('duet-training-recording-1'),
  name,
  note: name,
  madeBy: name,
  createdAt: name,
  device: name,
  run: z.looseObject({
    id: name,
    name,
    adapterId: name,
    model: z.looseObject({ name, key: name }),
    device: name,
    createdAt: name,
    updatedAt: name,
    plan: z.looseObject({
      method: z.enum(['negotiation', 'singleAgent']),
      dilemmas: z.array(z.looseObject({ id: name })).max(10_000),
      pairs: z.array(z.looseObject({ id: name })).max(10_000),
      settings: z.looseObject({}),
      training: z.looseObject({}),
      lora: z.looseObject({}),
      judge: z.looseObject({ kind: z.enum(['engine', 'endpoint', 'webLlm', 'rule', 'human']) }),
      groupsPerStep: z.int().min(1).max(MAX_GROUPS),
      steps: z.int().min(1).max(1e9),
    }),
    parent: z.looseObject({ runId: name, name, step: count }).nullable(),
    steps: z.array(summary).max(MAX_STEPS),
  }),
  steps: z.array(step).min(1).max(MAX_STEPS),
});

const CALL = 'The recorded training';

/** One agent alone has personas without words, which no group of two may have. */
const ANY_PAIR: PersonaPair = {
  id: 'nobody',
  theme: 'nobody',
  persona1: 'nobody',
  persona2: 'nobody',
  split: 'train',
  origin: 'own',
};

/**
 * @param readGroup  checks the record of a group
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function checkTrainingRecording(value: unknown, readGroup: (group: unknown) => GroupRecord): TrainingRecording {
  const { run, steps } = checkInput(recordingSchema, value, CALL);
  checkNegotiationSettings(run.plan.settings, `${CALL}: run.plan.settings`);
  checkTrainingSettings(run.plan.training, `${CALL}: run.plan.training`);
  checkLoraConfig(run.plan.lora, `${CALL}: run.plan.lora`);
  for (const [index, { groups, rewards, advantages, rows }] of steps.entries()) {
    const isAlone = run.plan.method === 'singleAgent';
    const records = groups.map((group) => readGroup(isAlone ? { ...group, pair: ANY_PAIR } : group));
    const isAsLong = (lists: readonly (readonly unknown[])[]): boolean =>
      lists.length === records.length && lists.every((list, at) => list.length === records[at]?.dialogues.length);
    if (!isAsLong(rewards) || !isAsLong(advantages))
      refuse(`steps.${index}: rewards and advantages must have one number for each dialogue`);
    const astray = rows.findIndex(({ group, dialogue, utterance }) => {
      const of = records[group]?.dialogues[dialogue];
      return of === undefined || (utterance !== null && of.utterances[utterance] === undefined);
    });
    if (astray >= 0) refuse(`steps.${index}.rows.${astray}: there is no such dialogue or utterance`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the schema leaves open is not read by the page
  return value as TrainingRecording;
}

function refuse(fault: string): never {
  throw new Failure<FailureCode>('invalidConfig', `${CALL}: ${fault}.`);
}
