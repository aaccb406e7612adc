/** What the async panel shows of a run: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type {
  ReasoningEvent,
  ReasoningState,
  ReasoningStopReason,
  ReasoningTrace,
  StreamName,
  TraceProbe,
  TraceRow,
  TraceSetup,
} from '@/protocol/reasoning.ts';

export interface StepCell {
  readonly step: number;
  readonly elapsedMs: number;
  /** Text that the stream added in this step; null when the stream did not run. */
  readonly thinker: string | null;
  readonly writer: string | null;
}

export interface ProbeMark {
  readonly step: number;
  /** Yes minus no, without the bias. */
  readonly margin: number;
  readonly yes: boolean;
  readonly why: TraceProbe['why'];
}

export interface DraftMark {
  readonly step: number;
  readonly addedTokens: number;
  readonly removedTokens: number;
}

export interface BlockOfView {
  readonly name: string;
  readonly length: number;
  readonly rotaryOffset: number;
}

export interface ReasoningView {
  readonly phase: 'idle' | 'starting' | 'running' | 'waiting' | 'ended' | 'failed';
  readonly waitingFor: 'emptyDraft' | 'budget' | 'paused' | null;
  readonly state: ReasoningState;
  readonly stopReason: ReasoningStopReason | null;
  readonly failure: FailureMessage | null;
  readonly thinkerText: string;
  readonly writerText: string;
  readonly thinkerTokens: number;
  readonly writerTokens: number;
  readonly draftTokens: number;
  readonly heldBackTokens: number;
  readonly steps: readonly StepCell[];
  readonly probes: readonly ProbeMark[];
  readonly drafts: readonly DraftMark[];
  /** Each stream's view at its last step, in order; empty before the stream ran. */
  readonly views: Readonly<Record<StreamName, readonly BlockOfView[]>>;
  readonly setup: TraceSetup | null;
  readonly elapsedMs: number;
  /** When Enter was pressed and when the first answer token came, since the run began. */
  readonly sentMs: number | null;
  readonly firstAnswerMs: number | null;
  /** The page's clock when the run began, in ms. */
  readonly startedAtMs: number;
  readonly trace: ReasoningTrace | null;
}

export const EMPTY_REASONING_VIEW: ReasoningView = {
  phase: 'idle',
  waitingFor: null,
  state: 'thinkerOnly',
  stopReason: null,
  failure: null,
  thinkerText: '',
  writerText: '',
  thinkerTokens: 0,
  writerTokens: 0,
  draftTokens: 0,
  heldBackTokens: 0,
  steps: [],
  probes: [],
  drafts: [],
  views: { thinker: [], writer: [] },
  setup: null,
  elapsedMs: 0,
  sentMs: null,
  firstAnswerMs: null,
  startedAtMs: 0,
  trace: null,
};

export function isRunActive(view: Pick<ReasoningView, 'phase'>): boolean {
  return view.phase === 'starting' || view.phase === 'running' || view.phase === 'waiting';
}

export function applyReasoningEvent(view: ReasoningView, event: ReasoningEvent): ReasoningView {
  switch (event.kind) {
    case 'started':
      return {
        ...EMPTY_REASONING_VIEW,
        phase: 'running',
        setup: event.setup,
        startedAtMs: view.startedAtMs,
        sentMs: view.sentMs,
        draftTokens: view.draftTokens,
        heldBackTokens: view.heldBackTokens,
        drafts: view.drafts,
        elapsedMs: event.elapsedMs,
      };
    case 'stepped':
      return applyStep(view, event);
    case 'draftRead':
      return {
        ...view,
        elapsedMs: event.elapsedMs,
        draftTokens: event.draftTokens,
        heldBackTokens: event.heldBackTokens,
        drafts:
          event.addedTokens === 0 && event.removedTokens === 0
            ? view.drafts
            : [
                ...view.drafts,
                { step: event.step, addedTokens: event.addedTokens, removedTokens: event.removedTokens },
              ],
      };
    case 'waiting':
      return { ...view, phase: 'waiting', waitingFor: event.reason, elapsedMs: event.elapsedMs };
    case 'stopped':
      return { ...view, phase: 'ended', waitingFor: null, stopReason: event.reason, elapsedMs: event.elapsedMs };
    default:
      return assertNever(event);
  }
}

type SteppedEvent = Extract<ReasoningEvent, { kind: 'stepped' }>;

function applyStep(before: ReasoningView, event: SteppedEvent): ReasoningView {
  const isRestart = event.step.events?.some(({ kind }) => kind === 'start_thinker') === true;
  const view = isRestart ? withoutText(before) : before;
  const { step, elapsedMs, state, thinkerText, writerText } = event;
  const thinkerRow = step.rows.find((row) => row.stream === 'thinker');
  const writerRow = step.rows.find((row) => row.stream === 'writer');
  const cell: StepCell = {
    step: step.step,
    elapsedMs,
    thinker: thinkerRow === undefined ? null : thinkerText,
    writer: writerRow === undefined ? null : writerText,
  };
  return {
    ...view,
    phase: 'running',
    waitingFor: null,
    state,
    elapsedMs,
    thinkerText: view.thinkerText + thinkerText,
    writerText: view.writerText + writerText,
    thinkerTokens: view.thinkerTokens + (thinkerRow === undefined ? 0 : 1),
    writerTokens: view.writerTokens + (writerRow === undefined ? 0 : 1),
    steps: [...view.steps, cell],
    probes: step.probe === undefined ? view.probes : [...view.probes, probeMark(step.step, step.probe)],
    views: {
      thinker: blocksOf(view, thinkerRow, view.views.thinker),
      writer: blocksOf(view, writerRow, view.views.writer),
    },
    firstAnswerMs: view.firstAnswerMs ?? (writerText === '' ? null : elapsedMs),
  };
}

/** The thoughts begin anew: what was thought and written is gone, the timeline stays. */
function withoutText(view: ReasoningView): ReasoningView {
  return {
    ...view,
    thinkerText: '',
    writerText: '',
    thinkerTokens: 0,
    writerTokens: 0,
    firstAnswerMs: null,
    views: EMPTY_REASONING_VIEW.views,
  };
}

function probeMark(step: number, probe: TraceProbe): ProbeMark {
  return { step, margin: marginOf(probe), yes: probe.yes, why: probe.why };
}

/** ln sum exp of the yes logits minus that of the no logits: the log-odds before the bias. */
export function marginOf(probe: Pick<TraceProbe, 'yes_logits' | 'no_logits'>): number {
  return logSumExp(probe.yes_logits) - logSumExp(probe.no_logits);
}

function logSumExp(values: readonly number[]): number {
  const max = Math.max(...values);
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}

function blocksOf(
  view: ReasoningView,
  row: TraceRow | undefined,
  previous: readonly BlockOfView[],
): readonly BlockOfView[] {
  if (row === undefined) return previous;
  const names = view.setup?.views[row.stream] ?? [];
  return row.lengths.map((length, index) => ({
    name: names[index] ?? `block ${index + 1}`,
    length,
    rotaryOffset: row.loc[index] ?? 0,
  }));
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
