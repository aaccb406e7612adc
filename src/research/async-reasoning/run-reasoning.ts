/**
 * The loop of asynchronous reasoning: a scripted run of a `TraceSetup`. Rules 1 to 5 are those of the reference data
 * (src/testing/golden/async); a run is deterministic, so the same setup gives the same trace.
 */
import type { Decoder } from '@/engine/generation/decoder.ts';
import { Failure } from '@/lib/failure.ts';
import type {
  ReasoningEvent,
  ReasoningStopReason,
  ReasoningTrace,
  TraceEventResult,
  TraceInputEvent,
  TracePrefillResult,
  TraceProbe,
  TraceResult,
  TraceRow,
  TraceSetup,
  TraceState,
  TraceStep,
} from '@/protocol/reasoning.ts';
import { applyEvent } from './apply-event.ts';
import { probeReasons, traceStateOf } from './mode-switch.ts';
import { type ReasoningIo, RunStopped } from './reasoning-io.ts';
import { ReasoningSession } from './reasoning-session.ts';

/** What happens at the start of a step, once its events were applied: the step itself, or the end of the run. */
export type StepPlan = { readonly kind: 'run' } | { readonly kind: 'stop'; readonly reason: ReasoningStopReason };

/** A step that is about to run. */
export interface ComingStep {
  readonly number: number;
  readonly session: ReasoningSession;
  /** Applies an event and logs it with this step. */
  apply(event: TraceInputEvent): Promise<TraceEventResult>;
}

/** Where a run's events come from: a setup, or a person who types. */
export interface StepSource {
  /** Called in front of every step to apply its events; may take its time and report it. */
  prepare(step: ComingStep): AsyncGenerator<ReasoningEvent, StepPlan>;
  /** Whether rule 5 is to be passed over after `step`. */
  continuesAfterEnd?(step: number): boolean;
  /** The setup that replays this run's steps so far. */
  finalSetup(numSteps: number, reason: ReasoningStopReason): TraceSetup;
}

export interface RunIo extends ReasoningIo {
  /** Told once, in front of the first step, how to read the trace while the run goes on. */
  readonly onReadable?: (traceSoFar: () => ReasoningTrace) => void;
}

/**
 * Runs a setup to its end. Stopping by `io.signal` or by `return()` of the generator frees all blocks; stopped by the
 * signal, or with the context full, it still returns the trace so far.
 *
 * @param setup  checked by `parseTraceSetup`
 * @throws whatever the decoder throws, except for 'contextFull'
 */
export async function* runReasoning(
  decoder: Decoder,
  setup: TraceSetup,
  io: RunIo,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  return yield* runSteps(decoder, setup, scriptedSource(setup), io);
}

/** Drains a run for its trace, for callers that need no events. */
export async function finishReasoning(run: AsyncGenerator<ReasoningEvent, ReasoningTrace>): Promise<ReasoningTrace> {
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
  }
}

function scriptedSource(setup: TraceSetup): StepSource {
  const { events } = setup;
  return {
    // eslint-disable-next-line require-yield -- a script never has to wait
    async *prepare(step) {
      if (step.number >= setup.params.budget) return { kind: 'stop', reason: 'budget' };
      for (const event of events) if (event.step === step.number) await step.apply(event);
      return { kind: 'run' };
    },
    // A live run that went on behind an answer: it began anew, with the next turn, or the writer was told something.
    continuesAfterEnd: (step) => events.some((event) => event.step === step + 1 && isRevival(event)),
    finalSetup: () => setup,
  };
}

function isRevival(event: TraceInputEvent): boolean {
  if (event.kind === 'next_turn') return true;
  return event.kind === 'start_thinker' || (event.kind === 'wake' && event.stream === 'writer');
}

/** The run behind scripted and live input. */
export async function* runSteps(
  decoder: Decoder,
  setup: TraceSetup,
  source: StepSource,
  io: RunIo,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  const log = new RunLog(io.now ?? (() => performance.now()));
  using session = new ReasoningSession(decoder, setup, io);
  const traceSoFar = (stop: ReasoningStopReason): ReasoningTrace => {
    const { turns, ...reached } = log.reached ?? reachedBy(session);
    return {
      format: 'async-trace-1',
      setup: source.finalSetup(log.steps.length, stop),
      result: {
        prefill_results: [...log.prefillResults],
        steps: [...log.steps],
        final: { stop, ...reached },
        ...(turns.length > 0 && { turns }),
      },
      text: { thinker: wholeText(reached.thinker_tokens, io), writer: wholeText(reached.writer_tokens, io) },
    };
  };
  yield { kind: 'started', elapsedMs: log.elapsedMs(), setup };
  io.onReadable?.(() => traceSoFar('stopped'));
  const reason = yield* loop(session, source, log);
  yield { kind: 'stopped', elapsedMs: log.elapsedMs(), reason };
  return traceSoFar(reason);
}

