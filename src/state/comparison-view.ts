/** What the page shows of a comparison: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type { Comparison, ComparisonEvent, ComparisonMode, ComparisonRun } from '@/protocol/comparison.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import { EMPTY_TRACK, trackOf, withToken, type LaneTrack } from './comparison-track.ts';

export interface ComparisonLane {
  readonly mode: ComparisonMode;
  /** 'unfinished': the comparison ended before this mode did. */
  readonly status: 'waiting' | 'running' | 'done' | 'unfinished';
  readonly track: LaneTrack;
  /** Null until the mode has ended. */
  readonly run: ComparisonRun | null;
}

/** What was asked for. */
export interface ComparisonRequest {
  readonly question: string;
  readonly typingRate: number;
  readonly modes: readonly ComparisonMode[];
}

export interface ComparisonView {
  readonly phase: 'empty' | 'running' | 'complete' | 'incomplete';
  readonly question: string;
  readonly typingRate: number;
  readonly lanes: readonly ComparisonLane[];
  /** Of all modes together, 0 to 1. */
  readonly share: number;
  readonly secondsLeft: number | null;
  readonly failure: FailureMessage | null;
  /** The last one that ran to its end; it outlives later ones that did not. */
  readonly last: Comparison | null;
}

export const EMPTY_COMPARISON_VIEW: ComparisonView = {
  phase: 'empty',
  question: '',
  typingRate: 0,
  lanes: [],
  share: 0,
  secondsLeft: null,
  failure: null,
  last: null,
};

export function startedView(view: ComparisonView, { question, typingRate, modes }: ComparisonRequest): ComparisonView {
  const lanes = modes.map((mode): ComparisonLane => ({ mode, status: 'waiting', track: EMPTY_TRACK, run: null }));
  return { ...EMPTY_COMPARISON_VIEW, phase: 'running', question, typingRate, lanes, last: view.last };
}

export function applyComparisonEvent(view: ComparisonView, event: ComparisonEvent): ComparisonView {
  switch (event.kind) {
    case 'modeStarted':
      return withLane(view, event.mode, (lane) => ({ ...lane, status: 'running' }));
    case 'progressed':
      return {
        ...withLane(view, event.mode, (lane) => ({ ...lane, track: withToken(lane.track, event.token) })),
        share: event.share,
        secondsLeft: event.secondsLeft,
      };
    case 'modeEnded':
      return withLane(view, event.run.mode, () => laneOf(event.run));
    default:
      return assertNever(event);
  }
}

function withLane(
  view: ComparisonView,
  mode: ComparisonMode,
  change: (lane: ComparisonLane) => ComparisonLane,
): ComparisonView {
  return { ...view, lanes: view.lanes.map((lane) => (lane.mode === mode ? change(lane) : lane)) };
}

function laneOf(run: ComparisonRun): ComparisonLane {
  return { mode: run.mode, status: 'done', track: trackOf(run), run };
}

export function completeView(comparison: Comparison): ComparisonView {
  return {
    ...EMPTY_COMPARISON_VIEW,
    phase: 'complete',
    question: comparison.question,
    typingRate: comparison.typingRate,
    lanes: comparison.runs.map(laneOf),
    share: 1,
    last: comparison,
  };
}

/** Cancelled or failed: modes that had ended stay, of the others nothing does. */
export function incompleteView(view: ComparisonView, failure: FailureMessage | null): ComparisonView {
  return {
    ...view,
    phase: 'incomplete',
    secondsLeft: null,
    failure,
    lanes: view.lanes.map((lane) =>
      lane.status === 'done' ? lane : { ...lane, status: 'unfinished', track: EMPTY_TRACK },
    ),
  };
}
