/** What callers may ask of a chat model, checked before anything is asked. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import {
  CHAT_CAPABILITIES,
  type ChatCapabilityName,
  type ChatModelConfig,
  type ChatModelKind,
  type ChatRequest,
} from './chat.ts';
import { checkInput } from './check-input.ts';
import type { FailureCode } from './failures.ts';

/** What every backend has room for. */
export const MAX_TOP_LOG_PROBS = 5;

const count = z.int().min(1);

export const engineModelSchema = z.strictObject({ kind: z.literal('engine') });

export const chatModelSchema = z.discriminatedUnion('kind', [
  engineModelSchema,
  z.strictObject({
    kind: z.literal('endpoint'),
    url: z.string().min(1).max(2000),
    model: z.string().min(1).max(200),
    apiKey: z.string().max(10_000).optional(),
    timeoutMs: z.int().min(100).max(3_600_000).optional(),
    maxAttempts: count.max(20).optional(),
  }),
  z.strictObject({ kind: z.literal('webLlm'), model: z.string().min(1).max(200) }),
]);

const requestSchema = z
  .strictObject({
    messages: z
      .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().max(1_000_000) }))
      .min(1)
      .max(10_000),
    maxTokens: count.max(1_000_000).optional(),
    temperature: z.number().min(0).max(100).optional(),
    topP: z.number().gt(0).max(1).optional(),
    topK: z.int().min(0).optional(),
    minP: z.number().min(0).max(1).optional(),
    seed: z.int().min(0).max(0xffff_ffff).optional(),
    stop: z.array(z.string().min(1).max(1000)).max(16).optional(),
    topLogProbs: z.int().min(0).max(MAX_TOP_LOG_PROBS).optional(),
    enableThinking: z.boolean().optional(),
    adapter: z.enum(['on', 'off']).optional(),
    continueAnswer: z.boolean().optional(),
    responseSchema: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(
    ({ continueAnswer, messages }) =>
      continueAnswer !== true || (messages.length > 1 && messages.at(-1)?.role === 'assistant'),
    { path: ['continueAnswer'], message: 'The last message has to be the answer to go on with, behind a question' },
  );

/** Fields that only some models can serve, and when a request needs it. */
const NEEDS: readonly (readonly [keyof ChatRequest, ChatCapabilityName, (request: ChatRequest) => boolean])[] = [
  ['topLogProbs', 'logProbs', ({ topLogProbs = 0 }) => topLogProbs > 0],
  ['responseSchema', 'responseSchema', ({ responseSchema }) => responseSchema !== undefined],
  ['adapter', 'adapters', ({ adapter }) => adapter === 'on'],
  ['continueAnswer', 'continueAnswer', ({ continueAnswer }) => continueAnswer === true],
  ['topK', 'sampleFilters', ({ topK = 0 }) => topK > 0],
  ['minP', 'sampleFilters', ({ minP = 0 }) => minP > 0],
];

/** @throws {Failure} 'invalidConfig' naming a field that this kind of model cannot serve, and why */
export function refuseIncapable(kind: ChatModelKind, request: ChatRequest): void {
  for (const [field, capability, isNeeded] of NEEDS) {
    const { has, note } = CHAT_CAPABILITIES[kind][capability];
    if (!has && isNeeded(request)) throw new Failure<FailureCode>('invalidConfig', `chat: ${field}: ${note}`);
  }
}

/** @throws {Failure} 'invalidConfig' naming the field that is wrong, or more than the model can */
export function checkChat(config: ChatModelConfig, request: ChatRequest): void {
  checkInput(chatModelSchema, config, 'chat', (field) => `model.${field}`);
  checkInput(requestSchema, request, 'chat');
  refuseIncapable(config.kind, request);
}
