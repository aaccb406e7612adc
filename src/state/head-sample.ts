/** What the dial shows: the recorded query and keys of one attention head, and where the view has them. */
import { attentionScore, angleBetween, handOf, pairFrequency, rotated, type Hand } from '@/lib/rotary.ts';
import type { TraceHead } from '@/protocol/attention.ts';
import type { TraceRow } from '@/protocol/reasoning.ts';
import { viewNamesByStep, type ToldRun } from './block-texts.ts';

export interface HeadSample {
  readonly step: number;
  readonly stream: TraceRow['stream'];
  readonly head: TraceHead;
  readonly numLayers: number;
  readonly view: readonly string[];
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
}

/** The sample nearest to a step, a writer's before a thinker's; of two equally near ones the earlier. */
export function nearestHeadSample(run: Omit<ToldRun, 'steps'>, step: number): HeadSample | null {
  const { traceSteps } = run;
  const found = nearestIndex(traceSteps, step, 'writer') ?? nearestIndex(traceSteps, step, 'thinker');
  if (found === undefined) return null;
  const { index, row } = found;
  const { head, mass } = row.attention ?? {};
  if (head === undefined || mass === undefined) return null;
  const view = viewNamesByStep(run)[index]?.[row.stream] ?? [];
  return { step: index, stream: row.stream, head, numLayers: mass.length, view, lengths: row.lengths, loc: row.loc };
}

function nearestIndex(
  traceSteps: ToldRun['traceSteps'],
  step: number,
  stream: TraceRow['stream'],
): { readonly index: number; readonly row: TraceRow } | undefined {
  const rowAt = (index: number): TraceRow | undefined =>
    traceSteps[index]?.rows.find((row) => row.stream === stream && row.attention?.head !== undefined);
  const from = Math.min(step, traceSteps.length - 1);
  for (let distance = 0; distance < traceSteps.length; distance++) {
    for (const index of [from - distance, from + distance]) {
      const row = rowAt(index);
      if (row !== undefined) return { index, row };
    }
  }
  return undefined;
}

/** The query and one key, with `inFront` more tokens in front of the key's block than there were. */
export interface DialReading {
  /** a: tokens in front of the block. */
  readonly start: number;
  /** The query's own position in the view, and the same counted from the block's first token. */
  readonly position: number;
  readonly offset: number;
  /** Radians that the pair turns a token; its period in tokens. */
  readonly frequency: number;
  readonly period: number;
  /** The query at its own position turned back by a; the key as it is stored. */
  readonly queryTurned: Turned;
  /** The key as it is stored turned forward by a; the query at its own position. */
  readonly keyTurned: Turned;
  /** |difference| of both scores. */
  readonly difference: number;
  /** Keys from the block's first on: an ordinary cache has all of them at other positions when tokens come in front. */
  readonly keysBehind: number;
}

export interface Turned {
  /** Of the vector that is turned, before it is. */
  readonly before: Hand;
  readonly query: Hand;
  readonly key: Hand;
  /** From the key to the query, radians. */
  readonly angle: number;
  /** The pair's part of the product, before the division by sqrt(K). */
  readonly product: number;
  /** Over all pairs, divided by sqrt(K). */
  readonly score: number;
}

/** @param which  index into the sample's keys. @param pair  0 .. K/2 - 1. @param inFront  tokens added, >= 0 */
export function dialReadingOf(sample: HeadSample, which: number, pair: number, inFront: number): DialReading | null {
  const { head, lengths, loc } = sample;
  const chosen = head.keys[which];
  const offset = loc[chosen?.block ?? -1];
  if (chosen === undefined || offset === undefined) return null;
  const { query, rope_theta: theta } = head;
  const { key, block } = chosen;
  const start = lengths.slice(0, block).reduce((sum, length) => sum + length, 0) + inFront;
  // The offset does not know what stands in front of its block.
  const position = start + offset;
  const atOffset = rotated(query, offset, theta);
  const atPosition = rotated(query, position, theta);
  const moved = rotated(key, start, theta);
  const queryTurned = turnedOf(handOf(atPosition, pair), atOffset, key, pair);
  const keyTurned = turnedOf(handOf(key, pair), atPosition, moved, pair);
  const frequency = pairFrequency(theta, query.length, pair);
  return {
    start,
    position,
    offset,
    frequency,
    period: (2 * Math.PI) / frequency,
    queryTurned,
    keyTurned,
    difference: Math.abs(queryTurned.score - keyTurned.score),
    keysBehind: lengths.slice(block).reduce((sum, length) => sum + length, 0),
  };
}

function turnedOf(before: Hand, query: ArrayLike<number>, key: ArrayLike<number>, pair: number): Turned {
  const queryHand = handOf(query, pair);
  const keyHand = handOf(key, pair);
  return {
    before,
    query: queryHand,
    key: keyHand,
    angle: angleBetween(keyHand, queryHand),
    product: queryHand.x * keyHand.x + queryHand.y * keyHand.y,
    score: attentionScore(query, key),
  };
}

/** The pair with the largest part in the product: where turning shows most. */
export function strongestPair(sample: HeadSample, which: number): number {
  const { query, keys } = sample.head;
  const key = keys[which]?.key ?? [];
  let strongest = 0;
  let largest = -1;
  for (let pair = 0; pair < query.length / 2; pair++) {
    const size = handOf(query, pair).length * handOf(key, pair).length;
    if (size > largest) [strongest, largest] = [pair, size];
  }
  return strongest;
}
