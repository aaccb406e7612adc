/** What the async panel shows of a run: one record, made from the worker's events by `applyReasoningEvents`. */
import { logSumExp } from '@/lib/statistics.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type {
  ReasoningState,
  ReasoningStopReason,
  ReasoningTrace,
  StreamName,
  TextRange,
  TraceParams,
  TraceProbe,
  TraceSetup,
  TraceStep,
  WaitReason,
} from '@/protocol/reasoning.ts';
import type { WaitSpan } from './wait-spans.ts';

export interface StepCell {
  readonly step: number;
  readonly elapsedMs: number;
  /** Text that the stream added in this step; null when the stream did not run. */
  readonly thinker: string | null;
  readonly writer: string | null;
}

/** Consecutive steps, both ends included. */
export interface StepRun {
  readonly from: number;
  readonly to: number;
}

export interface ProbeMark {
  readonly step: number;
  /** For writing on, without the bias; nats. */
  readonly margin: number;
  readonly yes: boolean;
  readonly why: TraceProbe['why'];
}

export interface DraftMark {
  readonly step: number;
  readonly elapsedMs: number;
  readonly addedTokens: number;
  readonly removedTokens: number;
}

export interface BlockOfView {
  readonly name: string;
  readonly length: number;
  readonly rotaryOffset: number;
}

/** What the user said while the run went on. Null until the run has read it. */
export interface Remark {
  readonly text: string;
  readonly step: number | null;
  /** Where thoughts and answer stood then, in UTF-16 units. */
  readonly thinkerOffset: number | null;
  readonly writerOffset: number | null;
}

/** A question with its answer that later turns read. */
export interface Turn {
  readonly question: string;
  readonly answer: string;
  readonly thoughts: string;
  readonly thinkerTokens: number;
  readonly remarks: readonly Remark[];
}

/** Thoughts that were formed on text since changed, and what became of them. */
export interface AffectedThoughts {
  readonly step: number;
  readonly atMs: number;
  readonly policy: 'keep' | 'rewind' | 'restart';
  /** 'growth': nothing was changed, but the question has outgrown what the thoughts began on. */
  readonly cause: 'edit' | 'growth';
  /** All that an edit has cost so far, key by key, while it is fresh. */
  readonly tokens: number;
}

/** How long a run goes on before what became of thoughts is old news. */
const FRESH_MS = 15_000;

/** Whether it was a moment ago that thoughts were affected. */
export function isFresh({ atMs }: AffectedThoughts, elapsedMs: number): boolean {
  return elapsedMs - atMs < FRESH_MS;
}

export interface ReadingProgress {
  readonly doneTokens: number;
  readonly totalTokens: number;
  /** When and behind how many tokens the first piece ended; the speed is measured from there. */
  readonly firstTokens: number;
  readonly firstMs: number;
}

/** What the speed of thinking alone is measured with. */
export interface ThinkingClock {
  /** When the last step ended; null when something other than a step came after it. */
  readonly previousStepMs: number | null;
  readonly totalMs: number;
  readonly steps: number;
}

export interface ReasoningView {
  readonly phase: 'idle' | 'starting' | 'running' | 'waiting' | 'ended' | 'failed';
  readonly waitingFor: WaitReason | null;
  /** What the run waited for when the pause came. */
  readonly waitingBehindPause: WaitReason | null;
  /** With 'contextFull': tokens that are missing. */
  readonly missingTokens: number | null;
  /** The user has asked for a pause; it begins between two steps. */
  readonly isPaused: boolean;
  readonly state: ReasoningState;
  readonly stopReason: ReasoningStopReason | null;
  readonly failure: FailureMessage | null;
  /** The question of this turn as it was sent; '' before. */
  readonly question: string;
  readonly thinkerText: string;
  readonly writerText: string;
  readonly thinkerTokens: number;
  readonly writerTokens: number;
  readonly draftTokens: number;
  readonly heldBackTokens: number;
  /** A long draft on its way into the cache. */
  readonly reading: ReadingProgress | null;
  /** What reading all of the last long draft takes, as measured; 0 when it was read in one piece. */
  readonly readingMs: number;
  /** Parts of `thinkerText` that were formed on text since changed; ascending, apart from each other. */
  readonly staleRanges: readonly TextRange[];
  readonly affected: AffectedThoughts | null;
  readonly remarks: readonly Remark[];
  /** Finished turns, oldest first. */
  readonly turns: readonly Turn[];
  /** Index = step. */
  readonly steps: readonly StepCell[];
  /** The trace's record of each step. */
  readonly traceSteps: readonly TraceStep[];
  readonly runs: Readonly<Record<StreamName, readonly StepRun[]>>;
  readonly probes: readonly ProbeMark[];
  readonly drafts: readonly DraftMark[];
  readonly waits: readonly WaitSpan[];
  /** Steps that were next when Enter was pressed, at which streams were cut back, at which later turns began. */
  readonly sentSteps: readonly number[];
  readonly cutSteps: readonly number[];
  readonly turnSteps: readonly number[];
  /** Names of the blocks that each view holds. */
  readonly viewNames: Readonly<Record<string, readonly string[]>>;
  /** Each stream's view at its last step, in order; empty before the stream ran. */
  readonly views: Readonly<Record<StreamName, readonly BlockOfView[]>>;
  readonly setup: TraceSetup | null;
  readonly elapsedMs: number;
  readonly thinkingClock: ThinkingClock;
  /** The page's clock when the run began, in ms; since then: Enter, and the first answer token on the screen. */
  readonly startedAtMs: number;
  readonly sentMs: number | null;
  readonly firstAnswerMs: number | null;
  readonly trace: ReasoningTrace | null;
}

