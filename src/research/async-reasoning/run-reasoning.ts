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
  StreamName,
  TraceEventResult,
  TraceInputEvent,
  TracePrefillResult,
  TraceProbe,
  TraceRow,
  TraceSetup,
  TraceState,
  TraceStep,
} from '@/protocol/reasoning.ts';
import { applyEvent } from './apply-event.ts';
import { probeReasons, traceStateOf } from './mode-switch.ts';
import { type ReasoningIo, ReasoningSession, RunStopped } from './reasoning-session.ts';

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
  const traceSoFar = (reason: ReasoningStopReason): ReasoningTrace => ({
    format: 'async-trace-1',
    setup: source.finalSetup(log.steps.length, reason),
    result: {
      prefill_results: log.prefillResults,
      steps: log.steps,
      final: {
        stop: reason,
        state: traceStateOf(session.state),
        thinker_tokens: [...session.streams.thinker.tokens],
        writer_tokens: [...session.streams.writer.tokens],
        lengths: session.lengths(),
      },
      ...(session.turns.length > 0 && { turns: session.turns }),
    },
    text: { thinker: wholeText(session, io, 'thinker'), writer: wholeText(session, io, 'writer') },
  });
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
    for (;;) {
      const record = new StepRecord(log.steps.length, session);
      const outcome = yield* prepareAndRun(session, source, rules, record);
      if (!record.isEmpty) yield log.close(record, session);
      if (outcome !== undefined) return outcome;
      if (session.hasWriterEnded && source.continuesAfterEnd?.(record.number) !== true) return 'writer_eos';
    }
  } catch (error) {
    return stopReasonOf(error);
  }
}

/** What was done is in `record` even if a forward throws. */
async function* prepareAndRun(
  session: ReasoningSession,
  source: StepSource,
  rules: StepRules,
  record: StepRecord,
): AsyncGenerator<ReasoningEvent, ReasoningStopReason | undefined> {
  try {
    const plan = yield* source.prepare(record);
    if (plan.kind === 'stop') return plan.reason;
    record.begin();
    await rules.run(session, record);
    return undefined;
  } catch (error) {
    return stopReasonOf(error);
  }
}

/** Rules 1 to 4, and what they remember from step to step. */
class StepRules {
  readonly #session: ReasoningSession;
  /** A probe that runs beside the next step. */
  #dueProbe: TraceProbe['why'] | undefined;
  /** Steps of the writer since the last yes. */
  #burst = 0;

  constructor(session: ReasoningSession) {
    this.#session = session;
  }

  async run(session: ReasoningSession, record: StepRecord): Promise<void> {
    const why = session.state === 'writerOnly' ? undefined : this.#dueProbe;
    this.#dueProbe = undefined;
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

function wholeText(session: ReasoningSession, io: ReasoningIo, stream: StreamName): string {
  const textStream = io.createTextStream();
  const text = session.streams[stream].tokens.map((id) => textStream.push(id));
  return text.join('') + textStream.flush();
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
