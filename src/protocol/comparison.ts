/** Asynchronous thinking beside the ways of answering that it competes with: same model, question, settings and seed. */
import type { ChatModelConfig } from './chat.ts';
import type { FailureMessage } from './failures.ts';
import type { ReasoningSettings, ReasoningStopReason, StreamName } from './reasoning.ts';

export const COMPARISON_MODES = ['asynchronous', 'thinkThenAnswer', 'noThinking', 'interleaved'] as const;
export type ComparisonMode = (typeof COMPARISON_MODES)[number];

/** What people read. */
export const COMPARISON_MODE_NAMES: Readonly<Record<ComparisonMode, string>> = {
  asynchronous: 'Asynchronous',
  thinkThenAnswer: 'Think first',
  noThinking: 'No thinking',
  interleaved: 'Interleaved',
};

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

/** Other engines; what they keep to themselves, such as steps, is not known of their answers. */
export const OTHER_MODEL_KINDS = ['webLlm', 'endpoint'] as const;
export type OtherModelKind = (typeof OTHER_MODEL_KINDS)[number];
export type OtherModelConfig = Extract<ChatModelConfig, { readonly kind: OtherModelKind }>;

/** What a record says of another model: no key, and an address without name, password and parameters. */
export type OtherModel =
  | { readonly kind: 'webLlm'; readonly model: string }
  | { readonly kind: 'endpoint'; readonly model: string; readonly url: string };

/** As the page takes it: other models answer the same question, one after the other, when the engine's ways have run. */
export interface ComparisonWithOthersConfig extends ComparisonConfig {
  /** At most one of each kind. Default: none. */
  readonly others?: readonly OtherModelConfig[];
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

/** What another model sent at once: usually a token. */
export interface TimedPiece {
  readonly stream: StreamName;
  readonly text: string;
  /** Since it was asked. */
  readonly elapsedMs: number;
}

/** The same figures, each null where it is not known. */
export type KnownMetrics = { readonly [Key in keyof DelayMetrics]: DelayMetrics[Key] | null };

export interface OtherRun {
  readonly model: OtherModel;
  /** 'failed': it gave no answer, or broke off; `failure` says why. */
  readonly stop: ReasoningStopReason | 'failed';
  readonly failure: FailureMessage | null;
  readonly text: Readonly<Record<StreamName, string>>;
  readonly pieces: readonly TimedPiece[];
  /** Of its tokens only those are counted that it counts itself: with thoughts, their number is in `numTokens` alone. */
  readonly metrics: KnownMetrics;
  /** Thoughts and answer together; null where it does not count them. */
  readonly numTokens: number | null;
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
  /** Left out where no other model was asked. */
  readonly others?: readonly OtherRun[];
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

/** What the page adds while another model is asked. */
export type OtherModelEvent =
  | { readonly kind: 'otherStarted'; readonly model: OtherModel }
  /** `share` as above, of the other models' answers too. */
  | {
      readonly kind: 'otherProgressed';
      readonly other: OtherModelKind;
      readonly piece: TimedPiece;
      readonly share: number;
    }
  | { readonly kind: 'otherEnded'; readonly run: OtherRun };
