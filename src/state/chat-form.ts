/** Which model a chat is with, as its form holds it. A key is never part of it. */
import { z } from 'zod';
import { assertNever } from '@/lib/assert.ts';
import type { ChatModelConfig, ChatModelKind } from '@/protocol/chat.ts';
import { problemOfUrl } from './server-url.ts';

/** What was filled in for one kind is kept while another one is chosen. */
export interface ChatForm {
  readonly kind: ChatModelKind;
  readonly url: string;
  readonly model: string;
  readonly webLlmModel: string;
}

export const FIRST_CHAT_FORM: ChatForm = {
  kind: 'engine',
  url: 'http://localhost:11434/v1',
  model: '',
  webLlmModel: 'Qwen3-0.6B-q4f16_1-MLC',
};

const MAX_TEXT = 500;

const formSchema = z.object({
  kind: z.enum(['engine', 'webLlm', 'endpoint']).catch(FIRST_CHAT_FORM.kind),
  url: z
    .string()
    .max(MAX_TEXT)
    .refine((url) => url === '' || problemOfUrl(url) === undefined)
    .catch(FIRST_CHAT_FORM.url),
  model: z.string().max(MAX_TEXT).catch(FIRST_CHAT_FORM.model),
  webLlmModel: z.string().min(1).max(MAX_TEXT).catch(FIRST_CHAT_FORM.webLlmModel),
});

/** What storage holds, field by field; what is of another kind is the default. */
export function readChatForm(stored: unknown): ChatForm {
  const parsed = formSchema.safeParse(stored);
  return parsed.success ? parsed.data : FIRST_CHAT_FORM;
}

/** What may be stored: no address that has a key in it. */
export function storedChatForm(form: ChatForm): ChatForm {
  return form.url === '' || problemOfUrl(form.url) === undefined ? form : { ...form, url: '' };
}

/** By field, for the chosen kind. */
export function problemsOfChatForm(form: ChatForm): { readonly url?: string; readonly model?: string } {
  if (form.kind !== 'endpoint') return {};
  const url = problemOfUrl(form.url);
  return {
    ...(url !== undefined && { url }),
    ...(form.model.trim() === '' && { model: 'The name by which the server knows it.' }),
  };
}

/** The model with its key; null while a field has a problem. */
export function chatModelOf(form: ChatForm, apiKey: string): ChatModelConfig | null {
  if (Object.keys(problemsOfChatForm(form)).length > 0) return null;
  switch (form.kind) {
    case 'engine':
      return { kind: 'engine' };
    case 'webLlm':
      return { kind: 'webLlm', model: form.webLlmModel };
    case 'endpoint': {
      const key = apiKey.trim();
      return { kind: 'endpoint', url: form.url.trim(), model: form.model.trim(), ...(key !== '' && { apiKey: key }) };
    }
    default:
      return assertNever(form.kind);
  }
}
