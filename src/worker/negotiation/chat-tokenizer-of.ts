import { Failure } from '@/lib/failure.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import { renderChatTemplate } from '@/engine/tokenizer/chat-template.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatTokenizer } from '@/research/negotiation/chat-tokenizer.ts';

/**
 * The text side of a model.
 *
 * @param options.enableThinking  the template's switch; undefined for the template's own default. Default: off
 *
 * @throws {Failure} 'unsupportedModel' without a chat template
 */
export function chatTokenizerOf(
  { tokenizer, chatTemplate }: Pick<OpenedModel, 'tokenizer' | 'chatTemplate'>,
  { enableThinking }: { readonly enableThinking: boolean | undefined } = { enableThinking: false },
): ChatTokenizer {
  if (chatTemplate === null)
    throw new Failure<FailureCode>(
      'unsupportedModel',
      'This model file has no chat template, so it cannot follow a conversation. Load an instruction-tuned model.',
    );
  const pieceOf = (id: number | null): string => (id === null ? '' : (tokenizer.pieceOf(id) ?? ''));
  const { eosTokenId, specialTokenIds } = tokenizer;
  return {
    encode: (text, options) => tokenizer.encode(text, options),
    createTextStream: () => tokenizer.createTextStream({ skipSpecial: true }),
    renderChat: (messages) =>
      renderChatTemplate(chatTemplate, messages, {
        addGenerationPrompt: true,
        bosToken: pieceOf(tokenizer.bosTokenId),
        eosToken: pieceOf(eosTokenId),
        ...(enableThinking !== undefined && { enableThinking }),
      }),
    stopTokenIds: [...new Set([...(eosTokenId === null ? [] : [eosTokenId]), ...specialTokenIds])],
  };
}