async function* loop(
  session: ReasoningSession,
  source: StepSource,
  log: RunLog,
): AsyncGenerator<ReasoningEvent, ReasoningStopReason> {
  const rules = new StepRules(session);
  try {
    for (const entry of session.setup.prefill) log.prefillResults.push(await session.prefill(entry));
    log.reached = reachedBy(session);
    for (;;) {
      const record = new StepRecord(log.steps.length, session);
      const { stop, isKept } = yield* prepareAndRun(session, source, rules, record);
      if (isKept) yield log.close(record, session);
      if (stop !== undefined) return stop;
      if (session.hasWriterEnded && source.continuesAfterEnd?.(record.number) !== true) return 'writer_eos';
    }
  } catch (error) {
    return stopReasonOf(error);
  }
}

interface StepOutcome {
  /** Why the run is over. */
  readonly stop?: ReasoningStopReason;
  /** Whether the record is part of the trace. */
  readonly isKept: boolean;
}

/**
 * What was done is in `record` even if a forward throws. A step that was stopped half-way is left out, since a replay
 * would run all of it; one that did not fit is kept up to there, as a replay finds it.
 */
async function* prepareAndRun(
  session: ReasoningSession,
  source: StepSource,
  rules: StepRules,
  record: StepRecord,
): AsyncGenerator<ReasoningEvent, StepOutcome> {
  try {
    const plan = yield* source.prepare(record);
    if (plan.kind === 'stop') return { stop: plan.reason, isKept: false };
    record.begin();
    await rules.run(session, record);
    return { isKept: true };
  } catch (error) {
    const stop = stopReasonOf(error);
    return { stop, isKept: stop === 'context_full' && !record.isEmpty };
  }
}

/** Rules 1 to 4, and what they remember from step to step. */
class StepRules {
  readonly #session: ReasoningSession;
  /** A probe that runs beside the next step. */
  #dueProbe: TraceProbe['why'] | undefined;
  /** Steps of the writer since it started, or went on after a yes. */
  #burst = 0;

  constructor(session: ReasoningSession) {
    this.#session = session;
  }

  async run(session: ReasoningSession, record: StepRecord): Promise<void> {
    const why = session.isProbing && session.state !== 'writerOnly' ? this.#dueProbe : undefined;
    this.#dueProbe = undefined;
    const { tokens, startLength } = session.streams.writer;
    if (tokens.length === startLength) this.#burst = 0;
    const { rows, probe } = await session.step(why);
    record.rows.push(...rows);
    if (session.state === 'thinkerAndWriter') this.#burst++;
    this.#endParagraph(record);
    this.#endThoughts(record);
    if (probe !== undefined) record.probe = this.#decide(probe);
    const next = this.#probeReasons(record.number);
    if (next.length === 0) return;
    if (session.params.probe_overlapped === true) this.#dueProbe = next;
    else record.probe = this.#decide(await session.probe(next));
  }

