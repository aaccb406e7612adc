/**
 * What waiting for an answer cost: when it could be read, and when it could be heard.
 *
 * The answer is spoken in chunks. Chunk i is ready at r_i, the time of its last token plus that of its synthesis; chunks
 * are synthesised in parallel, and `end_-1` is Enter.
 *
 *   start_i = max(end_{i-1}, r_i)     delay_i = start_i - end_{i-1}     end_i = start_i + speech_i
 *
 * Total delay is the sum of all delay_i, adjusted delay the sum of max(delay_i - 1 s, 0). The paper cuts chunks at five
 * tokens or one LaTeX expression and measures the speech; here a chunk is always five tokens, and speech takes
 * characters / speakingRate.
 */
import { at } from '@/lib/assert.ts';
import type { DelayMetrics, TimedToken } from './comparison.ts';
import type { ReasoningStopReason } from './reasoning.ts';

/** Tokens of one spoken chunk (paper). */
export const CHUNK_TOKENS = 5;
/** A silence that listeners do not notice: the paper's adjusted delay leaves out so much of each. */
const UNNOTICED_SECONDS = 1;

export interface SpeechModel {
  /** Characters per second, above 0. */
  readonly speakingRate: number;
  /** Default `CHUNK_TOKENS`. */
  readonly chunkTokens?: number;
  /** Time that the synthesis of a chunk takes, seconds. Default 0. */
  readonly synthesisSeconds?: (text: string) => number;
}

/** A chunk on the clock that begins with Enter, seconds. */
export interface SpokenChunk {
  readonly text: string;
  readonly ready: number;
  readonly start: number;
  /** Silence in front of it. */
  readonly delay: number;
  readonly end: number;
}

/** What is known of a run when it has ended. */
export interface TimedRun {
  /** In the order of time; those of a stream that was cut back are left out. */
  readonly tokens: readonly TimedToken[];
  readonly stop: ReasoningStopReason;
  /** From Enter to the end of the run. */
  readonly totalMs: number;
}

/**
 * Delays of one run, counted from Enter. A token that was there before Enter was not waited for: its time is 0, and its
 * step does not count. The end token is no part of the answer.
 */
export function delayMetrics(run: TimedRun, speech: SpeechModel): DelayMetrics {
  const answer = answerTokens(run.tokens);
  const chunks = spokenChunks(answer, speech);
  const delays = chunks.map(({ delay }) => delay);
  const sentence = firstSentenceToken(answer, run.stop === 'writer_eos');
  return {
    timeToFirstTokenMs: waitedMs(answer[0]),
    timeToFirstSentenceMs: waitedMs(sentence),
    timeToFirstSpeechMs: chunks[0] === undefined ? null : chunks[0].delay * 1000,
    totalMs: run.totalMs,
    ...stepCounts(run.tokens, answer),
    totalDelaySeconds: sum(delays),
    adjustedDelaySeconds: sum(delays.map((delay) => Math.max(delay - UNNOTICED_SECONDS, 0))),
    thinkerTokens: run.tokens.filter(({ stream }) => stream === 'thinker').length,
    writerTokens: answer.length,
  };
}

/** The answer cut into spoken chunks, with their times. @param answer  writer tokens only, in the order of time */
export function spokenChunks(answer: readonly TimedToken[], speech: SpeechModel): SpokenChunk[] {
  const { chunkTokens = CHUNK_TOKENS, synthesisSeconds = () => 0, speakingRate } = speech;
  const chunks: SpokenChunk[] = [];
  let end = 0;
  for (let first = 0; first < answer.length; first += chunkTokens) {
    const tokens = answer.slice(first, first + chunkTokens);
    const text = tokens.map((token) => token.text).join('');
    const ready = at(tokens, tokens.length - 1).elapsedMs / 1000 + synthesisSeconds(text);
    const start = Math.max(end, ready);
    const delay = start - end;
    end = start + Array.from(text).length / speakingRate;
    chunks.push({ text, ready, start, delay, end });
  }
  return chunks;
}

/** Writer tokens without the end token and characters that never became complete: both have no text. */
function answerTokens(tokens: readonly TimedToken[]): readonly TimedToken[] {
  const written = tokens.filter(({ stream }) => stream === 'writer');
  return written.slice(0, written.findLastIndex(({ text }) => text !== '') + 1);
}

/** In every step some stream adds a token, so the tokens tell which steps there were. */
function stepCounts(
  tokens: readonly TimedToken[],
  answer: readonly TimedToken[],
): Pick<DelayMetrics, 'steps' | 'stepsToFirstToken' | 'stepsDelay'> {
  const isWaitedFor = ({ elapsedMs }: TimedToken): boolean => elapsedMs >= 0;
  const begun = tokens.find(isWaitedFor)?.step;
  const upTo = (token: TimedToken | undefined): number =>
    token === undefined || begun === undefined ? 0 : Math.max(token.step - begun + 1, 0);
  const last = answer.at(-1);
  return {
    steps: upTo(tokens.at(-1)),
    stepsToFirstToken: answer[0] === undefined ? null : upTo(answer[0]),
    stepsDelay: last === undefined ? null : upTo(last) - answer.filter(isWaitedFor).length,
  };
}

function waitedMs(token: TimedToken | undefined): number | null {
  return token === undefined ? null : Math.max(token.elapsedMs, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The token that completes the first sentence; undefined if none is complete. */
function firstSentenceToken(answer: readonly TimedToken[], isComplete: boolean): TimedToken | undefined {
  const end = firstSentenceEnd(answer.map(({ text }) => text).join(''), isComplete);
  if (end === undefined) return undefined;
  let length = 0;
  return answer.find(({ text }) => (length += text.length) >= end);
}

const HAS_WORD = /[\p{L}\p{N}]/u;
/** An ending: full stops and the like with what closes around them, in front of space or end; or a line's end. */
const ENDING = /[.!?…]+["'”’»)\]*_`]*(?=\s|$)|[。！？]["'”’»」』）]*|\n/gu;
/** "J." and "e.g.", but not the x of "for x." and not "I.". */
const ONE_LETTER = /(^|[^\p{L}\p{N}])(?!I)\p{Lu}$|\.\p{L}$/u;
const LIST_MARKER = /(^|\n)\s*\d+$/u;

/**
 * Where the first sentence ends, in UTF-16 units, its full stop or line break included.
 *
 * @param isComplete  the text has been brought to its end, so what has no full stop is a sentence too
 * @returns undefined if no sentence is complete
 */
export function firstSentenceEnd(text: string, isComplete: boolean): number | undefined {
  for (const ending of text.matchAll(ENDING)) {
    const before = text.slice(0, ending.index);
    if (!HAS_WORD.test(before)) continue;
    if (ending[0].startsWith('.') && (ONE_LETTER.test(before) || LIST_MARKER.test(before))) continue;
    return ending.index + ending[0].length;
  }
  return isComplete && HAS_WORD.test(text) ? text.trimEnd().length : undefined;
}
