/** What a server of chat completions says: a whole answer, or the pieces of one. */
import { z } from 'zod';
import type { AnswerBuilder, RawToken } from '@/protocol/answer-builder.ts';

const tokenSchema = z.object({
  token: z.string(),
  logprob: z.number().nullish(),
  top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })).nullish(),
});
/** Servers name thoughts in two ways: vLLM and DeepSeek in the first, OpenRouter and newer vLLM in the second. */
const textOrNothing = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const saidSchema = z.object({
  content: textOrNothing,
  reasoning_content: textOrNothing,
  reasoning: textOrNothing,
});
const NOTHING_SAID: z.output<typeof saidSchema> = { content: '', reasoning_content: '', reasoning: '' };
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
  readonly hasMessage: boolean;
  /** What the server says went wrong; null if nothing did. */
  readonly error: string | null;
}

/** Undefined if it is nothing that chat completions say. */
export function readReply(text: string): EndpointReply | undefined {
  const { data } = replySchema.safeParse(jsonOf(text));
  if (data === undefined) return undefined;
  const [choice] = data.choices ?? [];
  return {
    ...choiceOf(choice),
    numTokens: data.usage?.completion_tokens ?? null,
    error: errorText(data.error ?? null),
  };
}

function choiceOf(choice: z.output<typeof choiceSchema> | undefined): Omit<EndpointReply, 'numTokens' | 'error'> {
  const said = choice?.delta ?? choice?.message ?? null;
  const { content, reasoning, reasoning_content: reasoningContent } = said ?? NOTHING_SAID;
  return {
    content,
    thinking: reasoningContent === '' ? reasoning : reasoningContent,
    tokens: (choice?.logprobs?.content ?? []).map(rawToken),
    finishReason: choice?.finish_reason ?? null,
    hasMessage: said !== null,
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

/** What a server says of a refusal: OpenAI's servers in JSON, in some field; others as they like. */
export function refusalText(body: string): string {
  const json = jsonOf(body);
  if (typeof json !== 'object' || json === null) return body;
  const { error, message, detail } = json as Readonly<Record<string, unknown>>;
  return errorText(error ?? message ?? detail ?? null) ?? body;
}

function errorText(error: unknown): string | null {
  if (error === null) return null;
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
