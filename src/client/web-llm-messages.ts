/** Between our chat messages and web-llm's, which follow OpenAI's. */
import type { ChatCompletion, ChatCompletionRequestNonStreaming } from '@mlc-ai/web-llm';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { AskPage, ChatReply } from '@/protocol/chat.ts';

/** web-llm refuses to give more. */
const MOST_TOP_LOG_PROBS = 5;
/** The least that web-llm takes: only the likeliest token is left. */
const ONLY_THE_LIKELIEST = 1e-5;

/** What came of web-llm's own error texts, and what to do about each. The first that fits counts. */
const CAUSES: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    /quota/i,
    'The browser has no room for its files. Free disk space, or choose a smaller model or an OpenAI-compatible server.',
  ],
  [
    /fetch|network|ERR_|tensor-cache|Cache\.add|status code/i,
    'Its files come from huggingface.co and raw.githubusercontent.com, which could not be reached. Connect to the internet for the first load; afterwards the browser keeps them. Without a connection, choose another judge.',
  ],
  [/shader-f16|FeatureSupport/i, 'This GPU has no shader-f16. Choose the f32 build of the model.'],
  [
    /device (was )?lost|DeviceLost|out of memory|OutOfMemory|createBuffer|buffer size/i,
    'The GPU did not have room for it beside the model that is loaded. Choose a smaller one, or an OpenAI-compatible server.',
  ],
  [/WebGPU/i, 'It needs WebGPU, which this browser does not offer. Choose an OpenAI-compatible server.'],
  [
    /context window|prompt tokens|ContextWindowSize/i,
    'The prompt is longer than the 4,096 tokens that it takes. Judge without the dialogue, or shorten the answer.',
  ],
  [/not find|ModelNotFound/i, 'web-llm does not know this model. Choose one of the list.'],
];

/**
 * A request that starts a conversation of its own.
 *
 * web-llm gives log-probabilities after the division by the temperature. Where they are wanted and the likeliest answer is
 * too, the temperature is 1 and everything but the likeliest token is cut off: the same token, and the model's own
 * probabilities.
 */
export function toWebLlmRequest(
  model: string,
  messages: readonly ChatMessage[],
  { maxTokens, temperature, topLogProbs }: Parameters<AskPage>[2],
): ChatCompletionRequestNonStreaming {
  const wantsLogProbs = topLogProbs > 0;
  const isLikeliestWanted = wantsLogProbs && temperature === 0;
  return {
    messages: messages.map(({ role, content }) => ({ role, content })),
    max_tokens: maxTokens,
    temperature: isLikeliestWanted ? 1 : temperature,
    // Said always: each model's own default is another one.
    top_p: isLikeliestWanted ? ONLY_THE_LIKELIEST : 1,
    repetition_penalty: 1,
    stream: false,
    ...(wantsLogProbs && { logprobs: true, top_logprobs: Math.min(topLogProbs, MOST_TOP_LOG_PROBS) }),
    ...(hasThoughts(model) && { extra_body: { enable_thinking: false } }),
  };
}

/** Models that think aloud unless they are told not to. */
function hasThoughts(model: string): boolean {
  return /^qwen3-/i.test(model);
}

/** @throws {Failure} 'endpointFailed' if there is no text in it */
export function toChatReply({ choices }: Pick<ChatCompletion, 'choices'>): ChatReply {
  const [choice] = choices;
  const content = choice?.message.content;
  if (choice === undefined || typeof content !== 'string')
    throw new Failure<FailureCode>('endpointFailed', 'web-llm gave no answer.');
  const tokens = choice.logprobs?.content?.map(({ token, top_logprobs: top }) => ({
    token,
    // What was not among the likeliest has probability 0 or none.
    top: top.flatMap(({ token: other, logprob: logProb }) =>
      Number.isFinite(logProb) ? [{ token: other, logProb }] : [],
    ),
  }));
  // The empty thoughts that thinking was turned off with.
  const text = content.replace(/^\s*<think>\s*<\/think>\s*/, '');
  return { text, ...(tokens !== undefined && { tokens }) };
}

/** web-llm's errors are of many kinds, some of them bare texts. */
export function toWebLlmFailure(error: unknown, model: string): Failure<FailureCode> {
  if (error instanceof Failure && error.code === 'endpointFailed') return new Failure('endpointFailed', error.message);
  const text = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).trim().slice(0, 300);
  const advice = CAUSES.find(([pattern]) => pattern.test(text))?.[1];
  const said = `web-llm said: ${text === '' ? 'nothing' : text}`;
  return new Failure<FailureCode>(
    'endpointFailed',
    advice === undefined ? `${model} did not answer. ${said}` : `${model}: ${advice} ${said}`,
  );
}
