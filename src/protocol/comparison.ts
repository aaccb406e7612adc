/** Asynchronous thinking beside the ways of answering that it competes with: same model, question, settings and seed. */
import type { ReasoningSettings, ReasoningStopReason, StreamName } from './reasoning.ts';

export const COMPARISON_MODES = ['asynchronous', 'thinkThenAnswer', 'noThinking', 'interleaved'] as const;
export type ComparisonMode = (typeof COMPARISON_MODES)[number];

export interface ComparisonConfig {
  readonly question: string;
  /** Default: all, in the order of `COMPARISON_MODES`. */
  readonly modes?: readonly ComparisonMode[];
  readonly settings?: Partial<ReasoningSettings>;
  /**
   * Speed at which the question is typed, characters per second. The asynchronous run reads it while it is typed, the
   * others begin at Enter. Default 0: the question is there at once.
   */
  readonly typingRate?: number;
}

/** A token of either stream, on the run's own clock. */
export interface TimedToken {
  readonly stream: StreamName;
  readonly text: string;
  readonly step: number;
  /** Since Enter; negative while the question was still being typed. */
  readonly elapsedMs: number;
}

/** What waiting cost. Times count from Enter, prefill included; null when there was no such token. */
export interface DelayMetrics {
  readonly timeToFirstTokenMs: number | null;
  /** To the end of the first sentence of the answer. */
  readonly timeToFirstSentenceMs: number | null;
  /** To the first sound: the first spoken chunk is complete. */
  readonly timeToFirstSpeechMs: number | null;
  readonly totalMs: number;
  readonly steps: number;
  /** Steps up to and with the first answer token, counted from Enter. */
  readonly stepsToFirstToken: number | null;
  /** 1 + last writer step - number of writer tokens. */
  readonly stepsDelay: number | null;
  /** Sum of the silences in front of each spoken chunk. */
  readonly totalDelaySeconds: number;
  /** The same, each silence shortened by one second. */
  readonly adjustedDelaySeconds: number;
  readonly thinkerTokens: number;
  readonly writerTokens: number;
}

export interface ComparisonRun {
  readonly mode: ComparisonMode;
  readonly stop: ReasoningStopReason;
  readonly text: Readonly<Record<StreamName, string>>;
  readonly tokens: readonly TimedToken[];
  readonly metrics: DelayMetrics;
}

export interface Comparison {
  readonly format: 'duet-comparison-1';
  /** ISO 8601. */
  readonly createdAt: string;
  readonly question: string;
  readonly typingRate: number;
  readonly settings: ReasoningSettings;
  readonly model: { readonly id: string; readonly sha256: string | null };
  readonly device: { readonly vendor: string; readonly architecture: string; readonly isSoftware: boolean };
  readonly runs: readonly ComparisonRun[];
}

export type ComparisonEvent =
  | { readonly kind: 'modeStarted'; readonly mode: ComparisonMode; readonly index: number; readonly count: number }
  | {
      readonly kind: 'progressed';
      readonly mode: ComparisonMode;
      readonly token: TimedToken;
      /** Of all modes together, 0 to 1; a run may end before its budget. */
      readonly share: number;
      readonly secondsLeft: number | null;
    }
  | { readonly kind: 'modeEnded'; readonly run: ComparisonRun };
