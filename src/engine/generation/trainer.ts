/** All that `research/` may use of the engine for training. A test double implements the same interface. */
import type { NamedTensor, RowLogProbs, TensorNorm } from '@/protocol/training.ts';

export interface TokenRow {
  readonly promptIds: readonly number[];
  readonly completionIds: readonly number[];
}

/** d loss / d ln p and d loss / d entropy of a row's completion tokens; absent entropies: 0. */
export interface RowGradient {
  readonly logProbs: readonly number[];
  readonly entropies?: readonly number[];
}

export interface PassOptions {
  readonly temperature: number;
  readonly gradientCheckpointing: boolean;
  readonly logitChunkSize: number;
  readonly tokensPerPass: number;
  /** Looked at between short bursts of work. */
  readonly signal: AbortSignal;
  /** Told of work that was recorded, in floating-point operations; for progress. */
  readonly onFlops?: ((flops: number) => void) | undefined;
}

export interface AdamWUpdate {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** From 1. */
  readonly step: number;
  /** What gradients are multiplied by before they are used. */
  readonly gradientScale: number;
}

export interface Trainer {
  /** @param adapter whether the adapter takes part. @returns one entry a row, in order */
  logProbs(rows: readonly TokenRow[], adapter: 'on' | 'off', options: PassOptions): Promise<RowLogProbs[]>;
  clearGradients(): void;
  /**
   * Forward and backward; adds to the gradients.
   *
   * @param gradientOf     called once for every row that has a completion, when its log-probabilities are known: d loss / d of them
   * @param dropoutSeed    of this step's dropout masks
   */
  accumulate(
    rows: readonly TokenRow[],
    gradientOf: (rowIndex: number, result: RowLogProbs) => RowGradient,
    dropoutSeed: number,
    options: PassOptions,
  ): Promise<RowLogProbs[]>;
  /** L2 of every tensor's gradient, in the adapter's order. */
  gradientNorms(): Promise<TensorNorm[]>;
  update(update: AdamWUpdate): void;
  readGradients(): Promise<NamedTensor[]>;
}
