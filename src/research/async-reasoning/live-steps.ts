/** What happens to the blocks in front of a step of a live run, as events that a replay repeats. */
import type {
  LiveTraceParams,
  ReasoningEvent,
  ReasoningSettings,
  TraceInputEvent,
  TraceSetup,
} from '@/protocol/reasoning.ts';
import { inputViewsOf } from './block-layout.ts';
import { turnFillings } from './design-a-prompts.ts';
import { type EditPolicy, type LiveDraft, policyOf, type ReadMark } from './live-draft.ts';
import { EDIT_NOTE, NEXT_TURN, remarkForThinker, remarkForWriter } from './prompts.ts';
import { liveParamsOf } from './reasoning-setup.ts';
import type { ReasoningSession } from './reasoning-session.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';
import type { ComingStep } from './run-reasoning.ts';

/** Tokens of a long draft that are read before input is looked at again. */
const READ_PIECE = 64;

const PARAM_DEFAULTS: Required<LiveTraceParams> = {
  probe_interval: 0,
  yes_bias: 0,
  margin_threshold: 0,
  hysteresis: 0,
  min_writer_steps: 0,
  probe_at_paragraphs: true,
  paragraph_pause: true,
  thought_budget: 0,
};

export class LiveSteps {
  readonly events: TraceInputEvent[] = [];
  /** Thoughts are to begin (again) as soon as there is something to read. */
  mustStart = true;
  readonly #setup: TraceSetup;
  readonly #tokenizer: ReasoningTokenizer;
  readonly #settings: () => ReasoningSettings;
  readonly #elapsedMs: () => number;
  readonly #remarks: string[] = [];
  #numRemarks = 0;
  /** Notes to the writer that wait for the end of its paragraph. */
  #writerNotes: string[] = [];
  /** Changes of text that was read which have not acted on the thoughts yet. */
  #edit: DraftChange | undefined;
  /** A long draft was read in part. */
  #isReading = false;
  /** Tokens of the draft on which the thoughts began. */
  #begunOn = 0;
  /** The step from which the budget counts. */
  #budgetFrom = 0;
  #params: LiveTraceParams & { readonly probing: boolean };

  constructor(
    setup: TraceSetup,
    tokenizer: ReasoningTokenizer,
    settings: () => ReasoningSettings,
    elapsedMs: () => number,
  ) {
    this.#setup = setup;
    this.#tokenizer = tokenizer;
    this.#settings = settings;
    this.#elapsedMs = elapsedMs;
    this.#params = { ...PARAM_DEFAULTS, ...liveParamsOf(settings()), probing: true };
  }

  /** A remark that was not read yet will give a fresh one. */
  isBudgetSpent(step: ComingStep): boolean {
    return !this.hasRemarks && step.number - this.#budgetFrom >= this.#settings().budget;
  }

  isRestart(session: ReasoningSession, question: LiveDraft, hasWriterEnded: boolean): boolean {
    const { keep, appendIds } = question.plan();
    const removed = question.inputIds.length - keep;
    if (hasWriterEnded) return removed + appendIds.length > 0;
    if (this.mustStart) return true;
    const isOutgrown = this.#begunOn < this.#settings().keepThoughtsFrom * (keep + appendIds.length);
    return isOutgrown && !session.isWriterStarted;
  }

  /** Thoughts have ended, and the writer waits for the draft to be sent. */
  isThoughtOut({ state, isWriterStarted }: ReasoningSession): boolean {
    return state === 'writerOnly' && !isWriterStarted && !this.#settings().writeBeforeSend;
  }

  /** Whether thoughts, or what is written, rest on text that the draft changes. */
  isStale(session: ReasoningSession, question: LiveDraft): boolean {
    const mark = this.#editOf(question, false)?.mark;
    return mark !== undefined && restsOn(mark, session);
  }

  /** Whether the writer does not know of a remark yet. */
  get hasWriterNotes(): boolean {
    return this.#writerNotes.length > 0;
  }

  /** Whether a remark was not read yet. */
  get hasRemarks(): boolean {
    return this.#remarks.length > 0;
  }

  remark(text: string): void {
    this.#remarks.push(text);
  }

