/** How the worker's events change what the panel shows. Pure; arrays are copied once per batch, not once per event. */
import { assertNever } from '@/lib/assert.ts';
import type { ReasoningEvent, StreamName, TextRange, TraceProbe, TraceRow, TraceStep } from '@/protocol/reasoning.ts';
import {
  EMPTY_REASONING_VIEW,
  isFresh,
  marginOf,
  withNextTurn,
  type AffectedThoughts,
  type BlockOfView,
  type DraftMark,
  type ProbeMark,
  type ReasoningView,
  type Remark,
  type StepCell,
  type StepRun,
  type ThinkingClock,
} from './reasoning-view.ts';
import { waitsAfter } from './wait-spans.ts';

/**
 * @param events  in the order in which they came
 * @param nowMs   the page's clock as the batch is shown; waits are measured with it
 */
export function applyReasoningEvents(
  view: ReasoningView,
  events: readonly ReasoningEvent[],
  nowMs: number,
): ReasoningView {
  const batch = new Batch(view, nowMs);
  for (const event of events) batch.apply(event);
  const after = batch.result();
  const isFirstAnswer = after.firstAnswerMs === null && after.writerText !== '';
  return isFirstAnswer ? { ...after, firstAnswerMs: nowMs - after.startedAtMs } : after;
}

type SteppedEvent = Extract<ReasoningEvent, { kind: 'stepped' }>;
type DraftReadEvent = Extract<ReasoningEvent, { kind: 'draftRead' }>;
type AffectedEvent = Extract<ReasoningEvent, { kind: 'thoughtsAffected' }>;

/** A list that grows at its end; the one it began as stays as it was. */
class Growing<Item> {
  readonly #before: readonly Item[];
  readonly #added: Item[] = [];

  constructor(before: readonly Item[]) {
    this.#before = before;
  }

  push(item: Item): void {
    this.#added.push(item);
  }

  get length(): number {
    return this.#before.length + this.#added.length;
  }

  result(): readonly Item[] {
    return this.#added.length === 0 ? this.#before : [...this.#before, ...this.#added];
  }
}

class GrowingRuns {
  readonly #before: readonly StepRun[];
  readonly #added: StepRun[] = [];
  #last: StepRun | undefined;
  #hasChanged = false;

  constructor(before: readonly StepRun[]) {
    this.#before = before.slice(0, -1);
    this.#last = before.at(-1);
  }

