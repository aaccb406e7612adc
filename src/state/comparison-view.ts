/** What the page shows of a comparison: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type {
  Comparison,
  ComparisonEvent,
  ComparisonMode,
  ComparisonRun,
  OtherModel,
  OtherModelConfig,
  OtherModelEvent,
  OtherModelKind,
  OtherRun,
} from '@/protocol/comparison.ts';
import { otherModelOf } from '@/protocol/comparison-schema.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import { EMPTY_TRACK, trackOf, withPiece, withToken, type LaneTrack } from './comparison-track.ts';

/** One of the loaded model's own, or another model. */
export type ComparisonWay = ComparisonMode | OtherModel;

export interface ComparisonLane {
  readonly way: ComparisonWay;
  /** 'unfinished': the comparison ended before this way did. */
  readonly status: 'waiting' | 'running' | 'done' | 'unfinished';
  readonly track: LaneTrack;
  /** Null until the way has ended. */
  readonly run: ComparisonRun | OtherRun | null;
}

/** What was asked for. */
export interface ComparisonRequest {
  readonly question: string;
  readonly typingRate: number;
  readonly modes: readonly ComparisonMode[];
  /** With their key: nothing of the view keeps them. */
  readonly others: readonly OtherModelConfig[];
}

export interface ComparisonView {
  readonly phase: 'empty' | 'running' | 'complete' | 'incomplete';
  readonly question: string;
  readonly typingRate: number;
  readonly lanes: readonly ComparisonLane[];
  /** Of all ways together, 0 to 1. */
  readonly share: number;
  /** Of the loaded model's own ways. */
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

/** Tells ways apart; a comparison has at most one other model of a kind. */
export function idOfWay(way: ComparisonWay): ComparisonMode | OtherModelKind {
  return typeof way === 'string' ? way : way.kind;
}

export function startedView(view: ComparisonView, request: ComparisonRequest): ComparisonView {
  const { question, typingRate, modes, others } = request;
  const ways: readonly ComparisonWay[] = [...modes, ...others.map(otherModelOf)];
  const lanes = ways.map((way): ComparisonLane => ({ way, status: 'waiting', track: EMPTY_TRACK, run: null }));
  return { ...EMPTY_COMPARISON_VIEW, phase: 'running', question, typingRate, lanes, last: view.last };
}

export function applyComparisonEvent(view: ComparisonView, event: ComparisonEvent | OtherModelEvent): ComparisonView {
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
    case 'otherStarted':
      return { ...withLane(view, event.model.kind, (lane) => ({ ...lane, status: 'running' })), secondsLeft: null };
    case 'otherProgressed':
      return {
        ...withLane(view, event.other, (lane) => ({ ...lane, track: withPiece(lane.track, event.piece) })),
        share: event.share,
      };
    case 'otherEnded':
      return withLane(view, event.run.model.kind, () => laneOf(event.run));
    default:
      return assertNever(event);
  }
}

function withLane(
  view: ComparisonView,
  id: ComparisonMode | OtherModelKind,
  change: (lane: ComparisonLane) => ComparisonLane,
): ComparisonView {
  return { ...view, lanes: view.lanes.map((lane) => (idOfWay(lane.way) === id ? change(lane) : lane)) };
}

function laneOf(run: ComparisonRun | OtherRun): ComparisonLane {
  return { way: 'model' in run ? run.model : run.mode, status: 'done', track: trackOf(run), run };
}

export function completeView(comparison: Comparison): ComparisonView {
  return {
    ...EMPTY_COMPARISON_VIEW,
    phase: 'complete',
    question: comparison.question,
    typingRate: comparison.typingRate,
    lanes: [...comparison.runs, ...(comparison.others ?? [])].map(laneOf),
    share: 1,
    last: comparison,
  };
}

/** Cancelled or failed: ways that had ended stay, of the others nothing does. */
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
