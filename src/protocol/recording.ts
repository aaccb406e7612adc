/**
 * A run as one file: a trace (`async-trace-1`, as the reference traces) with what the page needs to play it again
 * without a model: times, texts and what the person did.
 */
import type { ReasoningEvent, ReasoningSettings, ReasoningTrace } from './reasoning.ts';

/** What the person did, on the run's clock. */
export type RecordedInput =
  | { readonly kind: 'draft'; readonly elapsedMs: number; readonly text: string; readonly sent: boolean }
  | { readonly kind: 'remark'; readonly elapsedMs: number; readonly text: string }
  | { readonly kind: 'pause'; readonly elapsedMs: number }
  | { readonly kind: 'resume'; readonly elapsedMs: number }
  | { readonly kind: 'stop'; readonly elapsedMs: number };

type Stepped = Extract<ReasoningEvent, { kind: 'stepped' }>;

/** The worker's events in their order; a step's record stands in `result.steps`, the setup in `setup`. */
export type RecordedEvent =
  | Exclude<ReasoningEvent, { kind: 'started' } | { kind: 'stepped' }>
  | { readonly kind: 'started'; readonly elapsedMs: number }
  | (Omit<Stepped, 'step' | 'state'> & { readonly step: number });

export interface RecordingInfo {
  readonly version: 1;
  /** Unique; a run that is imported twice is kept once. */
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The script that made it, for runs that ship with the page; absent: recorded on a page. */
  readonly madeBy?: string;
  readonly model: { readonly id: string; readonly name: string; readonly sha256: string | null };
  readonly device: { readonly vendor: string; readonly architecture: string; readonly isSoftware: boolean };
  readonly settings: Partial<ReasoningSettings>;
  readonly inputs: readonly RecordedInput[];
  readonly events: readonly RecordedEvent[];
}

export interface Recording extends ReasoningTrace {
  readonly recording: RecordingInfo;
}
