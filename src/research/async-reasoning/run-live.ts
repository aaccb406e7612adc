/**
 * A live run: the model thinks while the question is still being typed.
 *
 * - The draft is a block of its own between the opened user turn and the thoughts (in design A one per prompt). It changes
 *   at the start of a step: the longest common prefix of ids stays, the rest is cut and read anew, long text in pieces;
 *   later blocks shift and are not touched.
 * - While it is not sent, its unfinished last word is held back until the typing rests. Sent, all of it and a closing
 *   newline are read.
 * - The first readable draft starts the thinker. Before the draft is sent only the thinker runs and there are no
 *   probes; with `writeBeforeSend` the probe may start the writer.
 * - The writer starts when the draft is sent, or with the step behind the probe's first yes: its prefix is read then,
 *   behind the thoughts as they are then.
 * - An edit leaves thoughts behind that saw the text as it was: `onEdit` says whether they stay (stale, with a note to
 *   the thinker), are cut back to the last one that saw only unchanged text, or begin anew. They also begin anew when
 *   nothing readable was left of the draft, or when they began on less than the share `keepThoughtsFrom` of the draft
 *   and the writer has not started.
 * - After sending, a remark goes into the input block and, as a note, to the thinker at once (ended thoughts go on) and
 *   to the writer as `writerReminder` says; a writer that ends before it was told goes on.
 * - Before the draft is sent the run waits once `budget` steps have passed since the thoughts began, once they have
 *   ended, or once the writer has ended. Sending, remarks and an edit of text that thoughts rest on give a fresh
 *   `budget`. If the writer had ended, a changed draft starts everything anew and sending an unchanged one ends the turn.
 * - With `followUps` the run waits behind the answer. The next draft begins a turn: input, thinker and writer blocks
 *   become history as they are, thoughts left out by `historyThoughts`, and nothing of it is read again.
 *
 * No step passes while the run waits. Everything done to the blocks is recorded as events, so that the trace's setup
 * replays the run with `runReasoning`; its `budget` is the number of steps that were run.
 */
import type { Decoder } from '@/engine/generation/decoder.ts';
import { assertNever } from '@/lib/assert.ts';
import type {
  Draft,
  ReasoningEvent,
  ReasoningSettings,
  ReasoningStopReason,
  ReasoningTrace,
  TraceSetup,
  WaitReason,
} from '@/protocol/reasoning.ts';
import type { InputQueue, LiveInput } from './input-queue.ts';
import { LiveDraft } from './live-draft.ts';
import { LiveSteps } from './live-steps.ts';
import { liveSetup } from './reasoning-setup.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';
import { type ComingStep, type RunIo, runSteps, type StepPlan, type StepSource } from './run-reasoning.ts';
import { LiveVoice } from './live-voice.ts';
import type { SpeechClock } from './speech-clock.ts';

export interface LiveIo extends Omit<RunIo, 'tokenBytes' | 'createTextStream'> {
  /** Told of speech by a real voice; default: a simulated one. */
  readonly speech?: SpeechClock;
  /** Counts time for the simulated voice in steps, so that a scripted run repeats. Default false. */
  readonly usesStepClock?: boolean;
}

/**
 * Runs until the writer ends (with `followUps`: until stopped), the budget is spent, no more input can come, or
 * `io.signal` fires.
 *
 * @param settings  read at the start of every step, so that they can change during the run
 * @param inputs    `TypedInputs` for a person, `SteppedInputs` for a repeatable run, `TimedInputs` for a timed one
 * @throws {Failure} 'unsupportedModel' as `liveSetup`
 */
export async function* runLive(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  settings: () => ReasoningSettings,
  inputs: InputQueue,
  io: LiveIo,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  const now = io.now ?? (() => performance.now());
  const begun = now();
  const setup = liveSetup(settings(), tokenizer);
  const source = new LiveSource(setup, tokenizer, settings, inputs, () => now() - begun, io);
  return yield* runSteps(decoder, setup, source, {
    ...io,
    tokenBytes: (id) => tokenizer.tokenBytes(id),
    createTextStream: () => tokenizer.createTextStream(),
  });
}

/** Room for prefixes, the probe and partly filled pages, on top of what a draft itself needs; tokens. */
const RESERVED_TOKENS = 192;

type Waiting = Extract<ReasoningEvent, { readonly kind: 'waiting' }>;

class LiveSource implements StepSource {
  readonly #setup: TraceSetup;
  readonly #settings: () => ReasoningSettings;
  readonly #inputs: InputQueue;
  readonly #elapsedMs: () => number;
  readonly #stopSignal: AbortSignal | undefined;
  readonly #encode: (text: string) => number[];
  readonly #steps: LiveSteps;
  readonly #voice: LiveVoice;
  #question: LiveDraft;
  #firstQuestion: string | undefined;
  /** Typed while the answer was being written. */
  #heldDraft: Draft | undefined;
  #phase: 'typing' | 'answering' | 'answered' = 'typing';
  #isPaused = false;
  #isStopAsked = false;
  #hasWriterEnded = false;
  /** The draft does not fit. */
  #isTooLong = false;
  #turn = 0;

