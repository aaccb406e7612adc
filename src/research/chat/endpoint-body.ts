/** A request as OpenAI's chat completions have it, and what of it a server may not know. */
import { withoutThoughts } from '@/protocol/chat-messages.ts';
import { type ChatRequest, DEFAULT_MAX_TOKENS } from '@/protocol/chat.ts';

/** Fields beyond the common ground: how a server's refusal names each, and what its loss means to who asked. */
const EXTRAS = {
  logProbs: [/logprob/i, 'The server gives no probabilities.'],
  responseSchema: [
    /response_format|json_schema|structured|guided|grammar/i,
    'The server does not hold answers to a schema.',
  ],
  thinkingSwitch: [/chat_template_kwargs|enable_thinking/i, 'The server has no switch for thinking.'],
  usage: [/stream_options|include_usage/i, ''],
  /** Newer models of OpenAI want another name. */
  maxTokens: [/max_completion_tokens/i, ''],
} as const satisfies Record<string, readonly [RegExp, string]>;

export type EndpointExtra = keyof typeof EXTRAS;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the record
const NAMES = Object.keys(EXTRAS) as EndpointExtra[];

/** The extras that a request needs and the server has not refused yet. */
export function extrasOf(
  { topLogProbs = 0, responseSchema, enableThinking }: ChatRequest,
  isStreamed: boolean,
  refused: ReadonlySet<EndpointExtra>,
): EndpointExtra[] {
  const wanted: Readonly<Record<EndpointExtra, boolean>> = {
    logProbs: topLogProbs > 0,
    responseSchema: responseSchema !== undefined,
    thinkingSwitch: enableThinking !== undefined,
    usage: isStreamed,
    maxTokens: true,
  };
  return NAMES.filter((name) => wanted[name] && !refused.has(name));
}

/** Which of the extras a refusal means: those that it names, else all but the common name of the limit. */
export function refusedBy(text: string, used: readonly EndpointExtra[]): EndpointExtra[] {
  const named = used.filter((name) => EXTRAS[name][0].test(text));
  return named.length > 0 ? named : used.filter((name) => name !== 'maxTokens');
}

/** What who asked has to know. */
export function notesOn(request: ChatRequest, refused: ReadonlySet<EndpointExtra>): string[] {
  return extrasOf(request, false, new Set())
    .filter((name) => refused.has(name))
    .map((name) => EXTRAS[name][1])
    .filter((note) => note !== '');
}

export function endpointBody(
  model: string,
  request: ChatRequest,
  isStreamed: boolean,
  extras: readonly EndpointExtra[],
): Readonly<Record<string, unknown>> {
  const limit = extras.includes('maxTokens') ? 'max_tokens' : 'max_completion_tokens';
  return {
    model,
    messages: request.messages.map(withoutThoughts),
    [limit]: request.maxTokens ?? DEFAULT_MAX_TOKENS,
    ...samplingOf(request),
    stream: isStreamed,
    ...Object.assign({}, ...extras.map((extra) => FIELDS[extra](request))),
  };
}

function samplingOf({ temperature = 0, topP, topK = 0, minP = 0, seed, stop = [] }: ChatRequest): object {
  return {
    temperature,
    ...(topP !== undefined && { top_p: topP }),
    ...(topK > 0 && { top_k: topK }),
    ...(minP > 0 && { min_p: minP }),
    ...(seed !== undefined && { seed }),
    ...(stop.length > 0 && { stop }),
  };
}

const FIELDS: Readonly<Record<EndpointExtra, (request: ChatRequest) => object>> = {
  logProbs: ({ topLogProbs }) => ({ logprobs: true, top_logprobs: topLogProbs }),
  responseSchema: ({ responseSchema }) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: responseSchema, strict: true } },
  }),
  thinkingSwitch: ({ enableThinking }) => ({ chat_template_kwargs: { enable_thinking: enableThinking } }),
  usage: () => ({ stream_options: { include_usage: true } }),
  maxTokens: () => ({}),
};
