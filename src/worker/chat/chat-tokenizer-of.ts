import { Failure } from '@/lib/failure.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import { THINK_MARKS } from '@/lib/think-splitter.ts';
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
  // A model that thinks all the same is cut short: its thoughts are nobody's.
  const thinkStart =
    enableThinking === false ? [tokenizer.idOf(THINK_MARKS.start)].filter((id) => id !== undefined) : [];
  return {
    encode: (text, options) => tokenizer.encode(text, options),
    createTextStream: () => tokenizer.createTextStream({ skipSpecial: true }),
    renderChat(messages) {
      const text = renderChatTemplate(chatTemplate, messages, {
        addGenerationPrompt: true,
        bosToken: pieceOf(tokenizer.bosTokenId),
        eosToken: pieceOf(eosTokenId),
        ...(enableThinking !== undefined && { enableThinking }),
      });
      return enableThinking === false ? text + emptyThought(text, chatTemplate) : text;
    },
    stopTokenIds: [...new Set([...tokenizer.stopTokenIds, ...specialTokenIds, ...thinkStart])],
  };
}

/** Whether the text ends within a thought. */
export function opensThought(text: string): boolean {
  return text.lastIndexOf(THINK_MARKS.start) > text.lastIndexOf(THINK_MARKS.end);
}

/**
 * What turns thinking off where the template has no switch: an empty thought, as Qwen3's switch writes it. A template that
 * speaks of the end of thoughts is of a model that thinks.
 */
function emptyThought(text: string, template: string): string {
  const { start, end } = THINK_MARKS;
  if (opensThought(text)) return `${text.endsWith('\n') ? '' : '\n'}\n${end}\n\n`;
  const isUnswitched = template.includes(end) && !template.includes('enable_thinking');
  return isUnswitched ? `${start}\n\n${end}\n\n` : '';
}
