/**
 * A recorded run brought back: its blocks as they stood at a step, with the recorded tokens instead of chosen ones.
 *
 * Steps in which one stream runs alone are encoded many at a time. That is the same computation as one at a time: the
 * tokens are known, the blocks in front do not change between these steps, and in a forward of several tokens each one
 * sees the blocks in front and its own up to itself, as it did when it was alone. Steps of both streams stay single,
 * since there each token reads what the other stream appended in the same step. Probes leave nothing in the blocks.
 */
import type { CacheView, Decoder, DecoderRow, RowResult } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { RebuildProgress } from '@/protocol/attention.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type {
  ReasoningTrace,
  StreamName,
  TracePrefill,
  TraceRow,
  TraceSetup,
  TraceStep,
} from '@/protocol/reasoning.ts';
import { applyEvent } from './apply-event.ts';
import { ContextDecoder, type ViewContents } from './context-decoder.ts';
import { RunStopped } from './reasoning-io.ts';
import { ReasoningSession, type ReplayedRow } from './reasoning-session.ts';

/** Steps of one forward; in between the signal is looked at. */
const STEPS_AT_ONCE = 64;

export interface RebuildIo {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Milliseconds of any steady clock. Default `performance.now`. */
  readonly now?: () => number;
}

/** What is asked of a stream's row. */
export type Question = Partial<Pick<DecoderRow, 'output' | 'attention'>>;

/**
 * Brings a session to the state in front of a step, that step's events applied. Dispose of it in all cases.
 *
 * @param trace  checked by `parseRecordedTrace`
 * @param step   index into the trace's steps
 * @throws {Failure} 'invalidConfig' if the trace does not fit together, 'contextFull' if the run does not fit beside what
 *         else the decoder holds; {DOMException} 'AbortError' once `io.signal` has fired
 */
export async function rebuildRun(
  decoder: Decoder,
  trace: ReasoningTrace,
  step: number,
  io: RebuildIo = {},
): Promise<RebuiltRun> {
  const run = new RebuiltRun(decoder, trace, io);
  try {
    await run.reach(step);
    return run;
  } catch (error) {
    run[Symbol.dispose]();
    throw error;
  }
}

export class RebuiltRun implements Disposable {
  readonly #trace: ReasoningTrace;
  readonly #io: RebuildIo;
  readonly #decoder: ContextDecoder;
  readonly #session: ReasoningSession;
  readonly #begun: number;
  /** The step that comes next. */
  #next = 0;
  /** Whether the prompts were read. */
  #isOpen = false;
  /** Steps whose events were applied. */
  #numEvented = 0;

