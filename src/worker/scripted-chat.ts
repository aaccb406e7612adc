/**
 * Answers of the scripted engine, word by word, with made-up probabilities. `&state=`:
 *
 *   (none)       a few sentences in a second         chat-slow     a word every quarter of a second
 *   chat-long    thousands of words                  chat-thinks   with thoughts, and a template with the switch
 *   chat-fails   broken off after some words         chat-refused  no answer at all, the first time
 *   chat-length  ends at the limit                   chat-full     the context is full
 */
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import { createRng } from '@/lib/rng.ts';
import type { ChatAnswer, ChatDelta, ChatModelConfig, ChatRequest, ChatToken } from '@/protocol/chat.ts';
import type { Run } from '@/protocol/engine-api.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatMessage } from '@/protocol/generation.ts';

const ANSWERS = [
  'The capital of France is Paris. It lies on the Seine, in the north of the country, and has about two million inhabitants.\n\nIn code:\n\n```python\ncapitals = {"France": "Paris"}\n```\n\nAsk about another country if you like.',
  'Paris. The city has been the capital for most of the time since the tenth century.',
  'It is Paris, on the river Seine.',
];

const CONTINUATION = ' That was the rest of it.';

const THOUGHTS =
  'The user asks for the capital of France. That is Paris.\n\nI should answer in one or two sentences and add a fact.';

const OTHERS = [' the', ' a', ' its', ' one', ' no', ' Lyon', '.', ',', '\n'];

const LONG_REPEATS = 70;
const FIRST_WORD_MS = 60;

interface ChatScript {
  readonly wordMs: number;
  /** Words between two rests. */
  readonly burst: number;
  readonly hasThoughts: boolean;
  /** Words before it is broken off. */
  readonly numWords: number;
  readonly isRefused: boolean;
  readonly stopReason: ChatAnswer['stopReason'];
}

const PLAIN_CHAT: ChatScript = {
  wordMs: 12,
  burst: 1,
  hasThoughts: false,
  numWords: Infinity,
  isRefused: false,
  stopReason: 'stop',
};

const CHATS: Readonly<Record<string, Partial<ChatScript>>> = {
  'chat-slow': { wordMs: 250 },
  'chat-long': { burst: 16 },
  'chat-thinks': { hasThoughts: true },
  'chat-fails': { numWords: 9 },
  'chat-refused': { isRefused: true },
  'chat-length': { stopReason: 'length' },
  'chat-full': { stopReason: 'contextFull' },
};

let numAsked = 0;

export function scriptedChat(
  state: string,
  config: ChatModelConfig,
  request: ChatRequest,
  onDelta: (delta: ChatDelta) => void,
): Promise<Run<ChatAnswer>> {
  const script = { ...PLAIN_CHAT, ...CHATS[state] };
  return Promise.resolve(
    serveRun<ChatAnswer, ChatDelta>(async (signal, emit) => {
      const begun = performance.now();
      const words = wordsOf(state, script, request);
      await rest(FIRST_WORD_MS, signal);
      if (script.isRefused && numAsked++ === 0)
        throw new Failure<FailureCode>('endpointFailed', 'The server answered 503: it is loading its model.');
      const firstMs = performance.now() - begun;
      await play(script, words, request, signal, emit);
      const { text, thinking } = deltaOf(words, request);
      return {
        text,
        thinking: thinking === '' ? null : thinking,
        tokens: request.topLogProbs === undefined ? null : words,
        stopReason: script.stopReason,
        timing: {
          timeToFirstTokenMs: firstMs,
          totalMs: performance.now() - begun,
          numTokens: config.kind === 'endpoint' ? null : words.length,
        },
      };
    }, onDelta),
  );
}

async function play(
  { burst, wordMs, numWords }: ChatScript,
  words: readonly ChatToken[],
  request: ChatRequest,
  signal: AbortSignal,
  emit: (delta: ChatDelta) => void,
): Promise<void> {
  for (let made = 0; made < words.length; made += burst) {
    await rest(wordMs, signal);
    if (made >= numWords) throw new Failure<FailureCode>('outOfMemory', 'The GPU has no room for another block.');
    emit(deltaOf(words.slice(made, made + burst), request));
  }
}

function wordsOf(state: string, { hasThoughts }: ChatScript, request: ChatRequest): ChatToken[] {
  const thoughts = hasThoughts && request.enableThinking !== false ? tokensOf(THOUGHTS, request, true) : [];
  return [...thoughts, ...tokensOf(textOf(state, request), request, false)];
}

/** Another one for another seed; beyond the third they repeat. */
function textOf(script: string, { seed = 0, adapter, continueAnswer }: ChatRequest): string {
  if (continueAnswer === true) return CONTINUATION;
  const text = ANSWERS[seed % ANSWERS.length] ?? '';
  if (script === 'chat-long') return Array.from({ length: LONG_REPEATS }, () => text).join('\n\n');
  return adapter === 'off' ? `${text} (Without the adapter.)` : text;
}

function tokensOf(text: string, { seed = 0, topLogProbs = 0 }: ChatRequest, isThinking: boolean): ChatToken[] {
  const rng = createRng(seed + 1);
  return (text.match(/\s*\S+|\s+$/g) ?? []).map((word): ChatToken => {
    const probability = Math.max(0.004, 1 - rng.uniform() ** 3);
    const top = [{ text: word, logProb: Math.log(probability) }];
    let left = 1 - probability;
    for (const other of OTHERS.slice(0, Math.max(0, topLogProbs - 1))) {
      top.push({ text: other, logProb: Math.log(Math.max(1e-6, left * 0.5)) });
      left *= 0.5;
    }
    top.sort((a, b) => b.logProb - a.logProb);
    return { text: word, logProb: Math.log(probability), top, isThinking };
  });
}

function deltaOf(words: readonly ChatToken[], { topLogProbs }: ChatRequest): ChatDelta {
  const textIn = (isThinking: boolean): string =>
    words
      .filter((word) => word.isThinking === isThinking)
      .map(({ text }) => text)
      .join('');
  return { text: textIn(false), thinking: textIn(true), tokens: topLogProbs === undefined ? [] : words };
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds);
  if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The operation was cancelled.');
}

/** Four tokens around a message and one a word. */
export function scriptedChatTemplate(messages: readonly ChatMessage[]): Promise<{ text: string; tokenIds: number[] }> {
  const text = messages.map(({ role, content }) => `<${role}>${content}`).join('');
  const numTokens = messages.reduce((sum, { content }) => sum + 4 + content.split(/\s+/).length, 0);
  return Promise.resolve({ text, tokenIds: Array.from({ length: numTokens }, () => 0) });
}
