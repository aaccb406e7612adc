/**
 * All that `research/` may use of the engine: KV blocks, views and one forward.
 * A test double and the CPU oracle implement the same interface.
 */
import type { SamplingSettings } from '@/protocol/generation.ts';

/**
 * Keys and values of one run of tokens, all layers. Keys are rotated at block-local positions 0, 1, 2, ..., so a block
 * can stand anywhere in a view without being touched.
 */
export interface CacheBlock {
  readonly name: string;
  /** Tokens held. */
  readonly length: number;
  /** Keeps the first `length` tokens. @throws {RangeError} if `length` is negative or above the block's length */
  truncate(length: number): void;
  clear(): void;
  /** A new block that shares the first `length` tokens (default all); writing to either leaves the other as it is. */
  fork(name: string, length?: number): CacheBlock;
  [Symbol.dispose](): void;
}

/** Ordered blocks that one row attends to; the last one is written. */
export type CacheView = readonly CacheBlock[];

/** A set of logit biases kept on the GPU. Made once, used by many rows. */
export interface LogitBias {
  [Symbol.dispose](): void;
}

/** What a row wants from the logits at its last token. */
export type RowOutput =
  | { readonly kind: 'none' }
  /** Choose the next token. `step` separates the random draws of one seed. */
  | { readonly kind: 'token'; readonly bias?: LogitBias; readonly sampling?: SamplingSettings; readonly step?: number }
  /** Raw logits of the given ids. */
  | { readonly kind: 'logitsOf'; readonly tokenIds: readonly number[] }
  /** Raw logits of the whole vocabulary. For comparisons: it reads back 4 bytes for every id. */
  | { readonly kind: 'allLogits' };

/** What a row wants to know of its last token's attention. */
export interface AttentionQuestion {
  /** Weights of the single keys: their mean over layers and heads, or the mean over heads in every layer. */
  readonly keys: 'overall' | 'byLayer';
  /** Also one head's vectors. Default false. */
  readonly withHead?: boolean;
}

/** Rows of one forward that can ask for their attention, and blocks of a view that can be told apart. */
export const MAX_READ_ROWS = 2;
export const MAX_READ_BLOCKS = 128;

/** The softmax weights with which a row's last token read its view. */
export interface RowAttention {
  /** [layers][heads][blocks of the view]: sums of weights; every head adds up to 1. */
  readonly mass: readonly (readonly (readonly number[])[])[];
  /** [1 or layers][keys of all blocks in the view's order]; every row adds up to 1. */
  readonly keys: readonly (readonly number[])[];
  readonly head?: HeadVectors;
}

/** The middle layer's first head: its query and, of each block that the row sees, the key it read most. */
export interface HeadVectors {
  readonly layer: number;
  readonly head: number;
  readonly ropeTheta: number;
  /** [headDim], not rotated. */
  readonly query: readonly number[];
  /** `weight` of the token under the head's softmax; `key` [headDim] as it is stored, rotated at `token`. */
  readonly keys: readonly {
    readonly block: number;
    readonly token: number;
    readonly weight: number;
    readonly key: readonly number[];
  }[];
}

/** The layer whose first head `withHead` shows. */
export function shownLayer(numHiddenLayers: number): number {
  return Math.floor(numHiddenLayers / 2);
}

/** Whether the attached adapter, if any, takes part in a row. */
export type AdapterUse = 'on' | 'off';

export interface DecoderRow {
  readonly view: CacheView;
  /** One or more ids, appended to the view's last block. */
  readonly tokenIds: readonly number[];
  readonly output: RowOutput;
  readonly attention?: AttentionQuestion;
  /** 'off': the model as it is, for references and judges. Default 'on'. */
  readonly adapter?: AdapterUse;
}

export interface RowResult {
  /** The chosen id; -1 unless the output was 'token'. */
  readonly tokenId: number;
  /** ln p(tokenId) under softmax((logits + bias) / temperature), temperature 1 when greedy; NaN unless 'token'. */
  readonly logProb: number;
  /** Best five [id, logit] after the bias, descending. */
  readonly top: readonly (readonly [tokenId: number, logit: number])[];
  /** ln sum exp of the raw logits over the vocabulary. */
  readonly logsumexp: number;
  /** Raw logits in the order asked for, or of the whole vocabulary; empty unless 'logitsOf' or 'allLogits'. */
  readonly logits: readonly number[];
  /** Length of each block of the view after the append. */
  readonly lengths: readonly number[];
  /** Rotary offset of the row's first token against each block of the view. */
  readonly rotaryOffsets: readonly number[];
  /** Where it was asked for, unless the view has more than `MAX_READ_BLOCKS` blocks or outgrows the context. */
  readonly attention?: RowAttention;
}

export interface Decoder {
  readonly vocabSize: number;
  /** Tokens that all blocks together can hold. */
  readonly contextLength: number;
  /** Tokens that can still be appended over all blocks. */
  readonly freeTokens: number;
  createBlock(name: string): CacheBlock;
  /** @param bias added to the logits, by token id */
  createLogitBias(bias: ReadonlyMap<number, number>): LogitBias;
  /**
   * One forward: in every layer all rows append their keys and values first, then all rows attend, so a row sees the
   * tokens that other rows append in the same call. Resolves once the work is done, also when nothing is asked for.
   *
   * @throws {Failure} 'contextFull' if the blocks cannot hold the new tokens (nothing is appended then);
   *         'invalidConfig' if more than `MAX_READ_ROWS` rows ask for their attention
   */
  forward(rows: readonly DecoderRow[]): Promise<RowResult[]>;
}
