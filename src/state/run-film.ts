/** A run as a film: what happened, in order, and what the panel showed after any part of it. */
import { assertNever } from '@/lib/assert.ts';
import { randomId } from '@/lib/random-id.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { RecordingInfo } from '@/protocol/recording.ts';
import type { ReasoningEvent, ReasoningSettings, ReasoningTrace } from '@/protocol/reasoning.ts';
import type { ModelView } from './model-view.ts';
import { applyReasoningEvents } from './reasoning-reducer.ts';
import { EMPTY_REASONING_VIEW, inputModeOf, isRunActive, isTurnOver, withNextTurn } from './reasoning-view.ts';
import type { ReasoningView } from './reasoning-view.ts';

/** `atMs`: the page's clock of a live run, the run's own of a recorded one. */
export type RunItem = { readonly atMs: number } & (
  | { readonly kind: 'begun' }
  | { readonly kind: 'event'; readonly event: ReasoningEvent }
  /** The text box as it stood; `sent` after Enter, which empties it. */
  | { readonly kind: 'draft'; readonly text: string; readonly sent: boolean }
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'pause' | 'resume' | 'stop' }
  /** `trace` is null when the run was cancelled before it had one. */
  | { readonly kind: 'ended'; readonly trace: ReasoningTrace | null }
  | { readonly kind: 'failed'; readonly failure: FailureMessage }
);

export type RunFacts = Pick<RecordingInfo, 'model' | 'device' | 'settings'>;

/** What the page's own run is made with, beside what its recording says; a scenario of it names the same. */
export interface RunMaker {
  readonly model: Pick<ModelView, 'info' | 'sourceId'>;
  /** Of the attached adapter; null: none. */
  readonly adapter: string | null;
  readonly settings: ReasoningSettings;
  /** Whether one was changed while it ran. */
  readonly wereSettingsChanged: boolean;
}

/** What is shown at one moment of a run. */
export interface RunMoment {
  readonly view: ReasoningView;
  /** What stood in the text box. */
  readonly draft: string;
}

export const EMPTY_MOMENT: RunMoment = { view: EMPTY_REASONING_VIEW, draft: '' };

export function applyItem(moment: RunMoment, item: RunItem): RunMoment {
  const { view, draft } = moment;
  switch (item.kind) {
    case 'begun':
      return { view: { ...EMPTY_REASONING_VIEW, phase: 'starting', startedAtMs: item.atMs }, draft: '' };
    case 'event':
      return { view: applyReasoningEvents(view, [item.event], item.atMs), draft };
    case 'draft':
      return { view: withDraft(view, item.text, item.sent, item.atMs), draft: item.sent ? '' : item.text };
    case 'remark': {
      const remark = { text: item.text, step: null, thinkerOffset: null, writerOffset: null };
      return { view: { ...view, remarks: [...view.remarks, remark] }, draft: '' };
    }
    case 'pause':
    case 'resume':
      return { view: withPause(view, item.kind === 'pause'), draft };
    case 'stop':
      return moment;
    case 'ended':
      return { view: withEnd(view, item.trace), draft };
    case 'failed':
      return { view: { ...withoutWaits(view), phase: 'failed', failure: item.failure }, draft };
    default:
      return assertNever(item);
  }
}

/** Behind an answer the first letter begins the next turn; while one is written, the box holds a remark. */
function withDraft(before: ReasoningView, text: string, sent: boolean, atMs: number): ReasoningView {
  const isRemark = inputModeOf(before) === 'remark';
  const view = !isRemark && isTurnOver(before) && text.trim() !== '' ? withNextTurn(before) : before;
  if (!sent || !isRunActive(view) || view.sentMs !== null) return view;
  return {
    ...view,
    question: text,
    sentMs: atMs - view.startedAtMs,
    sentSteps: [...view.sentSteps, view.steps.length],
  };
}

/** Going on shows at once; holding shows when the run tells that it waits. */
function withPause(view: ReasoningView, isPaused: boolean): ReasoningView {
  if (isPaused || view.waitingFor !== 'paused') return { ...view, isPaused };
  const waitingFor = view.waitingBehindPause;
  return {
    ...view,
    isPaused,
    waitingFor,
    waitingBehindPause: null,
    phase: waitingFor === null ? 'running' : 'waiting',
  };
}

function withEnd(view: ReasoningView, trace: ReasoningTrace | null): ReasoningView {
  const stopReason = view.stopReason ?? trace?.result.final.stop ?? 'stopped';
  return { ...withoutWaits(view), phase: 'ended', stopReason, trace };
}

function withoutWaits(view: ReasoningView): ReasoningView {
  return { ...view, waitingFor: null, isPaused: false, reading: null };
}

