/** What one mode of a comparison did when, from its tokens, as the lanes draw it. */
import type { ComparisonRun, OtherRun, TimedPiece, TimedToken } from '@/protocol/comparison.ts';
import type { StreamName } from '@/protocol/reasoning.ts';

/** A span of time since Enter. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LaneTrack {
  /** Spans in which each stream ran, in order and apart from each other. */
  readonly spans: Readonly<Record<StreamName, readonly TimeSpan[]>>;
  readonly text: Readonly<Record<StreamName, string>>;
  readonly numTokens: Readonly<Record<StreamName, number>>;
  readonly numSteps: number;
  readonly firstTokenMs: number | null;
  readonly firstSentenceMs: number | null;
  /** The newest step: its number, when it began and when it ended. */
  readonly step: number;
  readonly stepBeganMs: number;
  readonly lastMs: number;
  /** 0 until two steps tell how long one takes. */
  readonly shortestStepMs: number;
}

export const EMPTY_TRACK: LaneTrack = {
  spans: { thinker: [], writer: [] },
  text: { thinker: '', writer: '' },
  numTokens: { thinker: 0, writer: 0 },
  numSteps: 0,
  firstTokenMs: null,
  firstSentenceMs: null,
  step: -1,
  stepBeganMs: 0,
  lastMs: 0,
  shortestStepMs: 0,
};

/** While the question is typed, the thinker may have read all there is: so long a pause counts as rest, not as a step. */
const REST_MS = 1000;
const REST_STEPS = 5;

const SENTENCE_END = /\S[.!?]["')\]*]*\s|\S\n\n/;

export function withToken(track: LaneTrack, token: TimedToken): LaneTrack {
  const stepped = token.step === track.step ? track : withStep(track, token);
  const { stream, text, elapsedMs } = token;
  const written = stepped.text[stream] + text;
  const isAnswer = stream === 'writer';
  return {
    ...stepped,
    spans: { ...stepped.spans, [stream]: extended(stepped.spans[stream], stepped, elapsedMs) },
    text: { ...stepped.text, [stream]: written },
    numTokens: { ...stepped.numTokens, [stream]: stepped.numTokens[stream] + 1 },
    firstTokenMs: stepped.firstTokenMs ?? (isAnswer ? elapsedMs : null),
    firstSentenceMs: stepped.firstSentenceMs ?? (isAnswer && SENTENCE_END.test(written) ? elapsedMs : null),
    lastMs: elapsedMs,
  };
}

/** A step lasts from the end of the one before. */
function withStep(track: LaneTrack, { step, elapsedMs }: TimedToken): LaneTrack {
  const next = { ...track, step, numSteps: track.numSteps + 1 };
  const pauseMs = elapsedMs - track.lastMs;
  const hasRested = track.lastMs < 0 && pauseMs > Math.max(REST_MS, REST_STEPS * track.shortestStepMs);
  if (track.numSteps === 0 || hasRested) return { ...next, stepBeganMs: elapsedMs };
  const shortestStepMs = track.shortestStepMs === 0 ? pauseMs : Math.min(track.shortestStepMs, pauseMs);
  return { ...next, stepBeganMs: track.lastMs, shortestStepMs };
}

/**
 * A stream that ran in the step before goes on. One that begins may have been waited for within its step, while a prompt
 * or a probe was read, so that its span begins one short step in front of its token.
 */
function extended(spans: readonly TimeSpan[], step: LaneTrack, toMs: number): readonly TimeSpan[] {
  const last = spans.at(-1);
  if (last !== undefined && last.toMs >= step.stepBeganMs) {
    return [...spans.slice(0, -1), { fromMs: last.fromMs, toMs }];
  }
  return [...spans, { fromMs: Math.max(step.stepBeganMs, toMs - step.shortestStepMs), toMs }];
}

/** Each piece of another model counts as a step of its own; the number of them says nothing. */
export function withPiece(track: LaneTrack, piece: TimedPiece): LaneTrack {
  return withToken(track, { ...piece, step: track.step + 1 });
}

/** The track of a way that has ended, with the run's own figures for its marks. */
export function trackOf(run: ComparisonRun | OtherRun): LaneTrack {
  const track = 'model' in run ? run.pieces.reduce(withPiece, EMPTY_TRACK) : run.tokens.reduce(withToken, EMPTY_TRACK);
  return {
    ...track,
    text: run.text,
    firstTokenMs: run.metrics.timeToFirstTokenMs,
    firstSentenceMs: run.metrics.timeToFirstSentenceMs,
  };
}

/** Spans since Enter in which nothing was written, up to the newest token. */
export function waitingSpans(track: LaneTrack): readonly TimeSpan[] {
  const waiting: TimeSpan[] = [];
  let free = 0;
  for (const { fromMs, toMs } of track.spans.writer) {
    if (fromMs > free) waiting.push({ fromMs: free, toMs: fromMs });
    free = Math.max(free, toMs);
  }
  if (track.lastMs > free) waiting.push({ fromMs: free, toMs: track.lastMs });
  return waiting;
}