  push(step: number): void {
    this.#hasChanged = true;
    if (this.#last?.to === step - 1) {
      this.#last = { from: this.#last.from, to: step };
      return;
    }
    if (this.#last !== undefined) this.#added.push(this.#last);
    this.#last = { from: step, to: step };
  }

  result(before: readonly StepRun[]): readonly StepRun[] {
    if (!this.#hasChanged || this.#last === undefined) return before;
    return [...this.#before, ...this.#added, this.#last];
  }
}

class Batch {
  #view: ReasoningView;
  readonly #nowMs: number;
  readonly #steps: Growing<StepCell>;
  readonly #traceSteps: Growing<TraceStep>;
  readonly #probes: Growing<ProbeMark>;
  readonly #drafts: Growing<DraftMark>;
  readonly #thinkerRuns: GrowingRuns;
  readonly #writerRuns: GrowingRuns;
  #newRows: Rows = {};

  constructor(view: ReasoningView, nowMs: number) {
    this.#view = view;
    this.#nowMs = nowMs;
    this.#steps = new Growing(view.steps);
    this.#traceSteps = new Growing(view.traceSteps);
    this.#probes = new Growing(view.probes);
    this.#drafts = new Growing(view.drafts);
    this.#thinkerRuns = new GrowingRuns(view.runs.thinker);
    this.#writerRuns = new GrowingRuns(view.runs.writer);
  }

  result(): ReasoningView {
    const view = this.#view;
    const { thinker, writer } = this.#newRows;
    return {
      ...view,
      steps: this.#steps.result(),
      traceSteps: this.#traceSteps.result(),
      probes: this.#probes.result(),
      drafts: this.#drafts.result(),
      runs: {
        thinker: this.#thinkerRuns.result(view.runs.thinker),
        writer: this.#writerRuns.result(view.runs.writer),
      },
      views: {
        thinker: thinker === undefined ? view.views.thinker : blocksOf(view, thinker),
        writer: writer === undefined ? view.views.writer : blocksOf(view, writer),
      },
    };
  }

  apply(event: ReasoningEvent): void {
    const waits = waitsAfter(this.#view.waits, event, this.#traceSteps.length);
    const view = { ...this.#view, elapsedMs: event.elapsedMs, waits };
    if (event.kind !== 'stepped') view.thinkingClock = { ...view.thinkingClock, previousStepMs: null };
    switch (event.kind) {
      case 'started':
        this.#view = { ...view, phase: 'running', setup: event.setup, viewNames: event.setup.views };
        return;
      case 'stepped':
        this.#view = this.#applyStep(view, event);
        return;
      case 'draftRead':
        this.#view = this.#applyDraft(view, event);
        return;
      case 'thoughtsAffected':
        this.#view = applyAffected(view, event);
        return;
      case 'reading':
        this.#view = applyReading(view, event);
        return;
      case 'remarkRead':
        this.#view = { ...view, remarks: remarksAfterReading(view, event.text, event.step) };
        return;
      case 'turnStarted':
        this.#view = this.#applyTurn(view, event.step);
        return;
      case 'waiting':
        this.#view = {
          ...view,
          phase: 'waiting',
          waitingFor: event.reason,
          waitingBehindPause: event.reason === 'paused' ? view.waitingFor : null,
          missingTokens: event.missingTokens ?? null,
          reading: null,
        };
        return;
      case 'resumed':
        this.#view = { ...view, phase: 'running', waitingFor: null, waitingBehindPause: null, missingTokens: null };
        return;
      case 'stopped':
        this.#view = { ...view, phase: 'ended', waitingFor: null, stopReason: event.reason, reading: null };
        return;
      default:
        assertNever(event);
    }
  }

  #applyDraft(view: ReasoningView, event: DraftReadEvent): ReasoningView {
    const { step, elapsedMs, draftTokens, heldBackTokens, addedTokens, removedTokens } = event;
    if (addedTokens + removedTokens > 0) this.#drafts.push({ step, elapsedMs, addedTokens, removedTokens });
    return { ...view, draftTokens, heldBackTokens };
  }

  #applyTurn(view: ReasoningView, step: number): ReasoningView {
    const turnSteps = [...view.turnSteps, step];
    const next = withNextTurn(view);
    // A remark that came too late for the answer is the next question.
    const late = next === view ? undefined : view.remarks.find((remark) => remark.step === null);
    if (late === undefined) return { ...next, turnSteps };
    return {
      ...next,
      turnSteps,
      turns: next.turns.map((turn) => ({ ...turn, remarks: turn.remarks.filter((remark) => remark !== late) })),
      question: late.text,
      sentMs: this.#nowMs - view.startedAtMs,
    };
  }

  #applyStep(before: ReasoningView, event: SteppedEvent): ReasoningView {
    const { step, elapsedMs, state, thinkerText, writerText } = event;
    const rows = rowsOf(step);
    this.#record(event, rows);
    const view = withCut(before, event);
    return {
      ...view,
      phase: 'running',
      waitingFor: null,
      missingTokens: null,
      reading: null,
      state,
      thinkerText: view.thinkerText + thinkerText,
      writerText: view.writerText + writerText,
      thinkerTokens: view.thinkerTokens + (rows.thinker === undefined ? 0 : 1),
      writerTokens: view.writerTokens + (rows.writer === undefined ? 0 : 1),
      ...this.#viewsAfter(view, step, rows),
      thinkingClock: clockAfter(view.thinkingClock, step, elapsedMs),
    };
  }

  #record({ step, elapsedMs, thinkerText, writerText }: SteppedEvent, { thinker, writer }: Rows): void {
    this.#traceSteps.push(step);
    this.#steps.push({
      step: step.step,
      elapsedMs,
      thinker: thinker === undefined ? null : thinkerText,
      writer: writer === undefined ? null : writerText,
    });
    if (thinker !== undefined) this.#thinkerRuns.push(step.step);
    if (writer !== undefined) this.#writerRuns.push(step.step);
    if (step.probe !== undefined) this.#probes.push(this.#probeMark(step.step, step.probe));
  }

  #probeMark(step: number, probe: TraceProbe): ProbeMark {
    const margin = marginOf(probe, this.#view.setup?.params.probe_rule);
    return { step, margin, yes: probe.yes, why: probe.why };
  }

  #viewsAfter(view: ReasoningView, step: TraceStep, rows: Rows): Pick<ReasoningView, 'viewNames' | 'views'> {
    const viewNames = step.events?.findLast(({ views }) => views !== undefined)?.views;
    if (viewNames !== undefined) this.#newRows = {};
    this.#newRows = { ...this.#newRows, ...rows };
    // What a stream saw under other names is not what it sees now.
    return viewNames === undefined
      ? { viewNames: view.viewNames, views: view.views }
      : { viewNames, views: EMPTY_REASONING_VIEW.views };
  }
}

