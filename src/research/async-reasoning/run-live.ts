/**
 * A live run of design B: the model thinks while the question is still being typed.
 *
 * - The draft is a block of its own between the opened user turn and the thoughts. It changes at the start of a step:
 *   the longest common prefix of ids stays, the rest is cut and read anew; later blocks shift and are not touched.
 * - While it is not sent, its unfinished last word is held back. Sent, all of it and a closing newline are read, and
 *   further drafts are ignored.
 * - The first readable draft starts the thinker. Before the draft is sent only the thinker runs and there are no
 *   probes; with `writeBeforeSend` the probe may start the writer.
 * - The writer starts when the draft is sent, or with the step behind the probe's first yes: its prefix is read then,
 *   behind the thoughts as they are then.
 * - Thoughts survive an edit, stale as they are, unless nothing readable is left of the draft, or the writer has not
 *   started and more than `MAX_KEPT_EDIT` tokens were cut, or the writer has not started and the thoughts began on less
 *   than the share `keepThoughtsFrom` of the draft: then they begin anew (and the response, if there is one, is
 *   dropped).
 * - Before the draft is sent the run waits once `budget` steps have passed since the thoughts began, once they have
 *   ended, or once the writer has ended. Sending gives both streams a fresh `budget`. If the writer had ended, a changed
 *   draft starts everything anew and sending an unchanged one ends the run.
 *
 * No step passes while the run waits. Everything done to the blocks is recorded as events, so that the trace's setup
 * replays the run with `runReasoning`; its `budget` is the number of steps that were run.
 */
import type { Decoder } from '@/engine/generation/decoder.ts';
import type {
  ReasoningEvent,
  ReasoningSettings,
  ReasoningStopReason,
  ReasoningTrace,
  TraceInputEvent,
  TraceSetup,
} from '@/protocol/reasoning.ts';
import { type DraftEdit, planDraftEdit, readableText } from './draft-edit.ts';
import type { Draft, DraftQueue } from './draft-queue.ts';
import { liveSetup } from './prompts.ts';
import type { ReasoningIo, ReasoningSession } from './reasoning-session.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';
import { runSteps, type StepPlan, type StepSource } from './run-reasoning.ts';

/** Tokens that an edit may cut while thoughts built on them are kept: a choice, about a word or two. */
export const MAX_KEPT_EDIT = 4;

export type LiveIo = Omit<ReasoningIo, 'tokenBytes' | 'createTextStream'>;

/**
 * Runs until the writer ends, the budget is spent, no more drafts can come, or `io.signal` fires.
 *
 * @param settings  read at the start of every step, so that they can change during the run
 * @param drafts    `TypedDrafts` for a person, `ScriptedDrafts` for a repeatable run
 * @throws {Failure} 'unsupportedModel' as `liveSetup`
 */
export async function* runLive(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  settings: () => ReasoningSettings,
  drafts: DraftQueue,
  io: LiveIo,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  const now = io.now ?? (() => performance.now());
  const begun = now();
  const setup = liveSetup(settings(), tokenizer);
  const source = new LiveSource(setup, tokenizer, settings, drafts, () => now() - begun, io.signal);
  return yield* runSteps(decoder, setup, source, {
    ...io,
    tokenBytes: (id) => tokenizer.tokenBytes(id),
    createTextStream: () => tokenizer.createTextStream(),
  });
}

type WaitReason = Extract<ReasoningEvent, { readonly kind: 'waiting' }>['reason'];

class LiveSource implements StepSource {
  readonly #setup: TraceSetup;
  readonly #tokenizer: ReasoningTokenizer;
  readonly #settings: () => ReasoningSettings;
  readonly #drafts: DraftQueue;
  readonly #elapsedMs: () => number;
  readonly #stopSignal: AbortSignal | undefined;
  readonly #events: TraceInputEvent[] = [];
  #draft: Draft = { text: '', sent: false };
  /** What the input block holds, as ids and as text. */
  #inputIds: readonly number[] = [];
  #inputText = '';
  #planned: { readonly draft: Draft; readonly inputIds: readonly number[]; readonly edit: DraftEdit } | undefined;
  /** Thoughts are to begin (again) as soon as there is something to read. */
  #mustStart = true;
  /** Tokens of the draft on which the thoughts began. */
  #begunOn = 0;
  /** The step from which the budget counts. */
  #budgetFrom = 0;
  #isSent = false;
  #hasWriterEnded = false;
  #params: { readonly probing: boolean; readonly probe_interval: number; readonly yes_bias: number };