  /** Rule 2. */
  #endParagraph(record: StepRecord): void {
    const session = this.#session;
    const isPausing = session.params.paragraph_pause ?? true;
    if (!isPausing || session.state !== 'thinkerAndWriter' || !session.isAtParagraphEnd('writer')) return;
    session.signal({ kind: 'writerParagraphEnded' });
    record.isWriterParagraphEnd = true;
  }

  /** Rule 3, and the thought budget, which acts like it. */
  #endThoughts(record: StepRecord): void {
    const session = this.#session;
    if (session.state === 'writerOnly') return;
    const { end_of_think_ids: endIds, thought_budget: budget = 0 } = session.params;
    record.isEndOfThink = endIds.includes(session.pending('thinker'));
    const numThoughts = session.streams.thinker.tokens.length - session.thoughtsFrom;
    record.isThoughtBudgetSpent = !record.isEndOfThink && budget > 0 && numThoughts >= budget;
    if (record.isEndOfThink || record.isThoughtBudgetSpent) session.signal({ kind: 'thoughtsEnded' });
  }

  /** Rule 4: whether to ask. */
  #probeReasons(step: number): ('interval' | 'paragraph')[] {
    const session = this.#session;
    if (!session.isProbing) return [];
    return probeReasons({
      state: session.state,
      step,
      probeInterval: session.params.probe_interval,
      isThinkerAtParagraphEnd: (session.params.probe_at_paragraphs ?? true) && session.isAtParagraphEnd('thinker'),
    });
  }

  /** Rule 4: what follows from the answer. */
  #decide(probe: TraceProbe): TraceProbe {
    const session = this.#session;
    const { min_writer_steps: shortest = 0 } = session.params;
    if (!probe.yes && session.state === 'thinkerAndWriter' && this.#burst < shortest)
      return { ...probe, passed_over: true };
    if (probe.yes && session.state !== 'thinkerAndWriter') this.#burst = 0;
    session.signal({ kind: 'probed', isYes: probe.yes && !session.isWriterHeld });
    return probe;
  }
}

/** @throws the error itself unless it is a way for a run to end */
function stopReasonOf(error: unknown): ReasoningStopReason {
  if (error instanceof RunStopped) return 'stopped';
  if (error instanceof Failure && error.code === 'contextFull') return 'context_full';
  throw error;
}

function wholeText(tokens: readonly number[], io: ReasoningIo): string {
  const textStream = io.createTextStream();
  const text = tokens.map((id) => textStream.push(id));
  return text.join('') + textStream.flush();
}

type Reached = Omit<TraceResult['final'], 'stop'> & { readonly turns: NonNullable<TraceResult['turns']> };

function reachedBy(session: ReasoningSession): Reached {
  const { state, streams, turns } = session;
  return {
    state: traceStateOf(state),
    thinker_tokens: [...streams.thinker.tokens],
    writer_tokens: [...streams.writer.tokens],
    lengths: session.lengths(),
    turns: [...turns],
  };
}

class StepRecord implements ComingStep {
  readonly number: number;
  readonly session: ReasoningSession;
  readonly rows: TraceRow[] = [];
  isWriterParagraphEnd = false;
  isEndOfThink = false;
  isThoughtBudgetSpent = false;
  probe: TraceProbe | undefined;
  readonly #events: TraceEventResult[] = [];
  #state: TraceState;

  constructor(number: number, session: ReasoningSession) {
    this.number = number;
    this.session = session;
    this.#state = traceStateOf(session.state);
  }

  get isEmpty(): boolean {
    return this.#events.length === 0 && this.rows.length === 0;
  }

  async apply(event: TraceInputEvent): Promise<TraceEventResult> {
    const result = await applyEvent(this.session, event);
    this.#events.push(result);
    return result;
  }

  /** The state in which the step's forward runs; events may have changed it. */
  begin(): void {
    this.#state = traceStateOf(this.session.state);
  }

  close(elapsedMs: number): TraceStep {
    return {
      step: this.number,
      state: this.#state,
      ...(this.#events.length > 0 && { events: this.#events }),
      rows: this.rows,
      ...(this.isWriterParagraphEnd && { writer_paragraph_end: true }),
      ...(this.isEndOfThink && { end_of_think: true }),
      ...(this.isThoughtBudgetSpent && { thought_budget_spent: true }),
      ...(this.probe && { probe: this.probe }),
      state_after: traceStateOf(this.session.state),
      elapsed_ms: elapsedMs,
    };
  }
}

class RunLog {
  readonly prefillResults: TracePrefillResult[] = [];
  readonly steps: TraceStep[] = [];
  /** By the last step of the trace. Undefined while the prompts are read. */
  reached: Reached | undefined;
  readonly #now: () => number;
  readonly #begun: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#begun = now();
  }

  /** Since the run began, in front of its first prefill. */
  elapsedMs(): number {
    return this.#now() - this.#begun;
  }

  close(record: StepRecord, session: ReasoningSession): ReasoningEvent {
    const elapsedMs = this.elapsedMs();
    const step = record.close(elapsedMs);
    this.steps.push(step);
    this.reached = reachedBy(session);
    const { added, cut } = session.takeText();
    return {
      kind: 'stepped',
      elapsedMs,
      step,
      state: session.state,
      thinkerText: added.thinker,
      writerText: added.writer,
      ...(cut && { cut }),
    };
  }
}
