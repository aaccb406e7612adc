/**
 * The transformer on the CPU, written to be read and trusted: llama, qwen2 (q, k, v biases) and qwen3 (q and k norms),
 * over KV blocks and views. Weights are f32, everything else double precision. No Node and no browser API.
 *
 * Per layer, for all rows together:
 *   x = norm(h)            q, k, v = linear(x) (+ bias), qwen3: q, k = norm per head
 *   append rho(k, block-local position) and v of every row, then attend
 *   score(s, l of block b) = rho(q_s, offset_b + s) . k_l / sqrt(K), visible when l <= offset_b + s
 *   h = h + o(softmax over all blocks of the view)
 *   h = h + down(silu(gate(norm(h))) * up(norm(h)))
 *
 * Letters: S new tokens of a row, D hiddenSize, H query heads, Hkv KV heads, K headDim, F intermediateSize, V vocabSize.
 */
import { assert, at } from '@/lib/assert.ts';
import type { ReferenceBlock } from './block.reference.ts';
import type { ModelConfig } from './model-config.ts';
import { ropeFrequenciesReference, rotateReference } from './rope.reference.ts';

/** Matrices are [rows = outputs][columns = inputs], row-major, in Hugging Face's row order (split-half rotation). */
export interface ReferenceLayerWeights {
  /** [D] */
  readonly inputLayernorm: Float32Array;
  /** [H*K, D] */
  readonly qProj: Float32Array;
  /** [Hkv*K, D] */
  readonly kProj: Float32Array;
  /** [Hkv*K, D] */
  readonly vProj: Float32Array;
  /** [D, H*K] */
  readonly oProj: Float32Array;
  /** [H*K], [Hkv*K], [Hkv*K]; only with attention bias. */
  readonly qBias?: Float32Array;
  readonly kBias?: Float32Array;
  readonly vBias?: Float32Array;
  /** [K]; only with q and k norms. */
  readonly qNorm?: Float32Array;
  readonly kNorm?: Float32Array;
  /** [D] */
  readonly postAttentionLayernorm: Float32Array;
  /** [F, D] */
  readonly gateProj: Float32Array;
  /** [F, D] */
  readonly upProj: Float32Array;
  /** [D, F] */
  readonly downProj: Float32Array;
}

export interface ReferenceWeights {
  /** [V, D] */
  readonly embedTokens: Float32Array;
  readonly layers: readonly ReferenceLayerWeights[];
  /** [D] */
  readonly norm: Float32Array;
  /** [V, D]; absent when tied to `embedTokens`. */
  readonly lmHead?: Float32Array;
}

export interface ReferenceModel {
  readonly config: ModelConfig;
  readonly weights: ReferenceWeights;
}

export interface ReferenceRow {
  /** Blocks that the row attends to, in order; the last one receives the new keys and values. */
  readonly view: readonly ReferenceBlock[];
  /** [S], S >= 1 */
  readonly tokenIds: readonly number[];
}

export interface ReferenceOptions {
  /** Return the residual stream of all layers. Default false. */
  readonly collectHidden?: boolean;
  /** Return the last token's attention weights and queries of all layers. Default false. */
  readonly collectAttention?: boolean;
  /** Return logits of all S positions, not only of the last. Default false. */
  readonly allPositions?: boolean;
  /**
   * 'queries' rotates a copy of the query per block (what the engine does); 'keys' rotates every block to its place in
   * the view and the query to its view position (the textbook way). Equal up to rounding. Default 'queries'.
   */
  readonly rotate?: 'queries' | 'keys';
}

export interface ReferenceRowResult {
  /** Raw logits, [V] of the last position, or [S, V] with `allPositions`. */
  readonly logits: Float64Array;
  /** Length of each block of the view after the append. */
  readonly lengths: readonly number[];
  /** Rotary offset of the first new token against each block of the view. */
  readonly rotaryOffsets: readonly number[];
  /** With `collectHidden`: [S, D] after the embedding, then after each layer: L + 1 entries. */
  readonly hidden?: readonly Float64Array[];
  /** With `collectAttention`: of the last token, per layer its queries [H, K], not rotated, and weights [H][view's keys]. */
  readonly attention?: readonly ReferenceAttention[];
  /** With `collectHidden`: [S, D] after the final norm, what the LM head reads. */
  readonly normed?: Float64Array;
}