  constructor(decoder: Decoder, trace: ReasoningTrace, io: RebuildIo) {
    this.#trace = trace;
    this.#io = io;
    this.#decoder = new ContextDecoder(decoder);
    this.#begun = this.#now();
    this.#session = new ReasoningSession(this.#decoder, trace.setup, {
      // Texts and paragraph ends decided what ran; that is recorded.
      tokenBytes: () => new Uint8Array(),
      createTextStream: () => ({ push: () => '', flush: () => '' }),
      ...(io.signal && { signal: io.signal }),
    });
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
  }

  /** Goes on to the state in front of a later step, its events applied. */
  async reach(step: number): Promise<void> {
    try {
      await this.#open();
      while (this.#next < step) {
        await this.#applyEvents();
        const { rows, numSteps } = this.#piece(step);
        if (rows.length > 0) await this.#session.replay(rows);
        this.#next += numSteps;
        this.#report(step);
      }
      await this.#applyEvents();
    } catch (error) {
      if (error instanceof RunStopped) this.#io.signal?.throwIfAborted();
      throw error;
    }
  }

  /** Runs the step that comes next, and asks its rows. @returns in the order of the step's rows */
  async run(questionOf: (stream: StreamName) => Question): Promise<RowResult[]> {
    const step = this.#stepAt(this.#next);
    const rows = step.rows.map((row, r) => {
      this.#checkInput(row, `${this.#next}.rows.${r}`, this.#session.pending(row.stream));
      return { stream: row.stream, tokens: [row.token], ...questionOf(row.stream) };
    });
    try {
      const results = await this.#session.replay(rows);
      this.#next++;
      return results;
    } catch (error) {
      if (error instanceof RunStopped) this.#io.signal?.throwIfAborted();
      throw error;
    }
  }

  viewOf(stream: StreamName): readonly string[] {
    return this.#session.viewOf(stream);
  }

  contentsOf(stream: StreamName): ViewContents {
    const view: CacheView = this.#session.blocksOf(this.viewOf(stream));
    return this.#decoder.contentsOf(view);
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    for (const entry of neededPrefill(this.#trace.setup)) await this.#session.prefill(entry);
  }

  /** Events of the step that comes next, with what was chosen then. */
  async #applyEvents(): Promise<void> {
    if (this.#numEvented > this.#next) return;
    this.#numEvented = this.#next + 1;
    const events = this.#trace.setup.events.filter(({ step }) => step === this.#next);
    for (const [i, event] of events.entries()) {
      if (event.kind !== 'inject' || event.choose === false) {
        await applyEvent(this.#session, event);
        continue;
      }
      const token = this.#stepAt(this.#next).events?.[i]?.token;
      if (token === undefined) throw invalid(`${this.#next}.events.${i}.token`, 'is missing');
      await this.#session.replay([{ stream: event.stream, tokens: [...event.ids, token] }]);
    }
  }

  /** Rows of the next forward, in front of `end`: one step, or several of one stream that nothing comes between. */
  #piece(end: number): { readonly rows: readonly ReplayedRow[]; readonly numSteps: number } {
    const first = this.#next;
    const { rows } = this.#stepAt(first);
    const [alone, ...others] = rows;
    if (alone === undefined || others.length > 0) {
      rows.forEach((row, r) => this.#checkInput(row, `${first}.rows.${r}`, this.#session.pending(row.stream)));
      return { rows: rows.map(({ stream, token }) => ({ stream, tokens: [token] })), numSteps: 1 };
    }
    const { stream } = alone;
    const tokens: number[] = [];
    for (let n = first; n < Math.min(end, first + STEPS_AT_ONCE); n++) {
      const [row, ...more] = this.#stepAt(n).rows;
      if (row?.stream !== stream || more.length > 0 || (n > first && this.#hasEvents(n))) break;
      this.#checkInput(row, `${n}.rows.0`, tokens.at(-1) ?? this.#session.pending(stream));
      tokens.push(row.token);
    }
    return { rows: [{ stream, tokens }], numSteps: tokens.length };
  }

  #hasEvents(step: number): boolean {
    return this.#trace.setup.events.some((event) => event.step === step);
  }

  #checkInput({ input }: TraceRow, where: string, pending: number): void {
    if (input !== pending) throw invalid(`${where}.input`, `is ${input}, but the stream's next token was ${pending}`);
  }

  #stepAt(step: number): TraceStep {
    return at(this.#trace.result.steps, step);
  }

  #report(totalSteps: number): void {
    const perStep = (this.#now() - this.#begun) / this.#next;
    const secondsLeft = (perStep * (totalSteps - this.#next)) / 1000;
    this.#io.onProgress?.({ kind: 'rebuilding', doneSteps: this.#next, totalSteps, secondsLeft });
  }

  #now(): number {
    return (this.#io.now ?? (() => performance.now()))();
  }
}

/** What the streams and the user's text are encoded behind; a prompt that only the probe reads is left out. */
function neededPrefill({ views, events, prefill }: TraceSetup): readonly TracePrefill[] {
  const needed = new Set(Object.entries(views).flatMap(([name, view]) => (name === 'probe' ? [] : view)));
  for (const event of events) if (event.kind === 'fill') for (const block of event.view) needed.add(block);
  // Later entries may stand behind earlier ones that are in no view any more.
  return prefill
    .toReversed()
    .filter(({ view }) => {
      const isNeeded = needed.has(view.at(-1) ?? '');
      if (isNeeded) for (const block of view) needed.add(block);
      return isNeeded;
    })
    .toReversed();
}

function invalid(where: string, problem: string): Failure<FailureCode> {
  const field = `trace.result.steps.${where}`;
  return new Failure<FailureCode>('invalidConfig', `${field}: ${problem}.`, { field });
}
