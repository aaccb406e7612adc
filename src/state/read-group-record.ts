/** Groups as they come from a file: everything is checked before anything is shown. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { engineModelSchema } from '@/protocol/chat-schema.ts';
import { checkInput } from '@/protocol/check-input.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { madeByModelSchema } from '@/protocol/made-by-model.ts';
import { ruleJudgeSchema } from '@/protocol/negotiation-request-schema.ts';
import { dilemmaSchema, personaPairSchema } from '@/protocol/negotiation/schema.ts';
import { NEGOTIATION_ROLES, type GroupRecord } from '@/protocol/negotiation-run.ts';
import { negotiationSettingsSchema } from '@/protocol/negotiation-settings.ts';

/** Bytes. */
export const MAX_GROUP_FILE = 64_000_000;

const count = z.int().min(0).max(1_000_000);
const text = z.string().max(200_000);
const reason = z.string().max(2000);
const share = z.number().min(0).max(1);
const role = z.enum(['agent1', 'agent2']);
const tokenIds = z.array(z.int().min(0).max(0xffff_ffff)).max(100_000);
const logProbs = z.array(z.number().max(1e-3)).max(100_000);

const utteranceSchema = z.strictObject({
  kind: z.enum(['utterance', 'completion']),
  role,
  turn: count,
  promptIds: tokenIds,
  tokenIds,
  logProbs,
  text,
  stop: z.enum(['stopToken', 'maxTokens', 'given']),
  isTruncated: z.boolean(),
  origin: z.enum(['model', 'person']),
});

const thoughtsSchema = z.strictObject({
  role,
  turn: count,
  tokenIds,
  logProbs,
  heard: z.array(count).max(100_000),
  text,
  stop: z.enum(['stopToken', 'maxTokens', 'cut']),
});

const unreadable = z.strictObject({ state: z.literal('unreadable'), reason, raw: reason });

const agreementSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('judged'), turn: count, agreed: z.boolean(), pYes: share.exactOptional() }),
  unreadable.extend({ turn: count }),
]);

const verdictSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('scored'),
    score: z.number().min(0).max(5),
    distribution: z.array(share).length(6).exactOptional(),
    answerMass: z.number().min(0).max(1.001).exactOptional(),
    raw: text.exactOptional(),
  }),
  unreadable,
]);

export const dialogueSchema = z.strictObject({
  row: z.int().min(0).max(63),
  branch: z.int().min(0).max(1000),
  utterances: z.array(utteranceSchema).max(100),
  thoughts: z.array(thoughtsSchema).max(200).exactOptional(),
  agreements: z.array(agreementSchema).max(50),
  outcome: z.enum(['agreed', 'failed', 'stopped']),
  completion: utteranceSchema.exactOptional(),
  verdict: verdictSchema.exactOptional(),
});

const planSchema = z.strictObject({
  rowsPerForward: z.int().min(1).max(4096),
  maxForwardTokens: z.int().min(1).max(1_000_000),
  keepsContext: z.boolean(),
});

const makerSchema = z.strictObject({
  model: madeByModelSchema,
  adapter: z.strictObject({ id: z.string().max(200), blend: z.number().min(0).max(1) }).nullable(),
  judge: z.string().max(2000).nullable(),
  repeatableJudge: z.discriminatedUnion('kind', [engineModelSchema, ruleJudgeSchema]).exactOptional(),
  templates: z.record(z.string().max(100), text),
});

const groupSchema = z.strictObject({
  format: z.literal('duet-negotiation-1'),
  dilemma: dilemmaSchema,
  pair: personaPairSchema,
  settings: negotiationSettingsSchema,
  plan: planSchema,
  madeWith: makerSchema.exactOptional(),
  dialogues: z.array(dialogueSchema).min(1).max(256),
}) satisfies z.ZodType<GroupRecord>;

const CALL = 'The group';

/**
 * A group from a file's text.
 *
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function readGroupFile(content: string): GroupRecord {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return refuse('the file is no JSON. Choose a file that "Save" has written');
  }
  return readGroupRecord(value);
}

/** @throws {Failure} 'invalidConfig' naming the field */
export function readGroupRecord(value: unknown): GroupRecord {
  const record = checkInput(groupSchema, value, CALL);
  const keys = new Set<string>();
  for (const [index, { row, branch, utterances, agreements }] of record.dialogues.entries()) {
    const field = `dialogues.${index}`;
    const key = `${row}.${branch}`;
    if (keys.has(key)) refuse(`${field}: another dialogue has this row and branch too`);
    keys.add(key);
    const wrong = utterances.findIndex((one, place) => one.role !== NEGOTIATION_ROLES[place % 2]);
    if (wrong >= 0) refuse(`${field}.utterances.${wrong}: both sides speak in turn, agent 1 first`);
    if (agreements.length > Math.floor(utterances.length / 2))
      refuse(`${field}.agreements: there are more than exchanges`);
  }
  return record;
}

function refuse(fault: string): never {
  throw new Failure<FailureCode>('invalidConfig', `${CALL}: ${fault}.`);
}
