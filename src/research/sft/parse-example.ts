import { z } from 'zod';
import type { ChatMessage } from '@/protocol/generation.ts';

export type Example =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'completion'; readonly prompt: string; readonly completion: string }
  /** Assistant turns count from message `firstCounted` on. */
  | { readonly kind: 'messages'; readonly messages: readonly ChatMessage[]; readonly firstCounted: number };

const text = z.string().regex(/\S/, 'It must not be empty');
const messages = z
  .array(z.looseObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
  .min(1)
  .transform((list) => list.map(({ role, content }): ChatMessage => ({ role, content })));

const textSchema = z.looseObject({ text });
const messagesSchema = z.looseObject({ messages });
const completionSchema = z.looseObject({ prompt: z.string(), completion: text });
const conversationSchema = z.looseObject({ prompt: messages, completion: messages });

/**
 * One line of JSONL. Prompt and completion may be texts or lists of messages, as in TRL; further fields are ignored.
 *
 * @returns the reason if the line is no example
 */
export function parseExample(line: string): Example | string {
  const value = parseObject(line);
  if (value === undefined) return 'The line is not a JSON object.';
  if (Object.hasOwn(value, 'messages')) {
    const parsed = messagesSchema.safeParse(value);
    return parsed.success ? { kind: 'messages', messages: parsed.data.messages, firstCounted: 0 } : reasonOf(parsed);
  }
  if (Object.hasOwn(value, 'completion') || Object.hasOwn(value, 'prompt')) {
    if (!Array.isArray(value['prompt'])) {
      const parsed = completionSchema.safeParse(value);
      return parsed.success
        ? { kind: 'completion', prompt: parsed.data.prompt, completion: parsed.data.completion }
        : reasonOf(parsed);
    }
    const parsed = conversationSchema.safeParse(value);
    if (!parsed.success) return reasonOf(parsed);
    const { prompt, completion } = parsed.data;
    return { kind: 'messages', messages: [...prompt, ...completion], firstCounted: prompt.length };
  }
  if (!Object.hasOwn(value, 'text')) return 'The line has none of the fields "text", "messages" and "completion".';
  const parsed = textSchema.safeParse(value);
  return parsed.success ? { kind: 'text', text: parsed.data.text } : reasonOf(parsed);
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf({ error }: { readonly error: z.ZodError }): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.')}: ${issue?.message}.`;
}
