/**
 * What was read: attention of a row's newest token over the blocks of its view, and views recomputed from scratch.
 * Names in traces are snake_case, as in `reasoning.ts`.
 */
import type { ReasoningTrace, StreamName } from './reasoning.ts';

/** Attention of a row's newest token, averaged over heads. In every layer the masses add up to 1. */
export interface TraceAttention {
  /** [layers][blocks of the row's view], rounded to 1e-5. */
  readonly mass: readonly (readonly number[])[];
  /** Most-read tokens over all layers and heads, descending, at most 16: block in the view, token in the block, mass. */
  readonly most_read: readonly (readonly [block: number, token: number, mass: number])[];
  /** One head's vectors; in the first row of a stream and in every eighth after it. */
  readonly head?: TraceHead;
}

/** Query and keys of one attention head, rounded to 1e-4. */
export interface TraceHead {
  readonly layer: number;
  readonly head: number;
  readonly rope_theta: number;
  /** [headDim], not rotated. */
  readonly query: readonly number[];
  /** Of each block that the row sees, the token that this head read most; `key` as it is stored, rotated at `token`. */
  readonly keys: readonly {
    readonly block: number;
    readonly token: number;
    readonly mass: number;
    readonly key: readonly number[];
  }[];
}

/** Which attention to read from a finished or running trace; it is rebuilt on the device up to the last step asked for. */
export interface AttentionRequest {
  readonly trace: ReasoningTrace;
  /** Steps in which `stream` ran. Default: the last one. */
  readonly steps?: readonly number[];
  /** Default 'writer'. */
  readonly stream?: StreamName;
}

export interface AttentionReading {
  readonly step: number;
  readonly stream: StreamName;
  readonly view: readonly string[];
  /** Of the view's blocks. */
  readonly lengths: readonly number[];
  /** [layers][heads][blocks]; each head adds up to 1. */
  readonly mass: readonly (readonly (readonly number[])[])[];
  /** [layers][keys of all blocks in the view's order], averaged over heads; each layer adds up to 1. */
  readonly keys: readonly (readonly number[])[];
}

/** Recomputes the views of a step from scratch. */
export interface CheckRequest {
  readonly trace: ReasoningTrace;
  /** Default: the last one. */
  readonly step?: number;
}

/** One stream's next-token logits, from the run's blocks and from a fresh prefill of the same tokens in one block. */
export interface CheckRow {
  readonly stream: StreamName;
  readonly view: readonly string[];
  readonly lengths: readonly number[];
  /** Largest absolute difference over the vocabulary. */
  readonly maxLogitDifference: number;
  /** KL(fresh || run) of the next-token distributions, nats. */
  readonly klNats: number;
  /** Best token of each. */
  readonly best: { readonly run: number; readonly fresh: number };
  readonly bestText: { readonly run: string; readonly fresh: string };
  /** 'exact': the method promises the same numbers up to rounding. 'stale': parts were encoded in an older context. */
  readonly expected: 'exact' | 'stale';
  /** Why it is stale, in the words of the page; '' when exact. */
  readonly reason: string;
  /** Tokens of the view whose keys and values were computed in another context than the fresh prefill's. */
  readonly staleTokens: number;
}

export interface CheckReport {
  readonly step: number;
  readonly rows: readonly CheckRow[];
  /** What counts as zero for f32. */
  readonly tolerance: number;
  /** Largest difference between the rebuilt run's logits and those recorded in the trace (best five, log-sum-exp). */
  readonly rebuildDifference: number;
}

/** While a trace is rebuilt. */
export interface RebuildProgress {
  readonly kind: 'rebuilding';
  readonly doneSteps: number;
  readonly totalSteps: number;
  readonly secondsLeft: number | null;
}
