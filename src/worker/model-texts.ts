/** Texts in and out of the loaded model: its chat template, and plain generation. */
import { generate } from '@/engine/generation/generate.ts';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import { renderChatTemplate } from '@/engine/tokenizer/chat-template.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type {
  ChatMessage,
  GeneratedToken,
  GenerateRequest,
  GenerateResult,
  TemplateOptions,
} from '@/protocol/generation.ts';
import { checkRequest, generateSchema } from './request-schemas.ts';

type TextModel = Pick<OpenedModel, 'tokenizer' | 'chatTemplate'>;

/** @throws {Failure} 'unsupportedModel' without a template; what `renderChatTemplate` throws */
export function applyTemplate(
  { tokenizer, chatTemplate }: TextModel,
  messages: readonly ChatMessage[],
  { addGenerationPrompt, enableThinking }: TemplateOptions,
): { text: string; tokenIds: number[] } {
  if (chatTemplate === null) {
    throw new Failure<FailureCode>('unsupportedModel', 'This model file has no chat template; give token ids instead.');
  }
  const pieceOf = (id: number | null): string => (id === null ? '' : (tokenizer.pieceOf(id) ?? ''));
  const text = renderChatTemplate(chatTemplate, messages, {
    addGenerationPrompt,
    bosToken: pieceOf(tokenizer.bosTokenId),
    eosToken: pieceOf(tokenizer.eosTokenId),
    ...(enableThinking !== undefined && { enableThinking }),
  });
  return { text, tokenIds: tokenizer.encode(text, { parseSpecial: true }) };
}

/** @throws {Failure} 'invalidConfig' naming the field that is wrong; what `generate` and `applyTemplate` throw */
export async function generateText(
  { gpuModel, opened }: { readonly gpuModel: GpuModel; readonly opened: TextModel },
  request: GenerateRequest,
  signal: AbortSignal,
  emit: (token: GeneratedToken) => void,
): Promise<GenerateResult> {
  checkRequest(generateSchema, request, 'generate');
  const { messages, tokenIds } = request;
  if ((messages === undefined) === (tokenIds === undefined)) {
    throw new Failure<FailureCode>('invalidConfig', 'generate: give exactly one of `tokenIds` and `messages`.');
  }
  const { eosTokenId } = opened.tokenizer;
  const prompt = tokenIds ?? applyTemplate(opened, messages ?? [], { addGenerationPrompt: true }).tokenIds;
  const stops = messages !== undefined && eosTokenId !== null ? [eosTokenId] : [];
  const full = { ...request, tokenIds: prompt, stopTokenIds: request.stopTokenIds ?? stops };
  return generate(gpuModel.decoder, opened.tokenizer, full, emit, signal);
}
