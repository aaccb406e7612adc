/** What the page shows of a run of the generator, built from its events, and the dilemmas that wait for a look. */
import { assertNever } from '@/lib/assert.ts';
import type { Dilemma } from '@/protocol/negotiation.ts';
import type { GeneratorEvent } from '@/protocol/negotiation-api.ts';
import type { FailureMessage } from '@/protocol/failures.ts';

/** Rejected texts and goals that are shown; the older ones are only counted. */
const MAX_SHOWN = 200;

export type GenerationEntry = Exclude<GeneratorEvent, { readonly kind: 'accepted' }> | AcceptedEntry;

interface AcceptedEntry {
  readonly kind: 'accepted';
  readonly goal: string;
}

export interface GenerationView {
  readonly phase: 'none' | 'running' | 'stopping' | 'complete' | 'stopped' | 'failed';
  /** Dilemmas that were asked for, and that were accepted. */
  readonly total: number;
  readonly done: number;
  /** Answers of the model. */
  readonly numCalls: number;
  readonly numGoals: number;
  readonly numRejectedGoals: number;
  readonly numRejected: number;
  /** Newest first, each under its number. */
  readonly entries: readonly { readonly number: number; readonly entry: GenerationEntry }[];
  readonly failure: FailureMessage | null;
}

export const NO_GENERATION: GenerationView = {
  phase: 'none',
  total: 0,
  done: 0,
  numCalls: 0,
  numGoals: 0,
  numRejectedGoals: 0,
  numRejected: 0,
  entries: [],
  failure: null,
};

/** An accepted dilemma before it belongs to the visitor's. */
export interface ReviewItem {
  readonly dilemma: Dilemma;
  readonly isWanted: boolean;
}

export function startedGeneration(total: number): GenerationView {
  return { ...NO_GENERATION, phase: 'running', total };
}

/** Every event is one answer of the model. */
export function applyGeneratorEvent(view: GenerationView, event: GeneratorEvent): GenerationView {
  const number = view.numCalls + 1;
  const entry: GenerationEntry = event.kind === 'accepted' ? { kind: 'accepted', goal: event.dilemma.goal } : event;
  const next = { ...view, numCalls: number, entries: [{ number, entry }, ...view.entries].slice(0, MAX_SHOWN) };
  switch (event.kind) {
    case 'goalsProposed':
      return {
        ...next,
        numGoals: view.numGoals + event.goals.length,
        numRejectedGoals: view.numRejectedGoals + event.rejected.length,
      };
    case 'rejected':
      return { ...next, numRejected: view.numRejected + 1 };
    case 'accepted':
      return { ...next, done: event.done, total: event.total };
    default:
      return assertNever(event);
  }
}

/** What was accepted joins those that wait, each once. */
export function reviewWith(review: readonly ReviewItem[], events: readonly GeneratorEvent[]): readonly ReviewItem[] {
  const known = new Set(review.map(({ dilemma }) => dilemma.id));
  const fresh = events.flatMap((event) =>
    event.kind === 'accepted' && !known.has(event.dilemma.id) ? [{ dilemma: event.dilemma, isWanted: true }] : [],
  );
  return fresh.length === 0 ? review : [...review, ...fresh];
}

/** Each once, as it is now. */
export function reviewTogether(before: readonly ReviewItem[], now: readonly ReviewItem[]): readonly ReviewItem[] {
  const waiting = new Set(now.map(({ dilemma }) => dilemma.id));
  return [...before.filter(({ dilemma }) => !waiting.has(dilemma.id)), ...now];
}

export function endedGeneration(view: GenerationView, failure: FailureMessage | null): GenerationView {
  if (failure === null) return { ...view, phase: view.phase === 'stopping' ? 'stopped' : 'complete' };
  return failure.code === 'cancelled' ? { ...view, phase: 'stopped' } : { ...view, phase: 'failed', failure };
}

export function isGenerating({ phase }: GenerationView): boolean {
  return phase === 'running' || phase === 'stopping';
}