export interface ReferenceAttention {
  readonly queries: Float64Array;
  readonly weights: readonly Float64Array[];
}

/**
 * Rotary offset of a row's first new token against each block of its view.
 *
 *   offset_b = (view length after the append) - S - (start of block b in the view)
 *
 * @param lengths  of the view's blocks, after the append
 */
export function rotaryOffsetsReference(lengths: readonly number[], numNewTokens: number): number[] {
  let rest = lengths.reduce((sum, length) => sum + length, 0) - numNewTokens;
  return lengths.map((length) => {
    const offset = rest;
    rest -= length;
    return offset;
  });
}

/**
 * One forward of several rows. Grows the last block of every row's view.
 *
 * @throws {RangeError} if a row is empty, an id is outside the vocabulary, or two rows write the same block
 */
export function forwardReference(
  model: ReferenceModel,
  rows: readonly ReferenceRow[],
  options: ReferenceOptions = {},
): ReferenceRowResult[] {
  const { config, weights } = model;
  checkRows(rows, config);
  const frequencies = ropeFrequenciesReference(config);
  const starts = rows.map((row) => writeTarget(row).length);
  for (const row of rows) writeTarget(row).extend(row.tokenIds.length);

  let hidden = rows.map((row) => embed(weights.embedTokens, row.tokenIds, config.hiddenSize));
  const collected = hidden.map((h) => [h]);
  const read = rows.map((): ReferenceAttention[] => []);
  weights.layers.forEach((layer, layerIndex) => {
    const queries = rows.map((row, r) => {
      const x = rmsNormReference(at(hidden, r), layer.inputLayernorm, config.rmsNormEps);
      appendKeysAndValues(model, layerIndex, x, row, at(starts, r), frequencies);
      const q = linearReference(x, layer.qProj, config.numAttentionHeads * config.headDim, layer.qBias);
      return layer.qNorm === undefined ? q : rmsNormReference(q, layer.qNorm, config.rmsNormEps);
    });
    hidden = rows.map((row, r) => {
      const { out: attended, ...last } = attend(
        config,
        layerIndex,
        at(queries, r),
        row,
        frequencies,
        options.rotate ?? 'queries',
      );
      at(read, r).push(last);
      const h = add(at(hidden, r), linearReference(attended, layer.oProj, config.hiddenSize));
      return add(h, mlp(config, layer, h));
    });
    hidden.forEach((h, r) => at(collected, r).push(h));
  });

  return rows.map((row, r) => {
    const normed = rmsNormReference(at(hidden, r), weights.norm, config.rmsNormEps);
    const wanted = options.allPositions === true ? normed : normed.subarray(normed.length - config.hiddenSize);
    const lengths = row.view.map((block) => block.length);
    return {
      logits: linearReference(wanted, weights.lmHead ?? weights.embedTokens, config.vocabSize),
      lengths,
      rotaryOffsets: rotaryOffsetsReference(lengths, row.tokenIds.length),
      ...(options.collectAttention === true && { attention: at(read, r) }),
      ...(options.collectHidden === true && { hidden: at(collected, r), normed }),
    };
  });
}

/**
 * y[s, o] = sum_i x[s, i] weight[o, i] + bias[o]
 *
 * @param x        [S, in]
 * @param weight   [out, in]
 * @param outputs  `out`
 * @param bias     [out]
 * @returns        [S, out]
 */
export function linearReference(
  x: Float64Array,
  weight: Float32Array,
  outputs: number,
  bias?: Float32Array,
): Float64Array {
  const inputs = weight.length / outputs;
  const numRows = x.length / inputs;
  assert(Number.isInteger(inputs) && Number.isInteger(numRows), 'the shapes of input and weight fit');
  const y = new Float64Array(numRows * outputs);
  for (let s = 0; s < numRows; s++)
    for (let o = 0; o < outputs; o++) {
      let sum = bias === undefined ? 0 : (bias[o] as number);
      for (let i = 0; i < inputs; i++) sum += (x[s * inputs + i] as number) * (weight[o * inputs + i] as number);
      y[s * outputs + o] = sum;
    }
  return y;
}

