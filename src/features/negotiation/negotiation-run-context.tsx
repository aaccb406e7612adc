import { createContext, useContext } from 'react';
import type { StepUnit, SideOfRow } from '@/protocol/negotiation-api.ts';
import type { DialogueRecord } from '@/protocol/negotiation-run.ts';

/** What steers the negotiation; its state is in the store, as `rollout`. */
export interface NegotiationRun {
  /** A new group about the chosen dilemma, pair and settings; what runs is stopped first. */
  readonly start: (pace?: 'running' | StepUnit) => void;
  /** The same with another seed, which the settings then have. */
  readonly startWithNewSeed: () => void;
  /** The shown group again from its beginning, with its own dilemma, pair, settings and plan. */
  readonly replay: () => void;
  /** What was said is kept. */
  readonly stop: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Goes on until every row's utterance, or turn, is over; then pauses. */
  readonly step: (unit: StepUnit) => void;
  readonly takeOver: (side: SideOfRow) => void;
  readonly release: (side: SideOfRow) => void;
  readonly say: (side: SideOfRow, text: string) => void;
  /** A person's score of 0 to 5; null: no score. */
  readonly answer: (questionId: number, score: number | null) => void;
  /** Another course of a dialogue, from an utterance that is said otherwise. */
  readonly branch: (dialogue: DialogueRecord, utteranceIndex: number, text: string) => void;
}

const NegotiationRunContext = createContext<NegotiationRun | null>(null);

export const NegotiationRunProvider = NegotiationRunContext.Provider;

export function useNegotiationRun(): NegotiationRun {
  const run = useContext(NegotiationRunContext);
  if (run === null) throw new Error('useNegotiationRun needs a NegotiationRunProvider above it.');
  return run;
}
