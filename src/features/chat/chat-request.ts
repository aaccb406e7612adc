/** What a model is asked with, and what it can and cannot do. */
import { canTurnThinkingOff } from '@/client/web-llm-messages.ts';
import { webLlmName } from '@/client/web-llm-models.ts';
import { assertNever } from '@/lib/assert.ts';
import { CHAT_CAPABILITIES, type ChatModelConfig, type ChatModelKind, type ChatRequest } from '@/protocol/chat.ts';
import { chatRequest } from '@/protocol/chat-request.ts';
import type { ChatSettings } from '@/protocol/chat-settings.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { ChatForm } from '@/state/chat-form.ts';
import { hostOfUrl } from '@/state/server-url.ts';

/** Alternatives that are shown beside a token. */
const TOP_LOG_PROBS = 5;

/** Why thinking cannot be switched, a sentence; null if it can, or if only the server knows. */
export function noThinkingSwitch(form: ChatForm, info: Pick<ModelInfo, 'hasThinkingSwitch'> | null): string | null {
  switch (form.kind) {
    case 'engine':
      if (info === null) return 'No model is loaded.';
      return info.hasThinkingSwitch ? null : 'This model’s template has no switch for thinking.';
    case 'webLlm':
      return canTurnThinkingOff(form.webLlmModel) ? null : 'This model’s template has no switch for thinking.';
    case 'endpoint':
      return null;
    default:
      return assertNever(form.kind);
  }
}

/** Why the model cannot use an adapter, a sentence; null if it can. */
export function noAdapter(kind: ChatModelKind): string | null {
  const { has, note } = CHAT_CAPABILITIES[kind].adapters;
  return has ? null : note;
}

/** Why top k and min p are not used, a sentence; null if they are. */
export function noSampleFilters(kind: ChatModelKind): string | null {
  const { has, note } = CHAT_CAPABILITIES[kind].sampleFilters;
  return has ? null : note;
}

interface Asked {
  readonly messages: readonly ChatMessage[];
  readonly model: ChatModelConfig;
  readonly settings: ChatSettings;
  readonly form: ChatForm;
  readonly info: ModelInfo | null;
  readonly areTokensShown: boolean;
}

/** What the model does not know is left out. */
export function requestFor({ messages, model: { kind }, settings, form, info, areTokensShown }: Asked): ChatRequest {
  const known = noSampleFilters(kind) === null ? settings : { ...settings, topK: 0, minP: 0 };
  // The engine has them anyway; elsewhere they cost something, or are refused.
  const wantsTokens = kind === 'engine' || areTokensShown;
  return chatRequest(messages, known, {
    kind,
    canSwitch: noThinkingSwitch(form, info) === null,
    ...(wantsTokens && { topLogProbs: TOP_LOG_PROBS }),
  });
}

/** Qwen3 0.6B, web-llm. */
export function nameOfModel(form: ChatForm, loadedName: string): string {
  switch (form.kind) {
    case 'engine':
      return loadedName === '' ? 'no model' : loadedName;
    case 'webLlm':
      return `${webLlmName(form.webLlmModel)}, web-llm`;
    case 'endpoint':
      return form.model.trim() === '' ? 'A server' : `${form.model.trim()} at ${hostOfUrl(form.url)}`;
    default:
      return assertNever(form.kind);
  }
}
