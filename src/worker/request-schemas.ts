/** What callers of the engine may ask for: every option with its range, checked before anything starts. */
import { z } from 'zod';
import { MAX_TOP_LOG_PROBS } from '@/protocol/chat-schema.ts';
import { checkInput } from '@/protocol/check-input.ts';
import { reasoningSettingsSchema } from '@/protocol/reasoning-settings.ts';
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
  topLogProbs: z.int().min(0).max(MAX_TOP_LOG_PROBS).optional(),
  adapter: z.enum(['on', 'off']).optional(),
});

export const sourceSchema = z.looseObject({
  source: z.union(
    [z.string(), z.instanceof(Blob), z.array(z.instanceof(Blob))],
    'an id, an address or files are needed',
  ),
});

export const loadSchema = z.looseObject({
  contextLength: count.optional(),
  kvType: z.enum(['auto', 'f32', 'f16']).optional(),
  quantization: z.enum(['none', 'q8', 'q4']).optional(),
  kernelShape: shape.optional(),
});

/** Not a text: each id that it contains would be deleted. */
export const removeSchema = z.looseObject({ ids: z.array(z.string(), 'a list of ids is needed') });

export const measureSchema = z.looseObject({ limitBytes: count.optional() });

export const profileSchema = z.looseObject({
  promptTokens: count,
  decodeSteps: count,
  rows: count,
  forwards: z.array(z.array(count).min(1)).optional(),
  readForwards: z.array(z.array(count).min(1)).optional(),
});

const time = z.union([z.looseObject({ step: z.int().min(0) }), z.looseObject({ atMs: z.number().min(0) })]);
const inputs = <Schema extends z.ZodType>(schema: Schema) => z.array(z.intersection(time, schema)).optional();

export const questionSchema = z
  .looseObject({
    question: z.string().min(1),
    drafts: inputs(z.looseObject({ text: z.string(), sent: z.boolean(), settled: z.boolean().optional() })),
    remarks: inputs(z.looseObject({ text: z.string().min(1) })),
    pauses: inputs(z.looseObject({ paused: z.boolean() })),
    stopAt: time.optional(),
    settings: reasoningSettingsSchema.optional(),
  })
  .refine(({ drafts = [], remarks = [], pauses = [], stopAt }) => {
    const times = [...drafts, ...remarks, ...pauses, ...(stopAt === undefined ? [] : [stopAt])];
    return new Set(times.map((entry) => 'step' in (entry as object))).size <= 1;
  }, 'all inputs must be at steps, or all at times (atMs)');

/** @throws {Failure} 'invalidConfig' naming the call, the field and what is wrong with it */
export function checkRequest(schema: z.ZodType, value: unknown, call: string): void {
  checkInput(schema, value, call);
}