  constructor(
    setup: TraceSetup,
    tokenizer: ReasoningTokenizer,
    settings: () => ReasoningSettings,
    inputs: InputQueue,
    elapsedMs: () => number,
    io: LiveIo,
  ) {
    this.#setup = setup;
    this.#settings = settings;
    this.#inputs = inputs;
    this.#elapsedMs = elapsedMs;
    this.#stopSignal = io.signal;
    this.#encode = (text) => tokenizer.encode(text, { parseSpecial: false });
    this.#question = new LiveDraft(this.#encode);
    this.#steps = new LiveSteps(setup, tokenizer, settings, elapsedMs);
    this.#voice = new LiveVoice(settings, io.usesStepClock === true ? undefined : elapsedMs, io.speech);
  }

  async *prepare(step: ComingStep): AsyncGenerator<ReasoningEvent, StepPlan> {
    let announced: Waiting | undefined;
    for (;;) {
      yield* this.#takeDue(step);
      const reason = this.#stopReason(step);
      if (reason !== undefined) return { kind: 'stop', reason };
      if (this.#isTurnDue) yield* this.#beginTurn(step);
      const wait = this.#waitReason(step);
      if (wait === undefined) {
        if (announced !== undefined) yield { kind: 'resumed', elapsedMs: this.#elapsedMs() };
        announced = undefined;
        if (yield* this.#run(step)) return { kind: 'run' };
        continue;
      }
      const waiting = this.#waiting(wait, step);
      if (wait !== announced?.reason || waiting.missingTokens !== announced.missingTokens) yield waiting;
      announced = waiting;
      if (!(yield* this.#waitOut(wait, step))) return { kind: 'stop', reason: this.#reasonToGiveUp(wait) };
    }
  }

  get #isTurnDue(): boolean {
    return this.#phase === 'answered' && !this.#isPaused && !this.#question.isEmpty;
  }

  /** @returns false if nothing can end the wait any more */
  async *#waitOut(wait: WaitReason, step: ComingStep): AsyncGenerator<ReasoningEvent, boolean> {
    if (wait === 'speech') {
      await this.#voice.wait(step, this.#stopSignal);
      return true;
    }
    const input = await this.#inputs.next(this.#stopSignal);
    if (input === undefined) return false;
    yield* this.#take(input, step);
    return true;
  }

  /** Why the run is over; with `followUps` the end of an answer is only the end of its turn. */
  #stopReason(step: ComingStep): ReasoningStopReason | undefined {
    if (this.#isStopAsked || this.#stopSignal?.aborted === true) return 'stopped';
    if (!this.#isTurnOver(step)) return undefined;
    this.#hasWriterEnded ||= step.session.hasWriterEnded;
    if (!this.#settings().followUps) return this.#hasWriterEnded ? 'writer_eos' : 'budget';
    this.#endTurn();
    return undefined;
  }

  /** By the budget, or by sending what the writer had answered already. */
  #isTurnOver(step: ComingStep): boolean {
    if (this.#phase === 'typing') return this.#hasWriterEnded && this.#question.isSent && this.#question.isUnchanged;
    return this.#phase === 'answering' && this.#steps.isBudgetSpent(step);
  }

  /** A writer that ends before the draft was sent, or with follow-ups to come, leaves the run waiting. */
  continuesAfterEnd(): boolean {
    if (this.#phase === 'typing') {
      this.#hasWriterEnded = true;
      return true;
    }
    // A remark came while the last words were written: the writer goes on.
    if (this.#steps.hasWriterNotes) return true;
    if (!this.#settings().followUps) return false;
    this.#hasWriterEnded = true;
    this.#endTurn();
    return true;
  }

  finalSetup(numSteps: number, reason: ReasoningStopReason): TraceSetup {
    // With the context full, a replay has to try the step that did not fit.
    const isMidStep = reason === 'context_full' && !this.#isTooLong;
    const budget = isMidStep ? numSteps + 1 : numSteps;
    return {
      ...this.#setup,
      problem: this.#firstQuestion ?? this.#question.draft.text,
      events: this.#steps.events.filter((event) => event.step < budget),
      params: { ...this.#setup.params, budget },
    };
  }

  *#takeDue(step: ComingStep): Generator<ReasoningEvent> {
    for (let input = this.#inputs.take(step.number); input !== undefined; input = this.#inputs.take(step.number)) {
      yield* this.#take(input, step);
      if (this.#isStopAsked) return;
    }
  }

  *#take(input: LiveInput, step: ComingStep): Generator<ReasoningEvent> {
    switch (input.kind) {
      case 'draft':
        // A question that was sent and does not fit can be made shorter.
        if (this.#phase === 'answering' || (this.#question.isSent && !this.#isTooLong)) {
          if (this.#heldDraft?.sent !== true) this.#heldDraft = input;
        } else yield this.#read(input, step);
        return;
      case 'remark':
        if (input.text.trim() === '') return;
        if (this.#phase === 'answering' || this.#question.isSent) this.#steps.remark(input.text.trim());
        else if (this.#phase === 'answered') yield this.#read({ text: input.text, sent: true }, step);
        return;
      case 'pause':
      case 'resume':
        this.#isPaused = input.kind === 'pause';
        return;
      case 'stop':
        this.#isStopAsked = true;
        return;
      case 'settings':
    }
  }

  #read(draft: Draft, step: ComingStep): ReasoningEvent {
    this.#question.read(draft);
    const { keep, appendIds, heldBackTokens } = this.#question.plan();
    // Also when a new draft is read before the next step: those thoughts were about something else.
    if (keep + appendIds.length === 0) this.#steps.mustStart = true;
    return {
      kind: 'draftRead',
      elapsedMs: this.#elapsedMs(),
      step: step.number,
      draftTokens: keep + appendIds.length,
      heldBackTokens,
      keptTokens: keep,
      addedTokens: appendIds.length,
      removedTokens: this.#question.inputIds.length - keep,
    };
  }

  #waiting(reason: WaitReason, step: ComingStep): Waiting {
    const missing = reason === 'contextFull' ? { missingTokens: this.#missingTokens(step) } : {};
    return { kind: 'waiting', elapsedMs: this.#elapsedMs(), reason, ...missing };
  }

  #waitReason(step: ComingStep): WaitReason | undefined {
    if (this.#isPaused) return 'paused';
    switch (this.#phase) {
      case 'answered':
        return this.#hasWriterEnded ? 'followUp' : 'budget';
      case 'answering':
        return !this.#steps.hasRemarks && this.#voice.isSilencing(step) ? 'speech' : undefined;
      case 'typing':
        return this.#waitReasonWhileTyping(step);
      default:
        return assertNever(this.#phase);
    }
  }

  #waitReasonWhileTyping(step: ComingStep): WaitReason | undefined {
    const { session } = step;
    this.#isTooLong = this.#missingTokens(step) > 0;
    if (this.#question.isEmpty) return 'emptyDraft';
    if (this.#isTooLong) return 'contextFull';
    if (this.#question.isSent || this.#steps.isRestart(session, this.#question, this.#hasWriterEnded)) return undefined;
    const isSpent = this.#steps.isBudgetSpent(step) || this.#steps.isThoughtOut(session) || this.#hasWriterEnded;
    return isSpent && !this.#steps.isStale(session, this.#question) ? 'budget' : undefined;
  }

  /** Tokens that a draft lacks room for; what the streams go on to say may still fill the context later. */
  #missingTokens({ session }: ComingStep): number {
    const { keep, appendIds } = this.#question.plan();
    const copies = session.setup.design === 'A' ? 2 : 1;
    const added = appendIds.length - (this.#question.inputIds.length - keep);
    return added <= 0 ? 0 : Math.max(0, added * copies + RESERVED_TOKENS - session.freeTokens);
  }

  #reasonToGiveUp(waitedFor: WaitReason): ReasoningStopReason {
    if (this.#stopSignal?.aborted === true) return 'stopped';
    if (waitedFor === 'contextFull') return 'context_full';
    if (waitedFor !== 'budget' && waitedFor !== 'followUp') return 'stopped';
    return this.#hasWriterEnded ? 'writer_eos' : 'budget';
  }

  /** @returns whether the step is ready; otherwise something came in between that has to be looked at first */
  async *#run(step: ComingStep): AsyncGenerator<ReasoningEvent, boolean> {
    if (this.#phase === 'answering') {
      yield* this.#steps.answer(step, this.#question, this.#voice.holdEvents(step));
      return true;
    }
    const isRestart = this.#steps.isRestart(step.session, this.#question, this.#hasWriterEnded);
    const isSent = this.#question.isSent;
    const isRead = yield* this.#steps.readDraft(step, this.#question, isRestart);
    if (!isRead) return false;
    if (isRestart) this.#hasWriterEnded = false;
    if (isSent) {
      this.#phase = 'answering';
      this.#voice.begin(step);
      return true;
    }
    // An edit may leave thoughts that have ended as they are.
    return !this.#steps.isThoughtOut(step.session);
  }

  #endTurn(): void {
    this.#firstQuestion ??= this.#question.draft.text;
    this.#phase = 'answered';
    this.#question = new LiveDraft(this.#encode);
    if (this.#heldDraft !== undefined) this.#question.read(this.#heldDraft);
    this.#heldDraft = undefined;
  }

  async *#beginTurn(step: ComingStep): AsyncGenerator<ReasoningEvent> {
    const keepThoughts = this.#settings().historyThoughts === 'keep';
    await this.#steps.nextTurn(step, keepThoughts);
    this.#turn++;
    this.#phase = 'typing';
    this.#hasWriterEnded = false;
    yield { kind: 'turnStarted', elapsedMs: this.#elapsedMs(), step: step.number, turn: this.#turn };
    yield this.#read(this.#question.draft, step);
  }
}