interface Checkpoint {
  /** Items in front of it. */
  readonly count: number;
  readonly moment: RunMoment;
}

const FIRST_SPACING = 32;
/** Every checkpoint holds lists as long as the run was then, so that there may not be too many. */
const MAX_CHECKPOINTS = 192;

/**
 * Grows while a run goes on. Any moment is made by folding the items behind the nearest checkpoint in front of it, so
 * that going back and forth costs the same everywhere in a run of thousands of steps.
 */
export class RunFilm {
  readonly #items: RunItem[] = [];
  /** Index = step: items up to and including the one that made it. */
  readonly #countOfStep: number[] = [];
  #checkpoints: Checkpoint[] = [{ count: 0, moment: EMPTY_MOMENT }];
  #spacing = FIRST_SPACING;
  #newest: Checkpoint = { count: 0, moment: EMPTY_MOMENT };
  #cursor: Checkpoint = { count: 0, moment: EMPTY_MOMENT };
  #id: string | undefined;

  /** With what the run was made; null where a recording tells that. */
  readonly facts: RunFacts | null;

  constructor(items: readonly RunItem[] = [], facts: RunFacts | null = null) {
    this.facts = facts;
    let plain: ReasoningEvent[] = [];
    let atMs = 0;
    const pushPlain = (): void => {
      if (plain.length > 0) this.pushEvents(plain, atMs);
      plain = [];
    };
    for (const item of items) {
      const event = this.#plainStep(item);
      if (event === undefined || plain.length >= FIRST_SPACING) pushPlain();
      atMs = item.atMs;
      if (event === undefined) this.push(item);
      else plain.push(event);
    }
    pushPlain();
  }

  /** Made when it is first asked for: a recording of this run has it, however often it is saved. */
  get id(): string {
    return (this.#id ??= randomId());
  }

  get items(): readonly RunItem[] {
    return this.#items;
  }

  get numSteps(): number {
    return this.#countOfStep.length;
  }

  /** The moment after everything so far. */
  get newest(): RunMoment {
    return this.#newest.moment;
  }

  push(item: RunItem): void {
    this.#append(item);
    this.#advance(applyItem(this.#newest.moment, item));
  }

  /** Events that arrived together; lists are copied once for all of them. */
  pushEvents(events: readonly ReasoningEvent[], atMs: number): void {
    for (const event of events) this.#append({ kind: 'event', event, atMs });
    const { view, draft } = this.newest;
    this.#advance({ view: applyReasoningEvents(view, events, atMs), draft });
  }

  /**
   * @param count  items to take in, from the first one on; 0 to `items.length`
   */
  momentAfter(count: number): RunMoment {
    if (count >= this.#items.length) return this.newest;
    const behind = this.#checkpoints.findLast((checkpoint) => checkpoint.count <= count);
    const start = this.#cursor.count <= count && this.#cursor.count >= (behind?.count ?? 0) ? this.#cursor : behind;
    let moment = start?.moment ?? EMPTY_MOMENT;
    for (const item of this.#items.slice(start?.count ?? 0, count)) moment = applyItem(moment, item);
    this.#cursor = { count, moment };
    return moment;
  }

  /** Items up to and including the one that made `step`; 0 in front of the first step. */
  countOfStep(step: number): number {
    return this.#countOfStep[Math.min(step, this.numSteps - 1)] ?? 0;
  }

  /** The newest step among the first `count` items; -1 when there is none. */
  stepAt(count: number): number {
    let low = 0;
    let high = this.#countOfStep.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#countOfStep[middle] ?? Infinity) <= count) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** A step from which nothing is made but what it adds; those may be folded together, whatever the clock was. */
  #plainStep(item: RunItem): ReasoningEvent | undefined {
    if (item.kind !== 'event' || item.event.kind !== 'stepped') return undefined;
    const { event } = item;
    const isCut = event.cut !== undefined || event.step.events !== undefined;
    const mayBeFirstAnswer = event.writerText !== '' && this.newest.view.firstAnswerMs === null;
    return isCut || mayBeFirstAnswer ? undefined : event;
  }

  #append(item: RunItem): void {
    this.#items.push(item);
    if (item.kind === 'event' && item.event.kind === 'stepped') this.#countOfStep.push(this.#items.length);
  }

  #advance(moment: RunMoment): void {
    this.#newest = { count: this.#items.length, moment };
    const last = this.#checkpoints.at(-1)?.count ?? 0;
    if (this.#items.length - last < this.#spacing) return;
    this.#checkpoints.push(this.#newest);
    if (this.#checkpoints.length <= MAX_CHECKPOINTS) return;
    this.#checkpoints = this.#checkpoints.filter((_, index) => index % 2 === 0);
    this.#spacing *= 2;
  }
}