  /**
   * The events of a step at which the draft may have changed, in the order in which they act.
   *
   * @returns false as long as only a piece of a long draft was read: input may have come in the meantime
   */
  async *readDraft(step: ComingStep, question: LiveDraft, isRestart: boolean): AsyncGenerator<ReasoningEvent, boolean> {
    const { session } = step;
    const isCalled = !isRestart && this.#isWriterCalled(session);
    const isWriterStarted = !isRestart && session.isWriterStarted;
    await this.#setParams(step, isWriterStarted || question.isSent || isCalled);
    this.#edit = this.#editOf(question, isRestart);
    if (!(yield* this.#readPiece(step, question))) return false;
    const edit = this.#edit;
    this.#edit = undefined;
    const policy = isRestart ? 'restart' : edit && (yield* this.#affect(step, edit));
    await this.#actOn(step, question, policy, edit?.mark);
    if (question.isSent || this.#isWriterCalled(session)) await this.#startWriter(step);
    if (question.isSent) this.#budgetFrom = step.number;
    this.mustStart = false;
    return true;
  }

  /** Whether the probe has called the writer, or the thoughts have ended. */
  #isWriterCalled(session: ReasoningSession): boolean {
    return session.state !== 'thinkerOnly' && !this.isThoughtOut(session);
  }

  /** What becomes of the thoughts. */
  async #actOn(
    step: ComingStep,
    question: LiveDraft,
    policy: EditPolicy | undefined,
    mark: ReadMark | undefined,
  ): Promise<void> {
    if (policy === 'restart') {
      await this.#startThinker(step);
      question.forgetMarks();
      this.#begunOn = question.inputIds.length;
      this.#budgetFrom = step.number;
    } else if (policy === 'rewind' && mark !== undefined) {
      const { thinkerLength: thinker, writerLength: writer } = mark;
      await this.#apply(step, { step: step.number, kind: 'rewind', thinker, writer });
    }
    if (policy !== undefined && this.isBudgetSpent(step)) this.#budgetFrom = step.number;
    // In front of the note and of the writer's prefix: both have seen the new text.
    question.mark(step.session);
    if (policy === 'keep' && this.#settings().reminders) await this.#tellThinker(step, EDIT_NOTE);
  }

  /** The events of a step while the answer is written. */
  async *answer(
    step: ComingStep,
    question: LiveDraft,
    holdEvents: readonly TraceInputEvent[],
  ): AsyncGenerator<ReasoningEvent> {
    await this.#setParams(step, true);
    for (const event of holdEvents) await this.#apply(step, event);
    for (const remark of this.#remarks.splice(0)) {
      yield { kind: 'remarkRead', elapsedMs: this.#elapsedMs(), step: step.number, text: remark };
      await this.#readRemark(step, question, remark);
    }
    await this.#tellWriter(step);
  }

  async nextTurn(step: ComingStep, keepThoughts: boolean): Promise<void> {
    const ids = this.#tokenizer.encode(NEXT_TURN, { parseSpecial: true });
    await this.#apply(step, { step: step.number, kind: 'next_turn', keep_thoughts: keepThoughts, ids });
    this.mustStart = true;
    this.#writerNotes = [];
  }

  /** What changes of the input block do to thoughts; undefined when they only add text. */
  #editOf(question: LiveDraft, isRestart: boolean): DraftChange | undefined {
    if (isRestart) return undefined;
    if (!question.isEdit) return this.#edit;
    const { keep } = question.plan();
    const removed = question.inputIds.length - keep + (this.#edit?.removed ?? 0);
    const mark = question.whenChangedWasRead();
    const isEarlier = (mark?.thinkerLength ?? Infinity) < (this.#edit?.mark?.thinkerLength ?? Infinity);
    return {
      removed,
      policy: policyOf(this.#settings().onEdit, removed),
      mark: isEarlier ? mark : this.#edit?.mark,
    };
  }

  /** @returns whether all of the draft is read */
  async *#readPiece(step: ComingStep, question: LiveDraft): AsyncGenerator<ReasoningEvent, boolean> {
    const { keep, appendIds } = question.plan();
    const piece = appendIds.slice(0, READ_PIECE);
    const isWhole = piece.length === appendIds.length;
    await this.#changeInput(step, keep, question.inputIds.length - keep, piece);
    question.encoded(keep, piece);
    if (!isWhole || this.#isReading) {
      const totalTokens = keep + appendIds.length;
      yield { kind: 'reading', elapsedMs: this.#elapsedMs(), doneTokens: keep + piece.length, totalTokens };
    }
    this.#isReading = !isWhole;
    return isWhole;
  }

  async #changeInput(step: ComingStep, keep: number, removed: number, ids: readonly number[]): Promise<void> {
    for (const name of inputViewsOf(step.session.views)) {
      const view = name === 'input' ? {} : { view: name };
      if (removed > 0) await this.#apply(step, { step: step.number, kind: 'edit_input', keep, ...view, ids });
      else if (ids.length > 0) await this.#apply(step, { step: step.number, kind: 'append_input', ...view, ids });
    }
  }

  /** Says which thoughts rest on changed text. @returns the policy that acts; undefined when there are none */
  *#affect(step: ComingStep, { policy, mark }: DraftChange): Generator<ReasoningEvent, EditPolicy | undefined> {
    const { thinker } = step.session.streams;
    if (mark === undefined || !restsOn(mark, step.session)) return undefined;
    const { tokens, range } = thinker.sampledFrom(mark.thinkerLength);
    const acting = policy === 'rewind' && mark.thinkerLength <= thinker.startLength ? 'restart' : policy;
    const affected = acting === 'restart' ? thinker.sampledFrom(0) : { tokens, range };
    yield {
      kind: 'thoughtsAffected',
      elapsedMs: this.#elapsedMs(),
      step: step.number,
      policy: acting,
      ...affected,
    };
    return acting;
  }

  async #startThinker(step: ComingStep): Promise<void> {
    if (this.#setup.design === 'A')
      for (const { view, text } of turnFillings(step.session.views)) {
        const ids = this.#tokenizer.encode(text, { parseSpecial: true });
        await this.#apply(step, { step: step.number, kind: 'fill', view, ids });
      }
    await this.#apply(step, { step: step.number, kind: 'start_thinker', ids: this.#setup.stream_tokens.thinker });
  }

  async #startWriter(step: ComingStep): Promise<void> {
    if (step.session.isWriterStarted) return;
    await this.#apply(step, { step: step.number, kind: 'start_writer', ids: this.#setup.stream_tokens.writer });
  }

  async #readRemark(step: ComingStep, question: LiveDraft, remark: string): Promise<void> {
    const number = ++this.#numRemarks;
    const ids = this.#encode(`${remark}\n`);
    await this.#changeInput(step, question.inputIds.length, 0, ids);
    question.encoded(question.inputIds.length, ids);
    await this.#tellThinker(step, remarkForThinker(number, remark));
    if (this.#settings().writerReminder !== 'never') this.#writerNotes.push(remarkForWriter(number));
    this.#budgetFrom = step.number;
  }

  /** Thoughts that have ended go on. */
  async #tellThinker(step: ComingStep, note: string): Promise<void> {
    const ids = this.#encode(note);
    const hasEnded = step.session.state === 'writerOnly';
    await this.#apply(
      step,
      hasEnded
        ? { step: step.number, kind: 'wake', stream: 'thinker', ids }
        : { step: step.number, kind: 'inject', stream: 'thinker', ids, choose: false },
    );
  }

  async #tellWriter(step: ComingStep): Promise<void> {
    if (this.#writerNotes.length === 0) return;
    const { session } = step;
    const hasEnded = session.hasWriterEnded;
    const isDue = hasEnded || this.#settings().writerReminder === 'now' || session.isAtParagraphEnd('writer');
    if (!isDue) return;
    const ids = this.#encode(this.#writerNotes.splice(0).join(''));
    await this.#apply(
      step,
      hasEnded
        ? { step: step.number, kind: 'wake', stream: 'writer', ids }
        : { step: step.number, kind: 'inject', stream: 'writer', ids, choose: false },
    );
  }

