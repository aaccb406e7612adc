/** Where two runs part, and why. */
import type { StreamName, TraceState } from './reasoning.ts';

/** Top-2 margins, and distances of probe scores, below this are within what another adapter's rounding can turn over. */
export const NEAR_TIE = 0.05;

/** What a near tie between two tokens means. */
export const NEAR_TIE_WORDS = 'Two tokens were nearly as good as each other, so that rounding decides which is chosen.';

/** One run's side of a difference; what does not apply is absent. */
export interface RunSide {
  /** Null: the run had ended. */
  readonly state: TraceState | null;
  readonly token?: number;
  /** The token's text; for a trace without texts the id. */
  readonly text?: string;
  /** Best logit minus second best, where the token was chosen. */
  readonly margin?: number;
  /** The probe's log-odds for writing on, bias included, and its decision. */
  readonly score?: number;
  readonly yes?: boolean;
  /** What was done in front of the step, such as `append_input`. */
  readonly events?: readonly string[];
}

export interface RunDifference {
  readonly step: number;
  /** 'end': one run has ended in front of this step. */
  readonly what: 'event' | 'state' | 'token' | 'probe' | 'end';
  readonly stream?: StreamName;
  readonly a: RunSide;
  readonly b: RunSide;
  /** Whether rounding on another adapter can have decided it: of a token or a probe, by NEAR_TIE. */
  readonly isNearTie: boolean;
  /** In words. */
  readonly why: string;
}

/** A field of the setups that is not the same. Values as JSON, shortened. */
export interface SetupDifference {
  readonly field: string;
  readonly a: string;
  readonly b: string;
}

export interface RunComparison {
  readonly isEqual: boolean;
  /** Steps that are the same in both, from the first one on. */
  readonly equalSteps: number;
  readonly numSteps: { readonly a: number; readonly b: number };
  readonly setup: readonly SetupDifference[];
  /** Null when every step is the same. */
  readonly first: RunDifference | null;
}