interface Rows {
  readonly thinker?: TraceRow;
  readonly writer?: TraceRow;
}

function rowsOf({ rows }: TraceStep): Rows {
  return Object.fromEntries(rows.map((row) => [row.stream, row]));
}

/** The streams as they were left by a cut, without the step's own tokens. */
function withCut(view: ReasoningView, { step, cut, thinkerText, writerText }: SteppedEvent): ReasoningView {
  if (cut === undefined) {
    const isRestart = step.events?.some(({ kind }) => kind === 'start_thinker') === true;
    return isRestart ? withStreams(view, step.step, { thinker: '', writer: '' }, { thinker: 0, writer: 0 }) : view;
  }
  const ran = (stream: StreamName): number => (step.rows.some((row) => row.stream === stream) ? 1 : 0);
  const texts = {
    thinker: cut.thinker.text.slice(0, cut.thinker.text.length - thinkerText.length),
    writer: cut.writer.text.slice(0, cut.writer.text.length - writerText.length),
  };
  const tokens = {
    thinker: Math.max(0, cut.thinker.tokens - ran('thinker')),
    writer: Math.max(0, cut.writer.tokens - ran('writer')),
  };
  return withStreams(view, step.step, texts, tokens);
}

function withStreams(
  view: ReasoningView,
  step: number,
  texts: Readonly<Record<StreamName, string>>,
  tokens: Readonly<Record<StreamName, number>>,
): ReasoningView {
  const dropped = view.thinkerTokens - tokens.thinker;
  return {
    ...view,
    thinkerText: texts.thinker,
    writerText: texts.writer,
    thinkerTokens: tokens.thinker,
    writerTokens: tokens.writer,
    firstAnswerMs: texts.writer === '' ? null : view.firstAnswerMs,
    staleRanges: clippedTo(view.staleRanges, texts.thinker.length),
    affected: dropped > 0 ? withOutgrown(view, step, tokens.thinker, dropped) : view.affected,
    cutSteps: view.thinkerTokens + view.writerTokens > 0 ? [...view.cutSteps, step] : view.cutSteps,
    remarks: view.remarks.map((remark) => movedInto(remark, texts)),
  };
}

/** What an edit has cost is not pushed aside by what the retyped question outgrows at once. */
function withOutgrown(
  { affected, elapsedMs }: ReasoningView,
  step: number,
  leftTokens: number,
  tokens: number,
): AffectedThoughts {
  if (affected?.cause === 'edit' && (affected.step === step || isFresh(affected, elapsedMs))) return affected;
  return { step, atMs: elapsedMs, policy: leftTokens === 0 ? 'restart' : 'rewind', cause: 'growth', tokens };
}

