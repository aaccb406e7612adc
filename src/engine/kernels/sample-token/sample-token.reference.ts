import { at } from '@/lib/assert.ts';

export interface SamplingReference {
  readonly temperature: number;
  /** 0 = off */
  readonly topK: number;
  /** 1 = off */
  readonly topP: number;
  /** 0 = off */
  readonly minP: number;
}

const fround = Math.fround;

/** t = (logits + bias) / temperature, each operation rounded to f32 as the kernel does. @returns [V] */
export function temperedReference(logits: Float32Array, bias: Float32Array, temperature: number): Float32Array {
  const inverse = fround(1 / fround(temperature));
  return Float32Array.from(logits, (logit, id) => fround(fround(logit + at(bias, id)) * inverse));
}

/**
 * Ids that the filters leave, by sorting, in the order top-k, top-p, min-p.
 *
 *   top-k: t >= k-th largest t (ties kept)
 *   top-p: mass of {t' <= t} > (1 - p) * mass of all, within what top-k left; the largest always stays
 *   min-p: exp(t - max t) >= min_p
 *
 * @param t  [V], tempered
 * @returns  ids in rising order
 */
export function keptReference(t: Float32Array, { topK, topP, minP }: SamplingReference): number[] {
  const order = Array.from(t.keys()).toSorted((a, b) => at(t, b) - at(t, a));
  const highest = at(t, at(order, 0));
  let kept = order;
  if (topK > 0 && topK < t.length) {
    const kth = at(t, at(order, topK - 1));
    kept = kept.filter((id) => at(t, id) >= kth);
  }
  if (topP < 1) {
    const mass = kept.reduce((sum, id) => sum + Math.exp(at(t, id) - highest), 0);
    const allowed = (1 - fround(topP)) * mass;
    const massUpTo = new Map<number, number>();
    let sum = 0;
    for (const id of kept.toReversed()) {
      sum += Math.exp(at(t, id) - highest);
      massUpTo.set(at(t, id), sum);
    }
    kept = kept.filter((id) => at(t, id) === highest || (massUpTo.get(at(t, id)) ?? 0) > allowed);
  }
  if (minP > 0) kept = kept.filter((id) => at(t, id) >= highest + Math.log(fround(minP)));
  return kept.toSorted((a, b) => a - b);
}

/** Chances of the tokens `kept`, in their order: softmax of t over them. */
export function chancesReference(t: Float32Array, kept: readonly number[]): number[] {
  const highest = kept.reduce((a, id) => Math.max(a, at(t, id)), -Infinity);
  const masses = kept.map((id) => Math.exp(at(t, id) - highest));
  const total = masses.reduce((a, b) => a + b, 0);
  return masses.map((mass) => mass / total);
}

/**
 * The draw by the Gumbel-max trick: argmax over `kept` of t + gumbel(seed, step, id), the lowest id of equals.
 *
 * @returns `gap`: how far the second best is behind; below f32 rounding another implementation may choose it
 */
export function drawReference(
  t: Float32Array,
  kept: readonly number[],
  seed: number,
  step: number,
): { readonly id: number; readonly gap: number } {
  let id = -1;
  let best = -Infinity;
  let second = -Infinity;
  for (const candidate of kept) {
    const score = at(t, candidate) + gumbelReference(seed, step, candidate);
    if (score > best) {
      second = best;
      best = score;
      id = candidate;
    } else if (score > second) second = score;
  }
  return { id, gap: best - second };
}

/** -ln(-ln(1 - v)), v from the upper 23 bits of pcg3d(seed, step, id): in (2^-24, 1 - 2^-24). */
export function gumbelReference(seed: number, step: number, id: number): number {
  const v = ((pcg3d(seed, step, id)[0] >>> 9) + 0.5) / 2 ** 23;
  return -Math.log(-Math.log1p(-v));
}

/**
 * Three random words from three words.
 *
 * @see Jarzynski & Olano 2020, "Hash Functions for GPU Rendering", JCGT 9 (3): pcg3d
 */
export function pcg3d(a: number, b: number, c: number): [number, number, number] {
  const step = (word: number): number => (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
  let [x, y, z] = [step(a), step(b), step(c)];
  const mix = (): void => {
    x = (x + Math.imul(y, z)) >>> 0;
    y = (y + Math.imul(z, x)) >>> 0;
    z = (z + Math.imul(x, y)) >>> 0;
  };
  mix();
  [x, y, z] = [(x ^ (x >>> 16)) >>> 0, (y ^ (y >>> 16)) >>> 0, (z ^ (z >>> 16)) >>> 0];
  mix();
  return [x, y, z];
}
