/** What a server of chat completions says: a whole answer, or the pieces of one. */
import { z } from 'zod';
import type { AnswerBuilder, RawToken } from '@/protocol/answer-builder.ts';

const tokenSchema = z.object({
  token: z.string(),
  logprob: z.number().nullish(),
  top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })).nullish(),
});
/** Servers name thoughts in two ways: vLLM and DeepSeek in the first, OpenRouter and newer vLLM in the second. */
const saidSchema = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
});
const choiceSchema = z.object({
  message: saidSchema.nullish(),
  delta: saidSchema.nullish(),
  logprobs: z.object({ content: z.array(tokenSchema).nullish() }).nullish(),
  finish_reason: z.string().nullish(),
});
const replySchema = z.object({
  choices: z.array(choiceSchema).optional(),
  usage: z.object({ completion_tokens: z.number().nullish() }).nullish(),
  error: z.unknown().optional(),
});

export interface EndpointReply {
  readonly content: string;
  readonly thinking: string;
  readonly tokens: readonly RawToken[];
  readonly finishReason: string | null;
  readonly numTokens: number | null;
  /** Whether there is a choice in it, and a message in the choice. */
  readonly hasChoice: boolean;
  /** What the server says went wrong; null if nothing did. */
  readonly error: string | null;
}

/** Undefined if it is nothing that chat completions say. */
export function readReply(text: string): EndpointReply | undefined {
  const { data } = replySchema.safeParse(jsonOf(text));
  if (data === undefined) return undefined;
  const [choice] = data.choices ?? [];
  const said = choice?.delta ?? choice?.message;
  return {
    content: said?.content ?? '',
    thinking: said?.reasoning_content ?? said?.reasoning ?? '',
    tokens: (choice?.logprobs?.content ?? []).map(rawToken),
    finishReason: choice?.finish_reason ?? null,
    numTokens: data.usage?.completion_tokens ?? null,
    hasChoice: choice !== undefined && (said !== undefined || choice.finish_reason !== undefined),
    error: data.error === undefined || data.error === null ? null : errorText(data.error),
  };
}

/** Gives what it says to the answer; thoughts come before words. */
export function addReply(answer: AnswerBuilder, { content, thinking, tokens }: EndpointReply): void {
  if (thinking !== '') answer.pushThinking(thinking, content === '' ? tokens : []);
  if (content !== '' || (thinking === '' && tokens.length > 0)) answer.push(content, tokens);
}

function rawToken({ token, logprob, top_logprobs: top }: z.output<typeof tokenSchema>): RawToken {
  const others = (top ?? []).map(({ token: text, logprob: logProb }) => ({ text, logProb }));
  const own = others.find(({ text }) => text === token)?.logProb;
  return { text: token, logProb: logprob ?? own ?? Number.NaN, top: others };
}

function errorText(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return typeof message === 'string' ? message : JSON.stringify(message);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