  /** @param isWriterDue  whether the writer runs or is about to, so that rule 4 decides about it */
  async #setParams(step: ComingStep, isWriterDue: boolean): Promise<void> {
    const settings = this.#settings();
    const before = this.#params;
    const after = {
      ...PARAM_DEFAULTS,
      ...liveParamsOf(settings),
      probing: isWriterDue || settings.writeBeforeSend,
    };
    this.#params = after;
    const keys = Object.keys(after) as (keyof typeof after)[];
    const changed = Object.fromEntries(
      keys.filter((key) => after[key] !== before[key]).map((key) => [key, after[key]]),
    );
    if (Object.keys(changed).length > 0) await this.#apply(step, { step: step.number, kind: 'set_params', ...changed });
  }

  #encode(text: string): number[] {
    return this.#tokenizer.encode(text, { parseSpecial: false });
  }

  async #apply(step: ComingStep, event: TraceInputEvent): Promise<void> {
    this.events.push(event);
    await step.apply(event);
  }
}

/** An edit of text that was read. */
interface DraftChange {
  /** Tokens that were cut. */
  readonly removed: number;
  readonly policy: EditPolicy;
  readonly mark: ReadMark | undefined;
}

function restsOn({ thinkerLength, writerLength }: ReadMark, { streams, isWriterStarted }: ReasoningSession): boolean {
  const hasWritten = isWriterStarted && streams.writer.tokens.length > writerLength;
  return hasWritten || streams.thinker.sampledFrom(thinkerLength).tokens > 0;
}