  constructor(
    setup: TraceSetup,
    tokenizer: ReasoningTokenizer,
    settings: () => ReasoningSettings,
    drafts: DraftQueue,
    elapsedMs: () => number,
    stopSignal: AbortSignal | undefined,
  ) {
    this.#setup = setup;
    this.#tokenizer = tokenizer;
    this.#settings = settings;
    this.#drafts = drafts;
    this.#elapsedMs = elapsedMs;
    this.#stopSignal = stopSignal;
    const { probe_interval, yes_bias } = setup.params;
    this.#params = { probing: true, probe_interval, yes_bias };
  }

  async *prepare(step: number, session: ReasoningSession): AsyncGenerator<ReasoningEvent, StepPlan> {
    if (this.#isSent) {
      if (step - this.#budgetFrom >= this.#settings().budget) return { kind: 'stop', reason: 'budget' };
      return { kind: 'run', events: this.#record(this.#paramEvents(step, true)) };
    }
    let draft = this.#drafts.take(step);
    if (draft !== undefined) yield this.#read(draft, step);
    let announced: WaitReason | undefined;
    for (;;) {
      const edit = this.#plan();
      if (this.#hasWriterEnded && this.#draft.sent && readableText(this.#draft) === `${this.#inputText}\n`)
        return { kind: 'stop', reason: 'writer_eos' };
      const reason = this.#waitReason(step, session, edit);
      if (reason === undefined) return { kind: 'run', events: this.#record(this.#begin(step, session, edit)) };
      if (reason !== announced) yield { kind: 'waiting', elapsedMs: this.#elapsedMs(), reason };
      announced = reason;
      draft = await this.#drafts.next(this.#stopSignal);
      if (draft === undefined) return { kind: 'stop', reason: this.#reasonToGiveUp(reason) };
      yield this.#read(draft, step);
    }
  }

  /** A writer that ends before the draft was sent leaves the run waiting. */
  continuesAfterEnd(): boolean {
    this.#hasWriterEnded = !this.#isSent;
    return this.#hasWriterEnded;
  }

  finalSetup(numSteps: number, reason: ReasoningStopReason): TraceSetup {
    return {
      ...this.#setup,
      problem: this.#draft.text,
      events: this.#events,
      // With the context full, a replay has to try the step that did not fit.
      params: { ...this.#setup.params, budget: reason === 'context_full' ? numSteps + 1 : numSteps },
    };
  }

  /** Remembered, because most steps find the same draft and the same input. */
  #plan(): DraftEdit {
    if (this.#planned?.draft !== this.#draft || this.#planned.inputIds !== this.#inputIds) {
      const encode = (text: string): number[] => this.#tokenizer.encode(text, { parseSpecial: false });
      const edit = planDraftEdit(this.#inputIds, this.#draft, encode);
      this.#planned = { draft: this.#draft, inputIds: this.#inputIds, edit };
    }
    return this.#planned.edit;
  }

  #read(draft: Draft, step: number): ReasoningEvent {
    this.#draft = { text: draft.text, sent: draft.sent && draft.text.trim() !== '' };
    const { keep, appendIds, heldBackTokens } = this.#plan();
    // Also when a new draft is read before the next step: those thoughts were about something else.
    if (keep + appendIds.length === 0) this.#mustStart = true;
    return {
      kind: 'draftRead',
      elapsedMs: this.#elapsedMs(),
      step,
      draftTokens: keep + appendIds.length,
      heldBackTokens,
      keptTokens: keep,
      addedTokens: appendIds.length,
      removedTokens: this.#inputIds.length - keep,
    };
  }

  #waitReason(step: number, session: ReasoningSession, edit: DraftEdit): WaitReason | undefined {
    if (edit.keep + edit.appendIds.length === 0) return 'emptyDraft';
    if (this.#draft.sent || this.#isRestart(session, edit)) return undefined;
    const { budget, writeBeforeSend } = this.#settings();
    const isThoughtOut = session.state === 'writerOnly' && !session.isWriterStarted && !writeBeforeSend;
    const isSpent = step - this.#budgetFrom >= budget;
    return isSpent || isThoughtOut || this.#hasWriterEnded ? 'budget' : undefined;
  }

  #isRestart(session: ReasoningSession, edit: DraftEdit): boolean {
    const removed = this.#inputIds.length - edit.keep;
    if (this.#hasWriterEnded) return removed + edit.appendIds.length > 0;
    if (this.#mustStart) return true;
    const isOutgrown = this.#begunOn < this.#settings().keepThoughtsFrom * (edit.keep + edit.appendIds.length);
    return !session.isWriterStarted && (removed > MAX_KEPT_EDIT || isOutgrown);
  }

  #reasonToGiveUp(waitedFor: WaitReason): ReasoningStopReason {
    if (this.#stopSignal?.aborted === true || waitedFor !== 'budget') return 'stopped';
    return this.#hasWriterEnded ? 'writer_eos' : 'budget';
  }

  /** Events of a step at which the draft may have changed, in the order in which they act. */
  #begin(step: number, session: ReasoningSession, edit: DraftEdit): TraceInputEvent[] {
    const { sent } = this.#draft;
    const isRestart = this.#isRestart(session, edit);
    const isWriterStarted = session.isWriterStarted && !isRestart;
    // The probe has called the writer, or the thoughts have ended.
    const isCalled = session.state !== 'thinkerOnly' && !isRestart;
    const isWriterStarting = !isWriterStarted && (sent || isCalled);
    const { thinker, writer } = this.#setup.stream_tokens;
    const events = [
      ...this.#paramEvents(step, isWriterStarted || isWriterStarting),
      ...this.#inputEvents(step, edit),
      ...(isRestart ? [{ step, kind: 'start_thinker', ids: thinker } as const] : []),
      ...(isWriterStarting ? [{ step, kind: 'start_writer', ids: writer } as const] : []),
    ];
    if (sent || isRestart) this.#budgetFrom = step;
    this.#hasWriterEnded &&= !isRestart;
    this.#isSent = sent;
    if (isRestart) this.#begunOn = edit.keep + edit.appendIds.length;
    this.#mustStart = false;
    return events;
  }

  #inputEvents(step: number, { keep, appendIds }: DraftEdit): TraceInputEvent[] {
    const removed = this.#inputIds.length - keep;
    this.#inputText = readableText(this.#draft);
    if (removed + appendIds.length > 0) this.#inputIds = [...this.#inputIds.slice(0, keep), ...appendIds];
    if (removed > 0) return [{ step, kind: 'edit_input', keep, ids: appendIds }];
    return appendIds.length > 0 ? [{ step, kind: 'append_input', ids: appendIds }] : [];
  }

  /** @param isWriterDue  whether the writer runs or is about to, so that rule 4 decides about it */
  #paramEvents(step: number, isWriterDue: boolean): TraceInputEvent[] {
    const { probeInterval, yesBias, writeBeforeSend } = this.#settings();
    const before = this.#params;
    const after = { probing: isWriterDue || writeBeforeSend, probe_interval: probeInterval, yes_bias: yesBias };
    this.#params = after;
    const changed = {
      ...(after.probing !== before.probing && { probing: after.probing }),
      ...(after.probe_interval !== before.probe_interval && { probe_interval: after.probe_interval }),
      ...(after.yes_bias !== before.yes_bias && { yes_bias: after.yes_bias }),
    };
    return Object.keys(changed).length > 0 ? [{ step, kind: 'set_params', ...changed }] : [];
  }

  #record(events: TraceInputEvent[]): TraceInputEvent[] {
    this.#events.push(...events);
    return events;
  }
}
