/** A training run that was recorded with the page: what visitors without WebGPU look at. */
import { z } from 'zod';
import { checkInput } from './check-input.ts';
import type { NegotiationTrainingStep, TrainingRun } from './negotiation-training.ts';

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

const numbers = z.array(z.number());
const utterance = z.looseObject({ role: z.enum(['agent1', 'agent2']), text: z.string(), tokenIds: numbers });
const dialogue = z.looseObject({
  row: z.int().min(0),
  branch: z.int().min(0),
  utterances: z.array(utterance),
  agreements: z.array(z.looseObject({ turn: z.int() })),
  outcome: z.enum(['agreed', 'failed', 'stopped']),
  completion: utterance.optional(),
});
const group = z.looseObject({
  dilemma: z.looseObject({ id: z.string(), goal: z.string(), prompt: z.string(), category: z.string() }),
  pair: z.looseObject({ id: z.string(), theme: z.string(), persona1: z.string(), persona2: z.string() }),
  settings: z.looseObject({ groupSize: z.int() }),
  dialogues: z.array(dialogue),
});
const summary = z.looseObject({
  step: z.int().min(1),
  updates: z.int().min(0),
  metrics: z.record(z.string(), z.number()),
  phaseSeconds: z.record(z.string(), z.number()),
  tasks: z.array(z.looseObject({ dilemma: z.string(), pair: z.string() })),
});
const row = z.looseObject({
  group: z.int().min(0),
  dialogue: z.int().min(0),
  utterance: z.int().min(0).nullable(),
  tokenIds: numbers,
  texts: z.array(z.string()),
  lossMask: numbers,
  advantage: z.number(),
  sampledLogProbs: numbers.nullable(),
  logProbs: numbers,
  entropies: numbers,
  logProbsAfter: numbers.nullable(),
});
const recordingSchema = z.looseObject({
  format: z.literal('duet-training-recording-1'),
  name: z.string(),
  note: z.string(),
  madeBy: z.string(),
  createdAt: z.string(),
  device: z.string(),
  run: z.looseObject({
    id: z.string(),
    name: z.string(),
    plan: z.looseObject({ method: z.enum(['negotiation', 'singleAgent']), steps: z.int().min(1) }),
    steps: z.array(summary),
  }),
  steps: z.array(summary.extend({ groups: z.array(group), advantages: z.array(numbers), rows: z.array(row) })).min(1),
});

/** @throws {Failure} 'invalidConfig' naming the field */
export function checkTrainingRecording(value: unknown): TrainingRecording {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the schema leaves open was written by the recorder
  return checkInput(recordingSchema, value, 'The recording') as unknown as TrainingRecording;
}