/**
 * y[n, i] = x[n, i] / sqrt(mean_i(x[n, :]^2) + eps) * weight[i]
 *
 * @param x       [N, width]; a row is a token, or one head of a token for q and k norms
 * @param weight  [width]
 */
export function rmsNormReference(x: Float64Array, weight: Float32Array, eps: number): Float64Array {
  const width = weight.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    let sumOfSquares = 0;
    for (let i = 0; i < width; i++) sumOfSquares += (x[start + i] as number) ** 2;
    const scale = 1 / Math.sqrt(sumOfSquares / width + eps);
    for (let i = 0; i < width; i++) y[start + i] = (x[start + i] as number) * scale * (weight[i] as number);
  }
  return y;
}

function writeTarget(row: ReferenceRow): ReferenceBlock {
  return at(row.view, row.view.length - 1);
}

function checkRows(rows: readonly ReferenceRow[], config: ModelConfig): void {
  if (new Set(rows.map(writeTarget)).size !== rows.length)
    throw new RangeError('Two rows of one forward write the same block.');
  for (const row of rows) {
    if (row.tokenIds.length === 0) throw new RangeError('A row needs at least one token.');
    for (const id of row.tokenIds)
      if (!Number.isInteger(id) || id < 0 || id >= config.vocabSize)
        throw new RangeError(`Token id ${id} is outside the vocabulary of ${config.vocabSize}.`);
  }
}

/** [S, D] rows of the embedding table. */
function embed(table: Float32Array, tokenIds: readonly number[], hiddenSize: number): Float64Array {
  const h = new Float64Array(tokenIds.length * hiddenSize);
  tokenIds.forEach((id, s) => {
    h.set(table.subarray(id * hiddenSize, (id + 1) * hiddenSize), s * hiddenSize);
  });
  return h;
}

/** Writes k, rotated at block-local positions start, start + 1, ..., and v of a row's S tokens. `x`: [S, D]. */
function appendKeysAndValues(
  { config, weights }: ReferenceModel,
  layerIndex: number,
  x: Float64Array,
  row: ReferenceRow,
  start: number,
  frequencies: Float64Array,
): void {
  const layer = at(weights.layers, layerIndex);
  const { headDim } = config;
  const block = writeTarget(row);
  const width = block.tokenWidth;
  const projected = linearReference(x, layer.kProj, width, layer.kBias);
  const k = layer.kNorm === undefined ? projected : rmsNormReference(projected, layer.kNorm, config.rmsNormEps);
  const stored = block.keys(layerIndex);
  for (let s = 0; s < row.tokenIds.length; s++)
    for (let head = 0; head < width; head += headDim) {
      const key = k.subarray(s * width + head, s * width + head + headDim);
      stored.set(rotateReference(key, start + s, frequencies), (start + s) * width + head);
    }
  block.values(layerIndex).set(linearReference(x, layer.vProj, width, layer.vBias), start * width);
}