export const EMPTY_REASONING_VIEW: ReasoningView = {
  phase: 'idle',
  waitingFor: null,
  waitingBehindPause: null,
  missingTokens: null,
  isPaused: false,
  state: 'thinkerOnly',
  stopReason: null,
  failure: null,
  question: '',
  thinkerText: '',
  writerText: '',
  thinkerTokens: 0,
  writerTokens: 0,
  draftTokens: 0,
  heldBackTokens: 0,
  reading: null,
  readingMs: 0,
  staleRanges: [],
  affected: null,
  remarks: [],
  turns: [],
  steps: [],
  traceSteps: [],
  runs: { thinker: [], writer: [] },
  probes: [],
  drafts: [],
  waits: [],
  sentSteps: [],
  cutSteps: [],
  turnSteps: [],
  viewNames: {},
  views: { thinker: [], writer: [] },
  setup: null,
  elapsedMs: 0,
  thinkingClock: { previousStepMs: null, totalMs: 0, steps: 0 },
  startedAtMs: 0,
  sentMs: null,
  firstAnswerMs: null,
  trace: null,
};

export function isRunActive({ phase }: Pick<ReasoningView, 'phase'>): boolean {
  return phase === 'starting' || phase === 'running' || phase === 'waiting';
}

/** The turn is over, by its answer or by the budget, and the next one has not begun. */
export function isTurnOver(
  view: Pick<ReasoningView, 'phase' | 'waitingFor' | 'sentMs' | 'thinkerTokens' | 'writerTokens'>,
): boolean {
  const { phase, waitingFor, sentMs, thinkerTokens, writerTokens } = view;
  // Before Enter, 'budget' only means that the thinker has done enough.
  const isOver = waitingFor === 'followUp' || (waitingFor === 'budget' && sentMs !== null);
  return phase === 'waiting' && isOver && thinkerTokens + writerTokens > 0;
}

/** What the text box is for: the question, a remark on the answer under way, or the next turn. */
export type InputMode = 'question' | 'remark' | 'followUp';

export function inputModeOf(
  view: Pick<ReasoningView, 'phase' | 'waitingFor' | 'sentMs' | 'turns' | 'thinkerTokens' | 'writerTokens'>,
): InputMode {
  if (!isRunActive(view)) return 'question';
  if (isTurnOver(view)) return 'followUp';
  if (view.sentMs !== null) return 'remark';
  return view.turns.length > 0 ? 'followUp' : 'question';
}

/** Ends the turn: what was asked and answered becomes history, the streams are empty. */
export function withNextTurn(view: ReasoningView): ReasoningView {
  const { question, writerText, thinkerText, thinkerTokens, writerTokens, remarks } = view;
  // The page begins a turn with its first letter, before the run does.
  if (thinkerTokens + writerTokens === 0) return view;
  return {
    ...view,
    turns: [...view.turns, { question, answer: writerText, thoughts: thinkerText, thinkerTokens, remarks }],
    state: 'thinkerOnly',
    question: '',
    thinkerText: '',
    writerText: '',
    thinkerTokens: 0,
    writerTokens: 0,
    reading: null,
    readingMs: 0,
    staleRanges: [],
    affected: null,
    remarks: [],
    sentMs: null,
    firstAnswerMs: null,
  };
}

/**
 * The log-odds for writing on, before the bias: ln sum exp of the yes logits minus that of the no logits, or the reverse
 * where a yes means that the writer pauses.
 */
export function marginOf(
  probe: Pick<TraceProbe, 'yes_logits' | 'no_logits'>,
  rule: TraceParams['probe_rule'] = 'continue',
): number {
  const margin = logSumExp(probe.yes_logits) - logSumExp(probe.no_logits);
  return rule === 'pause' ? -margin : margin;
}

const RATE_WINDOW = 24;

/** Tokens per second of a stream over its last steps; null before it has made two. */
export function tokensPerSecond(steps: readonly StepCell[], stream: StreamName): number | null {
  const times: number[] = [];
  for (let index = steps.length - 1; index >= 0 && times.length < RATE_WINDOW; index--) {
    const cell = steps[index];
    if (cell !== undefined && cell[stream] !== null) times.push(cell.elapsedMs);
  }
  const newest = times[0];
  const oldest = times.at(-1);
  if (newest === undefined || oldest === undefined || newest <= oldest) return null;
  return ((times.length - 1) * 1000) / (newest - oldest);
}