function movedInto(remark: Remark, { thinker, writer }: Readonly<Record<StreamName, string>>): Remark {
  const { thinkerOffset, writerOffset } = remark;
  if (thinkerOffset === null || writerOffset === null) return remark;
  return {
    ...remark,
    thinkerOffset: Math.min(thinkerOffset, thinker.length),
    writerOffset: Math.min(writerOffset, writer.length),
  };
}

function applyAffected(view: ReasoningView, { step, policy, tokens, range }: AffectedEvent): ReasoningView {
  const { affected, elapsedMs } = view;
  // A word is taken back letter by letter. What was kept before may be meant again, what was dropped may not.
  const isOneEdit =
    affected?.cause === 'edit' && affected.policy !== 'keep' && policy !== 'keep' && isFresh(affected, elapsedMs);
  return {
    ...view,
    affected: {
      step,
      atMs: elapsedMs,
      policy,
      cause: 'edit',
      tokens: isOneEdit ? affected.tokens + tokens : tokens,
    },
    staleRanges: policy === 'keep' ? mergedWith(view.staleRanges, range) : view.staleRanges,
  };
}

/** Ranges ascending and apart, with one more among them. */
export function mergedWith(ranges: readonly TextRange[], added: TextRange): readonly TextRange[] {
  if (added.to <= added.from) return ranges;
  const apart = ranges.filter(({ from, to }) => to < added.from || from > added.to);
  const touching = ranges.filter((range) => !apart.includes(range));
  const merged = {
    from: Math.min(added.from, ...touching.map(({ from }) => from)),
    to: Math.max(added.to, ...touching.map(({ to }) => to)),
  };
  return [...apart, merged].toSorted((a, b) => a.from - b.from);
}

function clippedTo(ranges: readonly TextRange[], length: number): readonly TextRange[] {
  return ranges.filter(({ from }) => from < length).map(({ from, to }) => ({ from, to: Math.min(to, length) }));
}

function applyReading(view: ReasoningView, event: Extract<ReasoningEvent, { kind: 'reading' }>): ReasoningView {
  const { doneTokens, totalTokens, elapsedMs } = event;
  const { firstTokens, firstMs } = view.reading ?? { firstTokens: doneTokens, firstMs: elapsedMs };
  const numMeasured = doneTokens - firstTokens;
  return {
    ...view,
    reading: doneTokens < totalTokens ? { doneTokens, totalTokens, firstTokens, firstMs } : null,
    readingMs: numMeasured > 0 ? ((elapsedMs - firstMs) * totalTokens) / numMeasured : view.readingMs,
  };
}

/** The first remark of that text that was not read yet; one that the page does not know is added. */
function remarksAfterReading(view: ReasoningView, text: string, step: number): readonly Remark[] {
  const read: Remark = {
    text,
    step,
    thinkerOffset: view.thinkerText.length,
    writerOffset: view.writerText.length,
  };
  const index = view.remarks.findIndex((remark) => remark.step === null && remark.text === text);
  return index < 0 ? [...view.remarks, read] : view.remarks.with(index, read);
}

/** Counts the time of steps in which only the thinker ran and nothing else was computed. */
function clockAfter(clock: ThinkingClock, step: TraceStep, elapsedMs: number): ThinkingClock {
  const isOnlyThinking =
    step.rows.length === 1 &&
    step.rows[0]?.stream === 'thinker' &&
    step.probe === undefined &&
    (step.events?.length ?? 0) === 0;
  if (clock.previousStepMs === null || !isOnlyThinking) return { ...clock, previousStepMs: elapsedMs };
  return {
    previousStepMs: elapsedMs,
    totalMs: clock.totalMs + (elapsedMs - clock.previousStepMs),
    steps: clock.steps + 1,
  };
}

function blocksOf(view: ReasoningView, row: TraceRow): readonly BlockOfView[] {
  const names = view.viewNames[row.stream] ?? [];
  return row.lengths.map((length, index) => ({
    name: names[index] ?? `block ${index + 1}`,
    length,
    rotaryOffset: row.loc[index] ?? 0,
  }));
}