/** @param q  [S, H, K], not rotated. @returns [S, H, K], and what the last token read */
function attend(
  config: ModelConfig,
  layerIndex: number,
  q: Float64Array,
  row: ReferenceRow,
  frequencies: Float64Array,
  rotate: 'queries' | 'keys',
): ReferenceAttention & { readonly out: Float64Array } {
  const { numAttentionHeads, numKeyValueHeads, headDim } = config;
  const fragments = fragmentsOf(layerIndex, row, frequencies, rotate);
  const out = new Float64Array(q.length);
  const lastWeights: Float64Array[] = [];
  const scores = new Float64Array(fragments.reduce((sum, { length }) => sum + length, 0));
  for (let s = 0; s < row.tokenIds.length; s++)
    for (let head = 0; head < numAttentionHeads; head++) {
      const kvStart = Math.floor((head * numKeyValueHeads) / numAttentionHeads) * headDim;
      const start = (s * numAttentionHeads + head) * headDim;
      let numScores = 0;
      for (const { keys, width, length, offset, queryPosition } of fragments) {
        const rotated = rotateReference(q.subarray(start, start + headDim), queryPosition + s, frequencies);
        const numVisible = Math.min(length, offset + s + 1);
        for (let l = 0; l < numVisible; l++) scores[numScores++] = dotAt(rotated, keys, l * width + kvStart);
      }
      const weights = softmax(scores.subarray(0, numScores), 1 / Math.sqrt(headDim));
      if (s === row.tokenIds.length - 1) lastWeights.push(weights);
      let next = 0;
      for (const { values, width, length, offset } of fragments) {
        const numVisible = Math.min(length, offset + s + 1);
        for (let l = 0; l < numVisible; l++) {
          const weight = weights[next++] as number;
          for (let d = 0; d < headDim; d++)
            out[start + d] = (out[start + d] as number) + weight * (values[l * width + kvStart + d] as number);
        }
      }
    }
  return { out, queries: q.subarray(q.length - numAttentionHeads * headDim), weights: lastWeights };
}

/** One block of a row's view, as attention reads it. */
interface Fragment {
  /** [length, Hkv, K] */
  readonly keys: Float64Array;
  /** [length, Hkv, K] */
  readonly values: Float64Array;
  readonly length: number;
  /** Hkv * K */
  readonly width: number;
  /** Rotary offset of the row's first token; key l is visible to token s when l <= offset + s. */
  readonly offset: number;
  /** Where the row's first query is rotated to. */
  readonly queryPosition: number;
}

function fragmentsOf(
  layerIndex: number,
  row: ReferenceRow,
  frequencies: Float64Array,
  rotate: 'queries' | 'keys',
): Fragment[] {
  const lengths = row.view.map((block) => block.length);
  const offsets = rotaryOffsetsReference(lengths, row.tokenIds.length);
  return row.view.map((block, b) => {
    const offset = at(offsets, b);
    const blockStart = at(offsets, 0) - offset;
    const isMoved = rotate === 'keys';
    const keys = block.keys(layerIndex);
    return {
      keys: isMoved ? rotatedKeys(keys, blockStart, frequencies) : keys,
      values: block.values(layerIndex),
      length: block.length,
      width: block.tokenWidth,
      offset,
      queryPosition: isMoved ? offset + blockStart : offset,
    };
  });
}

/** Every head of every key, rotated by `distance` more. */
function rotatedKeys(keys: Float64Array, distance: number, frequencies: Float64Array): Float64Array {
  const moved = new Float64Array(keys.length);
  const headDim = 2 * frequencies.length;
  for (let start = 0; start < keys.length; start += headDim)
    moved.set(rotateReference(keys.subarray(start, start + headDim), distance, frequencies), start);
  return moved;
}

/** down(silu(gate(x)) * up(x)) of x = norm(h); [S, D] -> [S, D]. */
function mlp(config: ModelConfig, layer: ReferenceLayerWeights, h: Float64Array): Float64Array {
  const x = rmsNormReference(h, layer.postAttentionLayernorm, config.rmsNormEps);
  const gate = linearReference(x, layer.gateProj, config.intermediateSize);
  const up = linearReference(x, layer.upProj, config.intermediateSize);
  const activated = gate.map((value, i) => (value / (1 + Math.exp(-value))) * (up[i] as number));
  return linearReference(activated, layer.downProj, config.hiddenSize);
}

/** softmax(scale * scores) */
function softmax(scores: Float64Array, scale: number): Float64Array {
  const peak = scores.reduce((largest, score) => Math.max(largest, score), -Infinity);
  const weights = scores.map((score) => Math.exp((score - peak) * scale));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function dotAt(a: Float64Array, b: Float64Array, startInB: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[startInB + i] as number);
  return sum;
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + (b[i] as number));
}
