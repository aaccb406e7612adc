/**
 * The loop of asynchronous reasoning: a scripted run of a `TraceSetup`. Rules 0 to 5 are those of the reference data
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
import { probeReasons, traceStateOf } from './mode-switch.ts';
import { type ReasoningIo, ReasoningSession, RunStopped } from './reasoning-session.ts';

/** What happens at the start of a step: events to apply, or the end of the run. */
export type StepPlan =
  | { readonly kind: 'run'; readonly events: readonly TraceInputEvent[] }
  | { readonly kind: 'stop'; readonly reason: ReasoningStopReason };

/** Where a run's events come from: a setup, or a person who types. */
export interface StepSource {
  /** Called in front of every step; may take its time and report it. */
  prepare(step: number, session: ReasoningSession): AsyncGenerator<ReasoningEvent, StepPlan>;
  /** Whether rule 5 is to be passed over after `step`. */
  continuesAfterEnd?(step: number): boolean;
  /** The setup that replays this run, known when the run has ended. */
  finalSetup(numSteps: number, reason: ReasoningStopReason): TraceSetup;
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
  io: ReasoningIo,
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
      if (step >= setup.params.budget) return { kind: 'stop', reason: 'budget' };
      return { kind: 'run', events: events.filter((event) => event.step === step) };
    },
    // A live run whose writer ended before the question was sent, and that began anew with the next step.
    continuesAfterEnd: (step) => events.some((event) => event.step === step + 1 && event.kind === 'start_thinker'),
    finalSetup: () => setup,
  };
}

/** The run behind scripted and live input. */
export async function* runSteps(
  decoder: Decoder,
  setup: TraceSetup,
  source: StepSource,
  io: ReasoningIo,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  const log = new RunLog(io.now ?? (() => performance.now()));
  using session = new ReasoningSession(decoder, setup, io);
  yield { kind: 'started', elapsedMs: log.elapsedMs(), setup };
  const reason = yield* loop(session, source, log);
  yield { kind: 'stopped', elapsedMs: log.elapsedMs(), reason };
  return {
    format: 'async-trace-1',
    setup: source.finalSetup(log.steps.length, reason),
    result: {
      prefill_results: log.prefillResults,
      steps: log.steps,
      final: {
        stop: reason,
        state: traceStateOf(session.state),
        thinker_tokens: [...session.tokens('thinker')],
        writer_tokens: [...session.tokens('writer')],
        lengths: session.lengths(),
      },
    },
    text: { thinker: wholeText(session, io, 'thinker'), writer: wholeText(session, io, 'writer') },
  };
}

async function* loop(
  session: ReasoningSession,
  source: StepSource,
  log: RunLog,
): AsyncGenerator<ReasoningEvent, ReasoningStopReason> {
  try {
    for (const entry of session.setup.prefill) log.prefillResults.push(await session.prefill(entry));
    for (;;) {
      const number = log.steps.length;
      const plan = yield* source.prepare(number, session);
      if (plan.kind === 'stop') return plan.reason;
      const record = new StepRecord(number, session);
      const reason = await runStep(session, record, plan.events).catch(stopReasonOf);
      if (!record.isEmpty) yield log.close(record, session);
      if (reason !== undefined) return reason;
      if (hasWriterEnded(session) && source.continuesAfterEnd?.(number) !== true) return 'writer_eos';
    }
  } catch (error) {
    return stopReasonOf(error);
  }
}

/** Rules 0 to 4 of one step. What was done is in `record` even if a forward throws. */
async function runStep(
  session: ReasoningSession,
  record: StepRecord,
  events: readonly TraceInputEvent[],
): Promise<undefined> {
  for (const event of events) record.events.push(await session.apply(event));
  record.begin();
  record.rows.push(...(await session.step()));
  if (session.state === 'thinkerAndWriter' && session.isAtParagraphEnd('writer')) {
    session.signal({ kind: 'writerParagraphEnded' });
    record.isWriterParagraphEnd = true;
  }
  const newestThought = session.tokens('thinker').at(-1) ?? -1;
  if (session.state !== 'writerOnly' && session.setup.params.end_of_think_ids.includes(newestThought)) {
    session.signal({ kind: 'thoughtsEnded' });
    record.isEndOfThink = true;
  }
  const why = session.isProbing
    ? probeReasons({
        state: session.state,
        step: record.number,
        probeInterval: session.probeInterval,
        isThinkerAtParagraphEnd: session.isAtParagraphEnd('thinker'),
      })
    : [];
  if (why.length > 0) {
    record.probe = await session.probe(why);
    session.signal({ kind: 'probed', isYes: record.probe.yes });
  }
  return undefined;
}

/** Rule 5. */
function hasWriterEnded(session: ReasoningSession): boolean {
  return session.setup.params.eos_ids.includes(session.tokens('writer').at(-1) ?? -1);
}

/** @throws the error itself unless it is a way for a run to end */
function stopReasonOf(error: unknown): ReasoningStopReason {
  if (error instanceof RunStopped) return 'stopped';
  if (error instanceof Failure && error.code === 'contextFull') return 'context_full';
  throw error;
}

function wholeText(session: ReasoningSession, io: ReasoningIo, stream: StreamName): string {
  const textStream = io.createTextStream();
  const text = session.tokens(stream).map((id) => textStream.push(id));
  return text.join('') + textStream.flush();
}

class StepRecord {
  readonly number: number;
  readonly events: TraceEventResult[] = [];
  readonly rows: TraceRow[] = [];
  isWriterParagraphEnd = false;
  isEndOfThink = false;
  probe: TraceProbe | undefined;
  #state: TraceState;
  readonly #session: ReasoningSession;

  constructor(number: number, session: ReasoningSession) {
    this.number = number;
    this.#session = session;
    this.#state = traceStateOf(session.state);
  }

  get isEmpty(): boolean {
    return this.events.length === 0 && this.rows.length === 0;
  }

  /** The state in which the step's forward runs; events may have changed it. */
  begin(): void {
    this.#state = traceStateOf(this.#session.state);
  }

  close(elapsedMs: number): TraceStep {
    return {
      step: this.number,
      state: this.#state,
      ...(this.events.length > 0 && { events: this.events }),
      rows: this.rows,
      ...(this.isWriterParagraphEnd && { writer_paragraph_end: true }),
      ...(this.isEndOfThink && { end_of_think: true }),
      ...(this.probe && { probe: this.probe }),
      state_after: traceStateOf(this.#session.state),
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
    const { thinker, writer } = session.takeText();
    return { kind: 'stepped', elapsedMs, step, state: session.state, thinkerText: thinker, writerText: writer };
  }
}
