/** Between our chat messages and web-llm's, which follow OpenAI's. */
import type { ChatCompletionChunk, ChatCompletionRequestStreaming, ChatCompletionTokenLogprob } from '@mlc-ai/web-llm';
import { Failure } from '@/lib/failure.ts';
import { AnswerBuilder, type RawToken } from '@/protocol/answer-builder.ts';
import { withoutThoughts } from '@/protocol/chat-messages.ts';
import { MAX_TOP_LOG_PROBS } from '@/protocol/chat-schema.ts';
import { type ChatAnswer, type ChatDelta, type ChatRequest, DEFAULT_MAX_TOKENS } from '@/protocol/chat.ts';
import type { FailureCode } from '@/protocol/failures.ts';

/** The least that web-llm takes: only the likeliest token is left. */
const ONLY_THE_LIKELIEST = 1e-5;

/**
 * What came of web-llm's own error texts, and what to do about each, wherever it was asked: for a chat, as a judge, or by
 * the chooser's button. The first that fits counts.
 */
const CAUSES: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    /quota/i,
    'The browser has no room for its files. Free disk space, delete models under Storage, or choose a smaller one.',
  ],
  [
    /fetch|network|ERR_|tensor-cache|Cache\.add|status code/i,
    'Its files come from huggingface.co and raw.githubusercontent.com, which could not be reached. Connect to the internet for the first load; afterwards the browser keeps them. Without a connection, use the model that comes with this page, or one of your own files.',
  ],
  [/shader-f16|FeatureSupport/i, 'This GPU has no shader-f16. Choose the f32 build of the model.'],
  [
    /device (was )?lost|DeviceLost|out of memory|OutOfMemory|createBuffer|buffer size/i,
    'The GPU did not have room for it beside the model that is loaded. Unload that one, or choose a smaller one here.',
  ],
  [/WebGPU/i, 'It needs WebGPU, which this browser does not offer. A model on a server works without it.'],
  [
    /context window|prompt tokens|ContextWindowSize/i,
    'The messages are longer than the 4,096 tokens that it takes. Send shorter or fewer ones.',
  ],
  [/not find|ModelNotFound/i, 'web-llm does not know this model. Choose one of the list.'],
];

/**
 * A request that starts a conversation of its own. Everything is said: each model's own defaults are others.
 *
 * web-llm gives log-probabilities after the division by the temperature. Where they are wanted and the likeliest answer is
 * too, the temperature is 1 and everything but the likeliest token is cut off: the same token, and the model's own
 * probabilities.
 */
export function toWebLlmRequest(model: string, request: ChatRequest): ChatCompletionRequestStreaming {
  const { maxTokens = DEFAULT_MAX_TOKENS, stop = [], responseSchema } = request;
  // A schema holds from the first token on and leaves no room for thoughts.
  const enableThinking = responseSchema === undefined ? request.enableThinking : false;
  return {
    messages: request.messages.map(withoutThoughts),
    max_tokens: maxTokens,
    ...samplingOf(request),
    stream: true,
    stream_options: { include_usage: true },
    ...(stop.length > 0 && { stop: [...stop] }),
    ...(responseSchema && {
      // Without a schema, and with one that is no text, web-llm throws.
      response_format: { type: 'json_object', schema: JSON.stringify(responseSchema) },
    }),
    ...(enableThinking !== undefined &&
      canTurnThinkingOff(model) && { extra_body: { enable_thinking: enableThinking } }),
  };
}

function samplingOf({
  temperature = 0,
  topP = 1,
  topLogProbs = 0,
  seed,
}: ChatRequest): Partial<ChatCompletionRequestStreaming> {
  const wantsLogProbs = topLogProbs > 0;
  const isLikeliestWanted = wantsLogProbs && temperature === 0;
  return {
    temperature: isLikeliestWanted ? 1 : temperature,
    top_p: isLikeliestWanted ? ONLY_THE_LIKELIEST : topP,
    repetition_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    ...(seed !== undefined && { seed }),
    ...(wantsLogProbs && { logprobs: true, top_logprobs: Math.min(topLogProbs, MAX_TOP_LOG_PROBS) }),
  };
}

/**
 * Models that think unless they are told not to. Others must not be told: web-llm would put an empty thought in front of
 * any model's answer.
 */
export function canTurnThinkingOff(model: string): boolean {
  return /^qwen3(?:\.\d+)?-/i.test(model);
}

/**
 * An answer out of web-llm's pieces.
 *
 * @throws {Failure} 'endpointFailed' if it ends without an answer
 * @throws {DOMException} 'AbortError' once the signal has fired; the piece under way is waited for
 */
export async function readWebLlmAnswer(
  chunks: AsyncIterable<AnswerChunk>,
  request: ChatRequest,
  onDelta: (delta: ChatDelta) => void,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const answer = new AnswerBuilder({ stop: request.stop ?? [], onDelta });
  let finishReason: string | null = null;
  let numTokens: number | null = null;
  for await (const { choices, usage } of chunks) {
    signal.throwIfAborted();
    numTokens = usage?.completion_tokens ?? numTokens;
    for (const { finish_reason: reason, delta, logprobs } of choices) {
      finishReason = reason ?? finishReason;
      answer.push(delta.content ?? '', (logprobs?.content ?? []).map(rawToken));
    }
  }
  signal.throwIfAborted();
  if (finishReason === null) throw new Failure<FailureCode>('endpointFailed', 'web-llm gave no answer.');
  return answer.finish({ stopReason: stopReasonOf(finishReason, numTokens, request), numTokens });
}

/** web-llm calls a full context a length as well. */
function stopReasonOf(
  finishReason: string,
  numTokens: number | null,
  { maxTokens = DEFAULT_MAX_TOKENS }: ChatRequest,
): ChatAnswer['stopReason'] {
  if (finishReason !== 'length') return 'stop';
  return numTokens !== null && numTokens < maxTokens ? 'contextFull' : 'length';
}

type AnswerChunk = Pick<ChatCompletionChunk, 'choices' | 'usage'>;

function rawToken({ token, logprob, top_logprobs: top }: ChatCompletionTokenLogprob): RawToken {
  return {
    text: token,
    logProb: logprob,
    // What was not among the likeliest has probability 0 or none.
    top: top.flatMap(({ token: text, logprob: logProb }) => (Number.isFinite(logProb) ? [{ text, logProb }] : [])),
  };
}

/** web-llm's errors are of many kinds, some of them bare texts. */
export function toWebLlmFailure(error: unknown, model: string): Failure<FailureCode> {
  if (error instanceof Failure && error.code === 'endpointFailed') return new Failure('endpointFailed', error.message);
  const text = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).trim().slice(0, 300);
  const advice = CAUSES.find(([pattern]) => pattern.test(text))?.[1];
  const said = `web-llm said: ${text === '' ? 'nothing' : text}`;
  return new Failure<FailureCode>(
    'endpointFailed',
    `${model}: ${advice ?? 'It did not answer. Try again, or choose another model.'} ${said}`,
  );
}
