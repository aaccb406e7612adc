/** Choosing the probe's threshold for a model, from a few warm-up questions. */
import type { ReasoningSettings } from './reasoning.ts';

/**
 * What calibration asks where it is given no questions: short, of three kinds (reckoning, explaining, listing), so that
 * answers of one and of several paragraphs occur. Written for this purpose.
 */
export const WARM_UP_QUESTIONS: readonly string[] = [
  'A shop sells 24 apples in the morning and 18 in the afternoon. How many does it sell in all?',
  'Why does ice float on water?',
  'Name three animals that lay eggs and say where each of them lives.',
];
export const CALIBRATION_STEPS = 60;
export const CALIBRATION_TARGET_SHARE = 0.6;

export interface CalibrationConfig {
  /** Default: `WARM_UP_QUESTIONS`. */
  readonly questions?: readonly string[];
  /** Steps per question and pass. Default `CALIBRATION_STEPS`. */
  readonly steps?: number;
  /** Share of probes that are to say yes, 0 to 1. Default `CALIBRATION_TARGET_SHARE`. */
  readonly targetShare?: number;
  /** What the run is to be set with; its yesBias and hysteresis stay as they are. */
  readonly settings?: Partial<ReasoningSettings>;
}

export type CalibrationEvent = {
  readonly kind: 'progressed';
  readonly pass: 1 | 2;
  readonly question: string;
  readonly questionIndex: number;
  readonly questionCount: number;
  readonly step: number;
  readonly steps: number;
  /** Margins of the probes so far, yes minus no, without bias. */
  readonly margins: readonly number[];
  /** The threshold that this pass runs with. */
  readonly marginThreshold?: number;
  readonly secondsLeft: number | null;
};

/** One pass over the questions under one threshold. */
export interface CalibrationPass {
  readonly marginThreshold: number;
  /** [question][probe], yes minus no, without bias, nats. */
  readonly margins: readonly (readonly number[])[];
  /** Share of probes that said yes. */
  readonly yesShare: number;
  /** Share of steps in which the writer ran. */
  readonly writingShare: number;
}

export interface CalibrationReport {
  readonly questions: readonly string[];
  readonly targetShare: number;
  readonly settings: ReasoningSettings;
  /** With the settings as they were. */
  readonly before: CalibrationPass;
  /** With the threshold that was chosen. */
  readonly after: CalibrationPass;
  /** To be set. */
  readonly marginThreshold: number;
  /** What was done and what came of it, in one or two sentences. */
  readonly summary: string;
}
