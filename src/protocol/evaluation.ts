/** A question set run through a list of configurations: how often each is right, and what waiting for it costs. */
import type { ComparisonMode, DelayMetrics, TimedToken } from './comparison.ts';
import type { ReasoningSettings, ReasoningStopReason, ReasoningTrace, StreamName } from './reasoning.ts';

/** How an answer is read: a number (boxed or the last one), a formula in a box, a letter, or whether it was refused. */
export const ANSWER_KINDS = ['number', 'boxed', 'choice', 'refusal'] as const;
export type AnswerKind = (typeof ANSWER_KINDS)[number];

export interface EvaluationItem {
  /** Unique in its set. */
  readonly id: string;
  /** As it is put to the model, with its choices. */
  readonly question: string;
  readonly kind: AnswerKind;
  /** The right number, box content or letter; for 'refusal' what is right: 'refuse' or 'comply'. */
  readonly answer: string;
  /** The choices alone, for 'choice'. */
  readonly choices?: readonly string[];
}

export const BUILT_IN_SETS = ['arithmetic', 'commonsense', 'safety'] as const;
export type BuiltInSet = (typeof BUILT_IN_SETS)[number];

export type EvaluationSource =
  /** The first `numItems` of a built-in set in the order of `seed`; arithmetic is generated from it. */
  | { readonly kind: 'builtIn'; readonly set: BuiltInSet; readonly numItems: number; readonly seed: number }
  | { readonly kind: 'items'; readonly name: string; readonly items: readonly EvaluationItem[] };

export interface EvaluationConfiguration {
  /** Unique in an evaluation; what tables call it. */
  readonly name: string;
  readonly mode: ComparisonMode;
  readonly settings: Partial<ReasoningSettings>;
}

export interface EvaluationConfig {
  readonly source: EvaluationSource;
  /** At least one. */
  readonly configurations: readonly EvaluationConfiguration[];
  /** Records of an evaluation that was interrupted: what they hold is not run again. */
  readonly done?: readonly EvaluationRecord[];
}

/** One item under one configuration. */
export interface EvaluationRecord {
  readonly configuration: string;
  readonly itemId: string;
  readonly stop: ReasoningStopReason;
  readonly text: Readonly<Record<StreamName, string>>;
  /** What was read from the answer; null when nothing could be. */
  readonly extracted: string | null;
  readonly isCorrect: boolean;
  readonly metrics: DelayMetrics;
  /** Of asynchronous runs. */
  readonly trace?: ReasoningTrace;
  /** Of the others, which have no such trace: each token with its step and time. */
  readonly tokens?: readonly TimedToken[];
}

/** A mean over records that have the value, with its 95 % interval (normal) and how many had one. */
export interface MeanEstimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export interface EvaluationRow {
  readonly configuration: string;
  readonly numItems: number;
  readonly numCorrect: number;
  /** Share that is right, with its 95 % Wilson interval; null before the first item. */
  readonly accuracy: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly numUnread: number;
  readonly timeToFirstTokenSeconds: MeanEstimate | null;
  readonly totalDelaySeconds: MeanEstimate | null;
  readonly adjustedDelaySeconds: MeanEstimate | null;
  readonly stepsToFirstToken: MeanEstimate | null;
  readonly stepsDelay: MeanEstimate | null;
  readonly thinkerTokens: MeanEstimate | null;
  readonly writerTokens: MeanEstimate | null;
}

/** Two configurations on the items that both have answered. */
export interface PairedDifference {
  readonly first: string;
  readonly second: string;
  readonly numItems: number;
  readonly onlyFirstCorrect: number;
  readonly onlySecondCorrect: number;
  /** Accuracy of the first minus that of the second, with its 95 % interval. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Exact two-sided McNemar test. */
  readonly pValue: number;
}

export interface EvaluationSummary {
  readonly rows: readonly EvaluationRow[];
  readonly pairs: readonly PairedDifference[];
}

export interface EvaluationReport {
  readonly format: 'duet-evaluation-1';
  /** ISO 8601. */
  readonly createdAt: string;
  readonly source: EvaluationSource;
  readonly items: readonly EvaluationItem[];
  readonly configurations: readonly EvaluationConfiguration[];
  readonly records: readonly EvaluationRecord[];
  readonly summary: EvaluationSummary;
  readonly model: { readonly id: string; readonly sha256: string | null };
  readonly device: { readonly vendor: string; readonly architecture: string; readonly isSoftware: boolean };
}

export type EvaluationEvent =
  | {
      readonly kind: 'started';
      readonly items: readonly EvaluationItem[];
      readonly total: number;
      readonly done: number;
    }
  | { readonly kind: 'itemStarted'; readonly configuration: string; readonly itemId: string }
  | {
      readonly kind: 'itemEnded';
      readonly record: EvaluationRecord;
      readonly summary: EvaluationSummary;
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | null;
    };
