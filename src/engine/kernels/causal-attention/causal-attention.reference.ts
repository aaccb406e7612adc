import { at } from '@/lib/assert.ts';

export interface CausalAttentionReferenceInput {
  /** [N, (H + 2 Hkv) K]: queries and keys with rotation, values */
  readonly heads: ArrayLike<number>;
  /** [N, 4] words: first token and length of a shared prompt, first own token, end of those that see the token */
  readonly table: ArrayLike<number>;
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
}

/** The tokens that `token` sees as keys, in order. */
function keysOf(table: ArrayLike<number>, token: number): number[] {
  const [prefixStart, prefixLength, ownStart] = [0, 1, 2].map((i) => at(table, 4 * token + i)) as [
    number,
    number,
    number,
  ];
  return [
    ...Array.from({ length: prefixLength }, (_, i) => prefixStart + i),
    ...Array.from({ length: token + 1 - ownStart }, (_, i) => ownStart + i),
  ];
}

/** Where the vectors of a query head stand in `heads`, and the weights of its keys. */
interface Row {
  readonly query: number;
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly weights: readonly number[];
  readonly logsumexp: number;
}

function rowOf(input: CausalAttentionReferenceInput, token: number, head: number): Row {
  const { heads, table, headDim, numHeads, numKvHeads } = input;
  const width = (numHeads + 2 * numKvHeads) * headDim;
  const kvHead = Math.floor(head / (numHeads / numKvHeads));
  const query = token * width + head * headDim;
  const keys = keysOf(table, token).map((key) => key * width + (numHeads + kvHead) * headDim);
  const scores = keys.map((key) => dot(heads, query, heads, key, headDim) / Math.sqrt(headDim));
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
  return {
    query,
    keys,
    values: keys.map((key) => key + numKvHeads * headDim),
    weights: scores.map((score) => Math.exp(score - highest) / total),
    logsumexp: highest + Math.log(total),
  };
}

function dot(a: ArrayLike<number>, aFrom: number, b: ArrayLike<number>, bFrom: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += at(a, aFrom + i) * at(b, bFrom + i);
  return sum;
}

/** to[toFrom + i] += factor * x[from + i] */
function addScaled(
  to: Float64Array,
  toFrom: number,
  factor: number,
  x: ArrayLike<number>,
  from: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) to[toFrom + i] = at(to, toFrom + i) + factor * at(x, from + i);
}

/**
 * Causal attention of packed rows, in double precision.
 *
 *   p[n, h, j] = softmax_j( q[n, h] . k[j] / sqrt(K) )  over the keys j that n sees;   y[n, h] = sum_j p[n, h, j] v[j]
 *
 * @returns  y [N, H K] and logsumexp [N, H] of the scaled scores
 */
export function causalAttentionReference(input: CausalAttentionReferenceInput): {
  y: Float64Array;
  logsumexp: Float64Array;
} {
  const { heads, table, headDim, numHeads } = input;
  const numTokens = table.length / 4;
  const y = new Float64Array(numTokens * numHeads * headDim);
  const logsumexp = new Float64Array(numTokens * numHeads);
  for (let token = 0; token < numTokens; token++)
    for (let head = 0; head < numHeads; head++) {
      const row = rowOf(input, token, head);
      const index = token * numHeads + head;
      logsumexp[index] = row.logsumexp;
      row.weights.forEach((weight, j) => addScaled(y, index * headDim, weight, heads, at(row.values, j), headDim));
    }
  return { y, logsumexp };
}

/**
 * Gradient of sum(y * dy) with respect to `heads`, from the softmax's Jacobian with all probabilities at hand.
 *
 *   dv[j] = sum_n p dy[n];   dp = dy[n] . v[j];   ds = p (dp - sum_j' p dp);   dq[n] = sum_j ds k[j] / sqrt(K);   dk[j] likewise
 *
 * @param dy  [N, H K]
 * @returns   [N, (H + 2 Hkv) K]
 */
export function causalAttentionBackwardReference(
  input: CausalAttentionReferenceInput,
  dy: ArrayLike<number>,
): Float64Array {
  const { heads, table, headDim, numHeads } = input;
  const dHeads = new Float64Array(heads.length);
  for (let token = 0; token < table.length / 4; token++)
    for (let head = 0; head < numHeads; head++) {
      const { query, keys, values, weights } = rowOf(input, token, head);
      const from = (token * numHeads + head) * headDim;
      const dWeights = values.map((value) => dot(dy, from, heads, value, headDim));
      const mean = weights.reduce((sum, weight, j) => sum + weight * at(dWeights, j), 0);
      weights.forEach((weight, j) => {
        const dScore = (weight * (at(dWeights, j) - mean)) / Math.sqrt(headDim);
        addScaled(dHeads, query, dScore, heads, at(keys, j), headDim);
        addScaled(dHeads, at(keys, j), dScore, heads, query, headDim);
        addScaled(dHeads, at(values, j), weight, dy, from, headDim);
      });
    }
  return dHeads;
}
