/** What a negotiation may be asked for, field by field; the worker checks it, and files that hold such a request. */
import { z } from 'zod';
import { chatModelSchema } from './chat-schema.ts';
import { dilemmaSchema, personaPairSchema } from './negotiation/schema.ts';

const count = z.int().min(1);
const text = z.string().max(100_000);
const ids = z.array(z.int().min(0)).max(1_000_000);
const role = z.enum(['agent1', 'agent2']);
const row = z.int().min(0).max(1_000_000);

export const ruleJudgeSchema = z.strictObject({
  kind: z.literal('rule'),
  rule: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('word'), word: z.string().min(1).max(100) }),
    z.strictObject({ kind: z.literal('length'), words: count.max(10_000) }),
    z.strictObject({ kind: z.literal('personas') }),
  ]),
});
/** Where nobody is there to be asked. */
export const unattendedJudgeSchema = z.discriminatedUnion('kind', [...chatModelSchema.options, ruleJudgeSchema], {
  error: 'must be "engine", "endpoint", "webLlm" or "rule": nobody is there to judge',
});
export const judgeConfigSchema = z.discriminatedUnion('kind', [
  ...chatModelSchema.options,
  ruleJudgeSchema,
  z.strictObject({ kind: z.literal('human') }),
]);
export const agreementConfigSchema = z.discriminatedUnion('kind', [
  ...chatModelSchema.options,
  z.strictObject({ kind: z.literal('rule'), phrases: z.array(z.string().min(1)).min(1).optional() }),
]);
export const templatesSchema = z.record(z.string(), z.string()).optional();

const utterance = z.looseObject({
  kind: z.literal('utterance'),
  role,
  turn: count,
  promptIds: ids,
  tokenIds: ids,
  logProbs: z.array(z.number()),
  text,
  stop: z.enum(['stopToken', 'maxTokens', 'given']),
  isTruncated: z.boolean(),
  origin: z.enum(['model', 'person']),
});
const agreementVerdict = z.discriminatedUnion('state', [
  z.looseObject({ state: z.literal('judged'), turn: count, agreed: z.boolean(), pYes: z.number().optional() }),
  z.looseObject({ state: z.literal('unreadable'), turn: count, reason: text, raw: text }),
]);
const thoughts = z.looseObject({ role, turn: count, tokenIds: ids, text });
const start = z.looseObject({
  row,
  branch: row.optional(),
  utterances: z.array(utterance).optional(),
  agreements: z.array(agreementVerdict).optional(),
  thoughts: z.array(thoughts).optional(),
  said: text.optional(),
});

export const sideSchema = z.strictObject({ row, role });

export const rolloutSchema = z.strictObject({
  dilemma: z.union([z.string(), dilemmaSchema]),
  pair: z.union([z.string(), personaPairSchema]),
  settings: z.unknown().optional(),
  templates: templatesSchema,
  judge: judgeConfigSchema.nullable().optional(),
  agreement: agreementConfigSchema.optional(),
  starts: z.array(start).min(1).max(64).optional(),
  plan: z
    .strictObject({ rowsPerForward: count.max(16), maxForwardTokens: count.max(4096), keepsContext: z.boolean() })
    .optional(),
  takenOver: z.array(sideSchema).optional(),
  pace: z.enum(['running', 'utterance', 'turn']).optional(),
});
