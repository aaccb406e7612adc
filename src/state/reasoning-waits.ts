/** What the user waited, and what think-then-answer would have cost. */
import { isRunActive, type ReasoningView } from './reasoning-view.ts';

export type Wait =
  | { readonly kind: 'notSent' }
  /** The answer began while the question was still being typed. */
  | { readonly kind: 'none' }
  | { readonly kind: 'running' | 'over'; readonly elapsedMs: number }
  /** The run ended without an answer. */
  | { readonly kind: 'unanswered' };

/** From Enter to the first answer token on the screen. */
export function waitOf(
  view: Pick<ReasoningView, 'phase' | 'sentMs' | 'firstAnswerMs' | 'startedAtMs'>,
  nowMs: number,
): Wait {
  const { sentMs, firstAnswerMs } = view;
  if (sentMs === null) return { kind: firstAnswerMs === null ? 'notSent' : 'none' };
  if (firstAnswerMs !== null) {
    return firstAnswerMs <= sentMs ? { kind: 'none' } : { kind: 'over', elapsedMs: firstAnswerMs - sentMs };
  }
  if (!isRunActive(view)) return { kind: 'unanswered' };
  return { kind: 'running', elapsedMs: Math.max(0, nowMs - view.startedAtMs - sentMs) };
}

export interface ThinkThenAnswer {
  readonly elapsedMs: number;
  /** Thoughts go on, or were cut off by the end of the answer. */
  readonly isAtLeast: boolean;
  readonly msPerStep: number;
  readonly thinkerTokens: number;
}

/**
 * Think-then-answer begins at Enter and writes nothing before the thoughts are complete, so it waits for all of this
 * turn's thoughts: their number times the measured mean of a step in which only the thinker ran, and the time of reading
 * the question where that was measured. Null before Enter and before one such step.
 */
export function thinkThenAnswerOf(
  view: Pick<ReasoningView, 'sentMs' | 'thinkerTokens' | 'thinkingClock' | 'readingMs' | 'state'>,
): ThinkThenAnswer | null {
  const { sentMs, thinkerTokens, thinkingClock, readingMs, state } = view;
  if (sentMs === null || thinkingClock.steps === 0 || thinkerTokens === 0) return null;
  const msPerStep = thinkingClock.totalMs / thinkingClock.steps;
  return {
    elapsedMs: thinkerTokens * msPerStep + readingMs,
    isAtLeast: state !== 'writerOnly',
    msPerStep,
    thinkerTokens,
  };
}
