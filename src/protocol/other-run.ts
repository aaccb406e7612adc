/** What another model's answer was, on a clock of its own, as a run that stands beside those of the engine. */
import type { ChatAnswer, ChatDelta } from './chat.ts';
import type { KnownMetrics, OtherModel, OtherRun, TimedPiece, TimedToken } from './comparison.ts';
import { delayMetrics } from './delays.ts';
import type { FailureMessage } from './failures.ts';
import type { ReasoningStopReason, StreamName } from './reasoning.ts';

/** How it ended: with an answer, or why there is none. */
export type OtherOutcome = ChatAnswer | { readonly failure: FailureMessage };

const STOPS = { stop: 'writer_eos', length: 'budget', contextFull: 'context_full' } as const;

/** A delta's pieces; thoughts come in front of what is written. */
export function piecesOf({ thinking, text }: ChatDelta, elapsedMs: number): TimedPiece[] {
  const pieces: TimedPiece[] = [
    { stream: 'thinker', text: thinking, elapsedMs },
    { stream: 'writer', text, elapsedMs },
  ];
  return pieces.filter((piece) => piece.text !== '');
}

interface Clock {
  /** From the question to the end. */
  readonly totalMs: number;
  /** Characters per second with which delays are reckoned. */
  readonly speakingRate: number;
}

/** @param seen  in the order of time, since it was asked */
export function otherRunOf(
  model: OtherModel,
  seen: readonly TimedPiece[],
  outcome: OtherOutcome,
  clock: Clock,
): OtherRun {
  return 'failure' in outcome
    ? brokenRun(model, seen, outcome.failure, clock)
    : answeredRun(model, withThoughtsApart(seen, outcome), outcome, clock);
}

function answeredRun(model: OtherModel, pieces: readonly TimedPiece[], answer: ChatAnswer, clock: Clock): OtherRun {
  const stop = STOPS[answer.stopReason];
  const { numTokens } = answer.timing;
  const isCounted = answer.thinking === null && numTokens !== null;
  return {
    model,
    stop,
    failure: null,
    text: { thinker: answer.thinking ?? '', writer: answer.text },
    pieces,
    metrics: {
      ...delaysOf(pieces, stop, clock),
      thinkerTokens: isCounted ? 0 : null,
      writerTokens: isCounted ? numTokens : null,
    },
    numTokens,
  };
}

/** What was broken off has neither an end nor a sum. */
function brokenRun(model: OtherModel, pieces: readonly TimedPiece[], failure: FailureMessage, clock: Clock): OtherRun {
  return {
    model,
    stop: 'failed',
    failure,
    text: { thinker: textOf(pieces, 'thinker'), writer: textOf(pieces, 'writer') },
    pieces,
    metrics: {
      ...delaysOf(pieces, 'stopped', clock),
      totalMs: null,
      totalDelaySeconds: null,
      adjustedDelaySeconds: null,
      thinkerTokens: null,
      writerTokens: null,
    },
    numTokens: null,
  };
}

function delaysOf(
  pieces: readonly TimedPiece[],
  stop: ReasoningStopReason,
  { totalMs, speakingRate }: Clock,
): KnownMetrics {
  const metrics = delayMetrics({ tokens: wordsOf(pieces), stop, totalMs }, { speakingRate });
  return { ...metrics, steps: null, stepsToFirstToken: null, stepsDelay: null };
}

/** A thought that nobody had marked was taken for the answer while it came: all in front of the answer is thought. */
function withThoughtsApart(pieces: readonly TimedPiece[], { text, thinking }: ChatAnswer): readonly TimedPiece[] {
  const written = textOf(pieces, 'writer');
  if (thinking === null || written === text || !written.endsWith(text)) return pieces;
  let left = written.length - text.length;
  return pieces.flatMap((piece): TimedPiece[] => {
    if (piece.stream === 'thinker' || left === 0) return [piece];
    const numThought = Math.min(left, piece.text.length);
    left -= numThought;
    return piecesOf(
      { thinking: piece.text.slice(0, numThought), text: piece.text.slice(numThought), tokens: [] },
      piece.elapsedMs,
    );
  });
}

function textOf(pieces: readonly TimedPiece[], stream: StreamName): string {
  return pieces
    .filter((piece) => piece.stream === stream)
    .map((piece) => piece.text)
    .join('');
}

/**
 * A piece that is a token stays whole; of a longer one, each word counts as a token, so that speech is cut into chunks
 * about as long as the engine's.
 */
function wordsOf(pieces: readonly TimedPiece[]): TimedToken[] {
  return pieces.flatMap(({ stream, text, elapsedMs }, step) =>
    (text.match(/\s*\S+|\s+$/g) ?? []).map((word) => ({ stream, text: word, elapsedMs, step })),
  );
}
