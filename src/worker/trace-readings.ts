/** What is read out of recorded traces on the loaded model. A trace may come from anywhere and is checked first. */
import { z } from 'zod';
import type { Decoder } from '@/engine/generation/decoder.ts';
import type {
  AttentionReading,
  AttentionRequest,
  CheckReport,
  CheckRequest,
  RebuildProgress,
} from '@/protocol/attention.ts';
import { checkViews } from '@/research/async-reasoning/check-views.ts';
import { readAttention } from '@/research/async-reasoning/read-attention.ts';
import type { ReasoningTokenizer } from '@/research/async-reasoning/reasoning-tokenizer.ts';
import { parseRecordedTrace } from '@/research/async-reasoning/trace-schema.ts';
import { checkRequest } from './request-schemas.ts';

/** Readings of one call; each holds a weight for every layer and key. */
const MAX_STEPS = 64;

const step = z.int().min(0);
const attentionSchema = z.strictObject({
  trace: z.unknown(),
  steps: z.array(step).min(1).max(MAX_STEPS).optional(),
  stream: z.enum(['thinker', 'writer']).optional(),
});
const checkSchema = z.strictObject({ trace: z.unknown(), step: step.optional() });

type Emit = (progress: RebuildProgress) => void;

/** @throws {Failure} 'invalidConfig' naming the field; what `readAttention` throws */
export async function attentionOf(
  decoder: Decoder,
  request: AttentionRequest,
  signal: AbortSignal,
  emit: Emit,
): Promise<AttentionReading[]> {
  checkRequest(attentionSchema, request, 'attention');
  const trace = parseRecordedTrace(request.trace, decoder.vocabSize);
  return readAttention(decoder, { ...request, trace }, { signal, onProgress: emit });
}

/** @throws {Failure} 'invalidConfig' naming the field; what `checkViews` throws */
export async function checkOf(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  request: CheckRequest,
  signal: AbortSignal,
  emit: Emit,
): Promise<CheckReport> {
  checkRequest(checkSchema, request, 'check');
  const trace = parseRecordedTrace(request.trace, decoder.vocabSize);
  const textOf = (id: number): string => new TextDecoder().decode(tokenizer.tokenBytes(id));
  return checkViews(decoder, trace, request.step, { signal, onProgress: emit, textOf });
}
