/** Comparisons that come from outside: what is asked of other models, and what storage gives back. */
import { z } from 'zod';
import { chatModelSchema } from './chat-schema.ts';
import { checkInput } from './check-input.ts';
import {
  COMPARISON_MODES,
  OTHER_MODEL_KINDS,
  type Comparison,
  type OtherModel,
  type OtherModelConfig,
} from './comparison.ts';
import { isFailureCode } from './failures.ts';

const othersSchema = z.strictObject({
  others: z
    .array(chatModelSchema)
    .refine(
      (others) => others.every(({ kind }) => kind !== 'engine'),
      'The loaded model answers in its own ways; other models are of kind webLlm or endpoint',
    )
    .refine(
      (others) => new Set(others.map(({ kind }) => kind)).size === others.length,
      'At most one model of each kind can be asked',
    )
    .refine(
      (others) => others.every((other) => other.kind !== 'endpoint' || URL.canParse(other.url)),
      'Give the whole address of the server, such as http://localhost:11434/v1',
    ),
});

/** @throws {Failure} 'invalidConfig' naming what is wrong, before anything is run */
export function checkOthers(others: readonly OtherModelConfig[]): void {
  checkInput(othersSchema, { others }, 'compare');
}

/** Without the key, and without the parts of an address that may be one. */
export function otherModelOf(config: OtherModelConfig): OtherModel {
  if (config.kind === 'webLlm') return { kind: 'webLlm', model: config.model };
  const { origin, pathname } = URL.canParse(config.url) ? new URL(config.url) : { origin: '', pathname: '' };
  return { kind: 'endpoint', model: config.model, url: `${origin}${pathname}` };
}

const time = z.number();
const figure = z.number().nullable();
const text = z.object({ thinker: z.string(), writer: z.string() });
const stop = z.enum(['writer_eos', 'budget', 'stopped', 'context_full']);
const piece = z.object({ stream: z.enum(['thinker', 'writer']), text: z.string(), elapsedMs: time });

const metrics = z.object({
  timeToFirstTokenMs: figure,
  timeToFirstSentenceMs: figure,
  timeToFirstSpeechMs: figure,
  totalMs: time,
  steps: time,
  stepsToFirstToken: figure,
  stepsDelay: figure,
  totalDelaySeconds: time,
  adjustedDelaySeconds: time,
  thinkerTokens: time,
  writerTokens: time,
});

const otherModel = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('webLlm'), model: z.string() }),
  z.object({ kind: z.literal('endpoint'), model: z.string(), url: z.string() }),
]);

const otherRun = z.object({
  model: otherModel,
  stop: z.enum([...stop.options, 'failed']),
  failure: z.object({ code: z.string().refine(isFailureCode), message: z.string() }).nullable(),
  text,
  pieces: z.array(piece),
  metrics: z.object({
    ...metrics.shape,
    totalMs: figure,
    steps: figure,
    totalDelaySeconds: figure,
    adjustedDelaySeconds: figure,
    thinkerTokens: figure,
    writerTokens: figure,
  }),
  numTokens: figure,
});

const comparisonSchema = z.object({
  format: z.literal('duet-comparison-1'),
  createdAt: z.string(),
  question: z.string(),
  typingRate: time,
  // Settings that were not there yet, or are no more, do not make figures unreadable.
  settings: z.looseObject({ speakingRate: z.number() }),
  model: z.object({ id: z.string(), sha256: z.string().nullable() }),
  device: z.object({ vendor: z.string(), architecture: z.string(), isSoftware: z.boolean() }),
  runs: z
    .array(
      z.object({
        mode: z.enum(COMPARISON_MODES),
        stop,
        text,
        tokens: z.array(piece.extend({ step: z.number() })),
        metrics,
      }),
    )
    .min(1),
  others: z.array(otherRun).max(OTHER_MODEL_KINDS.length).optional(),
});

/** Null for what is no comparison that this page can show. */
export function readComparison(value: unknown): Comparison | null {
  const { success, data } = comparisonSchema.safeParse(value);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema says so, but for the settings
  return success ? (data as unknown as Comparison) : null;
}
