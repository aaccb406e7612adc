/** What a row chose and what it read, as the trace keeps it. */
import type { HeadVectors, RowAttention, RowResult } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type { TraceAttention, TraceHead } from '@/protocol/attention.ts';
import type { TraceRow } from '@/protocol/reasoning.ts';

export type Choice = Pick<TraceRow, 'token' | 'margin' | 'top' | 'logsumexp'>;

const MOST_READ = 16;
const MASS_STEPS = 1e5;
const VECTOR_STEPS = 1e4;

export function choiceOf(result: RowResult): Choice {
  const [best, second] = result.top;
  return {
    token: result.tokenId,
    margin: (best?.[1] ?? NaN) - (second?.[1] ?? NaN),
    top: result.top,
    logsumexp: result.logsumexp,
  };
}

/**
 * @param attention  asked for with `keys: 'overall'`
 * @param lengths    of the view's blocks, after the append
 */
export function traceAttention({ mass, keys, head }: RowAttention, lengths: readonly number[]): TraceAttention {
  return {
    mass: mass.map((heads) => meanOverHeads(heads).map(roundedMass)),
    most_read: mostRead(at(keys, 0), lengths),
    ...(head && { head: traceHead(head) }),
  };
}

/** [heads][blocks] -> [blocks] */
function meanOverHeads(heads: readonly (readonly number[])[]): number[] {
  return at(heads, 0).map((_, block) => heads.reduce((sum, head) => sum + at(head, block), 0) / heads.length);
}

/** Descending; of tokens that are read equally, the earlier one first. */
function mostRead(weights: readonly number[], lengths: readonly number[]): TraceAttention['most_read'] {
  const order = [...weights.keys()].toSorted((a, b) => at(weights, b) - at(weights, a) || a - b).slice(0, MOST_READ);
  return order.map((key) => {
    let token = key;
    const block = lengths.findIndex((length) => token < length || ((token -= length), false));
    return [block, token, roundedMass(at(weights, key))];
  });
}

function traceHead({ layer, head, ropeTheta, query, keys }: HeadVectors): TraceHead {
  return {
    layer,
    head,
    rope_theta: ropeTheta,
    query: query.map(roundedEntry),
    keys: keys.map(({ block, token, weight, key }) => ({
      block,
      token,
      mass: roundedMass(weight),
      key: key.map(roundedEntry),
    })),
  };
}

const roundedMass = (mass: number): number => Math.round(mass * MASS_STEPS) / MASS_STEPS;
const roundedEntry = (entry: number): number => Math.round(entry * VECTOR_STEPS) / VECTOR_STEPS;
