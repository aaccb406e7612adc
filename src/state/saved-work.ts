/**
 * What the block cache saves: the work of encoding every view afresh in each step, less what the run computed.
 *
 * A view of n tokens, m of them new, costs
 *   FLOPs = 2 m P + 4 L H D sum(t = n - m + 1 .. n) t
 * with P the parameters of the layers' matrices, L layers, H query heads of dimension D; the sum counts the keys that
 * each new token attends to (q k and p v are 2 H D each per key). The output matrix is left out: both ways need one row
 * of logits. Each computed token writes keys and values of 2 L K D numbers, K being the key-value heads.
 */
import type { ModelInfo } from '@/protocol/model.ts';
import type { TraceStep } from '@/protocol/reasoning.ts';

export type ModelSizes = Pick<
  ModelInfo,
  | 'hiddenSize'
  | 'intermediateSize'
  | 'numHiddenLayers'
  | 'numAttentionHeads'
  | 'numKeyValueHeads'
  | 'headDim'
  | 'kvType'
>;

/** Tokens can be counted without a model. */
export const NO_MODEL: ModelSizes = {
  hiddenSize: 0,
  intermediateSize: 0,
  numHiddenLayers: 0,
  numAttentionHeads: 0,
  numKeyValueHeads: 0,
  headDim: 0,
  kvType: 'f32',
};

/** One forward of one view. */
export interface ForwardSize {
  /** Keys that its last token attends to, itself included. */
  readonly viewTokens: number;
  readonly newTokens: number;
}

export interface SavedWork {
  /** Tokens that were encoded, and those that encoding each view afresh would have. */
  readonly computedTokens: number;
  readonly freshTokens: number;
  readonly computedFlops: number;
  readonly freshFlops: number;
}

export const NO_WORK: SavedWork = { computedTokens: 0, freshTokens: 0, computedFlops: 0, freshFlops: 0 };

/** @returns parameters of the matrices of all layers: q and o, k and v, and the three of the feed-forward */
export function matrixParameters(model: ModelSizes): number {
  const { hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads, numKeyValueHeads, headDim } = model;
  const attention = 2 * hiddenSize * headDim * (numAttentionHeads + numKeyValueHeads);
  return numHiddenLayers * (attention + 3 * hiddenSize * intermediateSize);
}

/** @returns bytes of keys and values of one token in all layers */
export function kvBytesPerToken({ numHiddenLayers, numKeyValueHeads, headDim, kvType }: ModelSizes): number {
  return 2 * numHiddenLayers * numKeyValueHeads * headDim * (kvType === 'f16' ? 2 : 4);
}

/** @returns FLOPs of a forward, as in the formula on top */
export function forwardFlops(model: ModelSizes, { viewTokens, newTokens }: ForwardSize): number {
  const keys = (newTokens * (2 * viewTokens - newTokens + 1)) / 2;
  const perKey = 4 * model.numHiddenLayers * model.numAttentionHeads * model.headDim;
  return 2 * newTokens * matrixParameters(model) + perKey * keys;
}

/**
 * A record of a trace: the distance from the last block's first token to the forward's first new one says how many were
 * new. Without lengths nothing is known, and nothing counted.
 */
export function forwardSize({
  lengths,
  loc,
}: {
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
}): ForwardSize {
  const last = lengths.at(-1) ?? 0;
  return { viewTokens: lengths.reduce((sum, length) => sum + length, 0), newTokens: last - (loc.at(-1) ?? last) };
}

/** What one step computed, and what encoding the views of its rows and its probe afresh would have. */
export function workOfStep(model: ModelSizes, step: TraceStep): SavedWork {
  const views = [...step.rows, ...(step.probe === undefined ? [] : [step.probe])].map(forwardSize);
  const events = (step.events ?? []).map(forwardSize);
  const fresh = views.map(({ viewTokens }) => ({ viewTokens, newTokens: viewTokens }));
  return totalOf(model, [...views, ...events], fresh);
}

export function addWork(a: SavedWork, b: SavedWork): SavedWork {
  return {
    computedTokens: a.computedTokens + b.computedTokens,
    freshTokens: a.freshTokens + b.freshTokens,
    computedFlops: a.computedFlops + b.computedFlops,
    freshFlops: a.freshFlops + b.freshFlops,
  };
}

function totalOf(model: ModelSizes, computed: readonly ForwardSize[], fresh: readonly ForwardSize[]): SavedWork {
  const tokens = (sizes: readonly ForwardSize[]): number => sizes.reduce((sum, { newTokens }) => sum + newTokens, 0);
  const flops = (sizes: readonly ForwardSize[]): number =>
    sizes.reduce((sum, size) => sum + forwardFlops(model, size), 0);
  return {
    computedTokens: tokens(computed),
    freshTokens: tokens(fresh),
    computedFlops: flops(computed),
    freshFlops: flops(fresh),
  };
}

/** Running totals over the steps of a run: what was summed once is not summed again. */
export class WorkTotals {
  readonly #model: ModelSizes;
  #summed: TraceStep[] = [];
  /** Index = step; everything up to and with it. */
  #totals: SavedWork[] = [];

  constructor(model: ModelSizes) {
    this.#model = model;
  }

  /** Of the steps up to and with `step`; nothing for a step that there is not. */
  upTo(steps: readonly TraceStep[], step: number): SavedWork {
    const last = Math.min(this.#summed.length, steps.length) - 1;
    const isAnotherRun = last >= 0 && steps[last] !== this.#summed[last];
    if (isAnotherRun) {
      this.#summed = [];
      this.#totals = [];
    }
    for (const record of steps.slice(this.#summed.length, step + 1)) {
      this.#totals.push(addWork(this.#totals.at(-1) ?? NO_WORK, workOfStep(this.#model, record)));
      this.#summed.push(record);
    }
    return this.#totals[step] ?? NO_WORK;
  }
}
