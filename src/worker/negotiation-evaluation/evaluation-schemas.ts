/** What callers of `negotiationEvaluation` may ask for, checked before anything starts. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { chatModelSchema } from '@/protocol/chat-schema.ts';
import { checkInput } from '@/protocol/check-input.ts';
import { BUILT_IN_SETS } from '@/protocol/evaluation.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatModelConfig } from '@/protocol/chat.ts';
import type { JudgeConfig } from '@/protocol/negotiation-api.ts';
import type {
  EvaluationPiece,
  NegotiationEvaluationPlan,
  NegotiationEvaluationRequest,
} from '@/protocol/negotiation-evaluation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { dilemmaSchema, personaPairSchema } from '@/protocol/negotiation/schema.ts';
import { checkNegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { judgeConfigSchema, templatesSchema } from '@/protocol/negotiation-request-schema.ts';
import { checkTemplates, dilemmaOf, pairOf } from '../negotiation/negotiation-schemas.ts';

const CALL = 'evaluate';
const MAX_CONTESTANTS = 4;
const MAX_MATERIAL = 1000;
const MAX_REPETITIONS = 100;
const MAX_PIECES = 100_000;

const name = z.string().trim().min(1).max(100);
const text = z.string().max(1_000_000);
const count = z.int().min(0).max(1_000_000);
const set = z.enum(['conflict', 'open']);
const decoding = z.enum(['greedy', 'sampling']);

function unique<Item extends z.ZodType<string>>(item: Item): z.ZodArray<Item> {
  return z
    .array(item)
    .min(1)
    .refine((values) => new Set(values).size === values.length, 'Each may be named once');
}

const verdict = z.discriminatedUnion('state', [
  z.looseObject({ state: z.literal('scored'), score: z.number().min(0).max(5) }),
  z.looseObject({ state: z.literal('unreadable'), reason: text, raw: text }),
]);
const choice = z.discriminatedUnion('state', [
  z.looseObject({ state: z.literal('chosen'), answer: z.enum(['A', 'B']) }),
  z.looseObject({ state: z.literal('unreadable'), reason: text, raw: text }),
]);
const where = { set, decoding, repetition: count, dilemmaId: z.string() };

/** What is counted or compared is checked; the rest of a record is only handed back. */
const pieceSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('dialogue'),
    contestant: z.string(),
    ...where,
    pairId: z.string().nullable(),
    record: z.looseObject({
      outcome: z.enum(['agreed', 'failed']),
      utterances: z.array(z.looseObject({ text })),
      agreements: z.array(z.looseObject({ state: z.enum(['judged', 'unreadable']), turn: count })),
      completion: z.looseObject({ text }),
      verdict,
    }),
  }),
  z.looseObject({
    kind: z.literal('pairwise'),
    left: z.string(),
    right: z.string(),
    aspect: z.enum(['caAlignment', 'conflictResolution']),
    ...where,
    verdict: z.looseObject({
      winner: z.enum(['left', 'right', 'inconsistent', 'unreadable']),
      answers: z.tuple([choice, choice]),
    }),
  }),
  z.looseObject({
    kind: z.literal('ability'),
    contestant: z.string(),
    set: z.enum(BUILT_IN_SETS),
    itemId: z.string(),
    text,
    extracted: z.string().nullable(),
    isCorrect: z.boolean(),
  }),
  z.looseObject({
    kind: z.literal('perplexity'),
    contestant: z.string(),
    numTokens: z.int().min(1),
    natsPerToken: z.number(),
  }),
]);

const abilitySchema = z
  .strictObject({
    sets: z.array(z.enum(BUILT_IN_SETS)).max(BUILT_IN_SETS.length),
    itemsPerSet: z.int().min(1),
    text: text.optional(),
  })
  .superRefine(({ sets, itemsPerSet }, context) => {
    for (const each of new Set(sets)) {
      const { maxItems } = BUILT_IN_SET_FACTS[each];
      if (itemsPerSet > maxItems)
        context.addIssue({ code: 'custom', path: ['itemsPerSet'], message: `The set ${each} has ${maxItems} items` });
    }
    if (new Set(sets).size < sets.length)
      context.addIssue({ code: 'custom', path: ['sets'], message: 'Each may be named once' });
  });

const requestSchema = z.strictObject({
  contestants: z
    .array(
      z.strictObject({
        name,
        adapterId: z.string().min(1).max(200).nullable(),
        role: z.enum(['base', 'single', 'multi']).nullable(),
      }),
    )
    .min(1)
    .max(MAX_CONTESTANTS),
  dilemmas: z
    .array(z.union([z.string(), dilemmaSchema]))
    .min(1)
    .max(MAX_MATERIAL)
    .optional(),
  pairs: z
    .array(z.union([z.string(), personaPairSchema]))
    .max(MAX_MATERIAL)
    .optional(),
  sets: unique(set).optional(),
  decodings: unique(decoding).optional(),
  repetitions: z.int().min(1).max(MAX_REPETITIONS).optional(),
  settings: z.unknown().optional(),
  judge: judgeConfigSchema.optional(),
  pairwiseJudge: chatModelSchema.nullable().optional(),
  templates: templatesSchema,
  ability: abilitySchema.optional(),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  done: z.array(pieceSchema).max(MAX_PIECES).optional(),
});

/** A request with its defaults; the judges are still to be opened. */
export interface CheckedEvaluation {
  /** Without the names of the judges. */
  readonly wishes: Omit<NegotiationEvaluationPlan, 'judge' | 'pairwiseJudge'>;
  readonly judge: Exclude<JudgeConfig, { readonly kind: 'human' }>;
  readonly pairwiseJudge: ChatModelConfig | null;
  readonly done: readonly EvaluationPiece[];
}

/** @throws {Failure} 'invalidConfig' naming the field */
export function checkEvaluation(request: NegotiationEvaluationRequest): CheckedEvaluation {
  checkInput(requestSchema, request, CALL);
  const { judge = { kind: 'engine' }, pairwiseJudge, done = [], contestants, ability } = request;
  const { sets = ['conflict'], decodings = ['greedy'], repetitions = 1 } = request;
  if (judge.kind === 'human')
    throw new Failure<FailureCode>(
      'invalidConfig',
      'evaluate: judge: Nobody can score every answer of an evaluation by hand. Choose a model or a rule.',
    );
  const settings = checkNegotiationSettings(request.settings, 'evaluate: settings');
  return {
    wishes: {
      contestants: contestants.map((contestant) => ({ ...contestant, name: contestant.name.trim() })),
      dilemmas: (request.dilemmas ?? heldOut(DILEMMAS)).map((dilemma) => dilemmaOf(dilemma, CALL)),
      pairs: (request.pairs ?? heldOut(PERSONA_PAIRS)).map((pair) => pairOf(pair, CALL)),
      sets,
      decodings,
      repetitions,
      settings,
      templates: checkTemplates(request.templates, CALL),
      ability: ability ?? null,
      seed: request.seed ?? settings.seed,
    },
    judge,
    pairwiseJudge: pairwiseJudge === undefined ? comparerOf(judge) : pairwiseJudge,
    done,
  };
}

function heldOut<Item extends { readonly split: 'train' | 'test' }>(items: readonly Item[]): readonly Item[] {
  return items.filter(({ split }) => split === 'test');
}

/** A rule cannot compare, so the loaded model does. */
function comparerOf(judge: CheckedEvaluation['judge']): ChatModelConfig {
  return judge.kind === 'rule' ? { kind: 'engine' } : judge;
}
