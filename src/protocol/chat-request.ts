/** What a chat model is asked with, out of the settings of a chat. */
import type { ChatModelKind, ChatRequest } from './chat.ts';
import type { ChatSettings } from './chat-settings.ts';

interface AskedOf {
  readonly kind: ChatModelKind;
  /** Whether thinking can be switched. */
  readonly canSwitch: boolean;
  /** Left out: tokens are not asked for. */
  readonly topLogProbs?: number;
}

/** What is switched off, or is left to the model's template, is not asked for. */
export function chatRequest(
  messages: ChatRequest['messages'],
  { temperature, topP, topK, minP, seed, maxTokens, thinking, adapter }: ChatSettings,
  { kind, canSwitch, topLogProbs }: AskedOf,
): ChatRequest {
  return {
    messages,
    temperature,
    topP,
    seed,
    maxTokens,
    ...(topK > 0 && { topK }),
    ...(minP > 0 && { minP }),
    ...(topLogProbs !== undefined && { topLogProbs }),
    ...(canSwitch && thinking !== 'template' && { enableThinking: thinking === 'on' }),
    ...(kind === 'engine' && { adapter }),
  };
}
