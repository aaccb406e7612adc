/** What callers of the engine may ask for: every option with its range, checked before anything starts. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { MAX_RESULTS } from '@/engine/generation/token-head.ts';

const count = z.int().min(1);
const ids = z.array(z.int().min(0)).min(1);
const shape = z.enum(['auto', 'threadPerRows', 'workgroupPerRows']);

export const generateSchema = z.looseObject({
  tokenIds: ids.optional(),
  maxNewTokens: count,
  temperature: z.number().min(0).optional(),
  topK: z.int().min(0).optional(),
  topP: z.number().gt(0).max(1).optional(),
  minP: z.number().min(0).max(1).optional(),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  stopTokenIds: z.array(z.int().min(0)).optional(),
  stopStrings: z.array(z.string().min(1)).optional(),
  burst: count.max(MAX_RESULTS).optional(),
});

export const loadSchema = z.looseObject({
  contextLength: count.optional(),
  kvType: z.enum(['f32', 'f16']).optional(),
  kernelShape: shape.optional(),
});

export const profileSchema = z.looseObject({ promptTokens: count, decodeSteps: count, rows: count });

export const settingsSchema = z.looseObject({
  budget: count.optional(),
  probeInterval: count.optional(),
  yesBias: z.number().optional(),
  writeBeforeSend: z.boolean().optional(),
  keepThoughtsFrom: z.number().min(0).max(1).optional(),
});

export const questionSchema = z.looseObject({
  question: z.string().min(1),
  drafts: z.array(z.looseObject({ step: z.int().min(0), text: z.string(), sent: z.boolean() })).optional(),
  settings: settingsSchema.optional(),
});

/** @throws {Failure} 'invalidConfig' naming the call, the field and what is wrong with it */
export function checkRequest(schema: z.ZodType, value: unknown, call: string): void {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new Failure<FailureCode>(
    'invalidConfig',
    `${call}: ${field === '' ? 'the options' : field}: ${issue?.message}.`,
  );
}
