/** What callers of `negotiation` may ask for, checked before anything starts. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { chatModelSchema } from '@/protocol/chat-schema.ts';
import { checkInput } from '@/protocol/check-input.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { DILEMMA_CATEGORIES, type Dilemma, type PersonaPair } from '@/protocol/negotiation.ts';
import type {
  GenerateDilemmasRequest,
  JudgeComparisonRequest,
  JudgeRequest,
  PairwiseRequest,
  RolloutRequest,
  TemplateTexts,
} from '@/protocol/negotiation-api.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { dilemmaSchema } from '@/protocol/negotiation/schema.ts';
import { checkTemplateText, TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';
import { judgeConfigSchema, rolloutSchema, templatesSchema } from '@/protocol/negotiation-request-schema.ts';
import { checkNegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { CheckedRollout } from './run-rollout.ts';

const count = z.int().min(1);
const text = z.string().max(100_000);
const role = z.enum(['agent1', 'agent2']);

const answer = z.strictObject({
  dilemma: text,
  persona1: text,
  persona2: text,
  completion: text,
  dialogue: z.array(z.strictObject({ role, text })).optional(),
});

const judgeSchema = z.strictObject({
  answers: z.array(answer).min(1).max(2000),
  judge: judgeConfigSchema.optional(),
  templates: templatesSchema,
  judgeSeesDialogue: z.boolean().optional(),
  readings: count.max(4).optional(),
  notes: z.boolean().optional(),
});

const comparisonSchema = z.strictObject({
  answers: z.array(answer).min(1).max(2000),
  judges: z.tuple([judgeConfigSchema, judgeConfigSchema]),
  templates: templatesSchema,
  judgeSeesDialogue: z.boolean().optional(),
});

const pairwiseSchema = z.strictObject({
  aspect: z.enum(['caAlignment', 'conflictResolution']),
  dilemma: text,
  persona1: text.optional(),
  persona2: text.optional(),
  left: text,
  right: text,
  judge: chatModelSchema.optional(),
  templates: templatesSchema,
});

const generateSchema = z.strictObject({
  category: z.enum(Object.keys(DILEMMA_CATEGORIES)).optional(),
  count: count.max(200),
  model: chatModelSchema.optional(),
  known: z.array(dilemmaSchema).max(5000).optional(),
  templates: templatesSchema,
  maxAttempts: count.max(20).optional(),
});

/** @throws {Failure} 'invalidConfig' naming the field */
export function checkRollout(request: RolloutRequest): CheckedRollout & Pick<RolloutRequest, 'takenOver' | 'pace'> {
  checkInput(rolloutSchema, request, 'rollout');
  const { judge: wanted = { kind: 'engine' }, starts, plan, agreement, takenOver, pace } = request;
  return {
    dilemma: dilemmaOf(request.dilemma, 'rollout'),
    pair: pairOf(request.pair, 'rollout'),
    settings: checkNegotiationSettings(request.settings, 'rollout: settings'),
    templates: checkTemplates(request.templates, 'rollout'),
    judge: wanted,
    ...(starts && { starts }),
    ...(plan && { plan }),
    ...(agreement && { agreement }),
    ...(takenOver && { takenOver }),
    ...(pace && { pace }),
  };
}

/** The same for the other requests, which are used as they are. */
export const checkJudge = checkerOf<JudgeRequest>(judgeSchema, 'judge');
export const checkComparison = checkerOf<JudgeComparisonRequest>(comparisonSchema, 'compareJudges');
export const checkPairwise = checkerOf<PairwiseRequest>(pairwiseSchema, 'prefer');
export const checkGenerate = checkerOf<GenerateDilemmasRequest>(generateSchema, 'generate');

function checkerOf<Request extends { readonly templates?: TemplateTexts }>(
  schema: z.ZodType,
  call: string,
): (request: Request) => Request {
  return (request) => {
    checkInput(schema, request, call);
    checkTemplates(request.templates, call);
    return request;
  };
}

/** One of ours by its id. @throws {Failure} 'invalidConfig' */
export function dilemmaOf(dilemma: Dilemma | string, call: string): Dilemma {
  if (typeof dilemma !== 'string') return dilemma;
  return DILEMMAS.find(({ id }) => id === dilemma) ?? unknownId(call, 'dilemma', dilemma);
}

export function pairOf(pair: PersonaPair | string, call: string): PersonaPair {
  if (typeof pair !== 'string') return pair;
  return PERSONA_PAIRS.find(({ id }) => id === pair) ?? unknownId(call, 'pair', pair);
}

function unknownId(call: string, field: string, id: string): never {
  throw new Failure<FailureCode>(
    'invalidConfig',
    `${call}: ${field}: None of ours has the id "${id.slice(0, 100)}". Give a known id, or the whole ${field}.`,
  );
}

export function checkTemplates(texts: TemplateTexts = {}, call: string): TemplateTexts {
  for (const [id, edited] of Object.entries(texts)) {
    const faults = isTemplateId(id) ? checkTemplateText(id, edited) : ['There is no such template.'];
    const [fault] = faults;
    if (fault !== undefined) throw new Failure<FailureCode>('invalidConfig', `${call}: templates.${id}: ${fault}`);
  }
  return texts;
}

function isTemplateId(id: string): id is TemplateId {
  return Object.hasOwn(TEMPLATES, id);
}
