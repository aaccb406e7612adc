/** What an evaluation may be asked for: the worker, the import of question sets and files all check against it. */
import { z } from 'zod';
import { COMPARISON_MODES } from './comparison.ts';
import { ANSWER_KINDS, BUILT_IN_SETS } from './evaluation.ts';
import { BUILT_IN_SET_FACTS } from './evaluation-sets.ts';
import { reasoningSettingsSchema } from './reasoning-settings.ts';

export const MAX_ITEMS = 2000;
export const MAX_CONFIGURATIONS = 16;
export const MAX_CHOICES = 10;
/** Characters. */
const MAX_QUESTION = 20_000;
const MAX_ANSWER = 2000;
const MAX_NAME = 100;
const MAX_SEED = 0xffff_ffff;

/** The letter of choice `index`: A for the first. */
export function choiceLetter(index: number): string {
  return String.fromCharCode(65 + index);
}

const text = (max: number): z.ZodString => z.string().max(max).regex(/\S/, 'It must not be empty');

export const evaluationItemSchema = z
  .strictObject({
    id: text(MAX_NAME),
    question: text(MAX_QUESTION),
    kind: z.enum(ANSWER_KINDS),
    answer: text(MAX_ANSWER),
    choices: z.array(text(MAX_ANSWER)).min(2).max(MAX_CHOICES).optional(),
  })
  .superRefine(({ kind, answer, choices }, context) => {
    const allowed =
      kind === 'choice'
        ? Array.from({ length: choices?.length ?? MAX_CHOICES }, (_, index) => choiceLetter(index))
        : kind === 'refusal'
          ? ['refuse', 'comply']
          : undefined;
    if (allowed !== undefined && !allowed.includes(answer))
      context.addIssue({ code: 'custom', path: ['answer'], message: `It must be one of ${allowed.join(', ')}` });
  });

const isUnique = (values: readonly string[]): boolean => new Set(values).size === values.length;

const sourceSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('builtIn'),
      set: z.enum(BUILT_IN_SETS),
      numItems: z.int().min(1),
      seed: z.int().min(0).max(MAX_SEED),
    })
    .superRefine(({ set, numItems }, context) => {
      const { maxItems } = BUILT_IN_SET_FACTS[set];
      if (numItems > maxItems)
        context.addIssue({ code: 'custom', path: ['numItems'], message: `The set ${set} has ${maxItems} items` });
    }),
  z.strictObject({
    kind: z.literal('items'),
    name: text(MAX_NAME),
    items: z
      .array(evaluationItemSchema)
      .min(1)
      .max(MAX_ITEMS)
      .refine((items) => isUnique(items.map(({ id }) => id)), 'Each id may be used once'),
  }),
]);

const configurationSchema = z.strictObject({
  name: text(MAX_NAME),
  mode: z.enum(COMPARISON_MODES),
  settings: reasoningSettingsSchema,
});

const seconds = z.number();
const milliseconds = z.number().min(0);
const count = z.int().min(0);

const metricsSchema = z.looseObject({
  timeToFirstTokenMs: milliseconds.nullable(),
  timeToFirstSentenceMs: milliseconds.nullable(),
  timeToFirstSpeechMs: milliseconds.nullable(),
  totalMs: milliseconds,
  steps: count,
  stepsToFirstToken: count.nullable(),
  stepsDelay: z.int().nullable(),
  totalDelaySeconds: seconds,
  adjustedDelaySeconds: seconds,
  thinkerTokens: count,
  writerTokens: count,
});

/** What was read and judged is not taken from a record but read again, and its trace or tokens are only handed back. */
export const evaluationRecordSchema = z.looseObject({
  configuration: z.string(),
  itemId: z.string(),
  stop: z.string(),
  text: z.looseObject({ thinker: z.string(), writer: z.string() }),
  extracted: z.string().nullable(),
  isCorrect: z.boolean(),
  metrics: metricsSchema,
  trace: z.looseObject({}).optional(),
  tokens: z.array(z.looseObject({})).optional(),
});

/** That `done` belongs to the items is for who has them to check. */
export const evaluationConfigSchema = z.strictObject({
  source: sourceSchema,
  configurations: z
    .array(configurationSchema)
    .min(1)
    .max(MAX_CONFIGURATIONS)
    .refine((all) => isUnique(all.map(({ name }) => name)), 'Each name may be used once'),
  done: z
    .array(evaluationRecordSchema)
    .max(MAX_ITEMS * MAX_CONFIGURATIONS)
    .optional(),
});
