import { expect, test } from 'vitest';
import { createRng } from '@/lib/rng.ts';
import { attentionScore, rotated } from '@/lib/rotary.ts';
import type { TraceRow, TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import { dialReadingOf, nearestHeadSample, strongestPair, type HeadSample } from './head-sample.ts';

const HEAD_DIM = 16;
const THETA = 10_000;
const LENGTHS = [4, 9, 30, 6];
const NAMES = ['input_prompt', 'input_block', 'thinker_output', 'writer_output'];

/** A head over four blocks, with masses by softmax over all of its keys at contiguous positions. */
function sampled(): { sample: HeadSample; masses: readonly number[] } {
  const rng = createRng(11);
  const vector = (): number[] => Array.from({ length: HEAD_DIM }, () => rng.normal());
  const query = vector();
  const position = LENGTHS.reduce((sum, length) => sum + length, 0) - 1;
  const starts = LENGTHS.map((_, block) => LENGTHS.slice(0, block).reduce((sum, length) => sum + length, 0));
  const blocks = LENGTHS.map((length) => Array.from({ length }, vector));
  const scores = blocks.map((keys, block) =>
    keys.map((key, token) =>
      attentionScore(rotated(query, position, THETA), rotated(key, (starts[block] ?? 0) + token, THETA)),
    ),
  );
  const total = scores.flat().reduce((sum, score) => sum + Math.exp(score), 0);
  const keys = blocks.map((block, index) => {
    const own = scores[index] ?? [];
    const token = own.indexOf(Math.max(...own));
    return {
      block: index,
      token,
      mass: Math.exp(own[token] ?? 0) / total,
      key: [...rotated(block[token] ?? [], token, THETA)],
    };
  });
  const head = { layer: 3, head: 1, rope_theta: THETA, query, keys };
  const loc = starts.map((start) => position - start);
  return {
    sample: { step: 0, stream: 'writer', head, numLayers: 1, view: NAMES, lengths: LENGTHS, loc },
    masses: keys.map(({ mass }) => mass),
  };
}

test('both ways give the score that ordinary attention had: masses stand in the ratio of exp(score)', () => {
  const { sample, masses } = sampled();
  const readings = NAMES.map((_, which) => dialReadingOf(sample, which, 0, 0));
  const [first] = readings;
  for (const [which, reading] of readings.entries()) {
    expect(reading?.difference).toBeLessThan(5e-6);
    const ratio = Math.exp((reading?.queryTurned.score ?? 0) - (first?.queryTurned.score ?? 0));
    expect(ratio / ((masses[which] ?? 0) / (masses[0] ?? 1))).toBeCloseTo(1, 4);
  }
});

test('the hands: the same angle and product in every pair; the pairs add up to the score', () => {
  const { sample } = sampled();
  for (const which of [0, 1, 2, 3]) {
    let sum = 0;
    for (let pair = 0; pair < HEAD_DIM / 2; pair++) {
      const reading = dialReadingOf(sample, which, pair, 0);
      const { queryTurned, keyTurned } = reading ?? expect.fail('no reading');
      expect(Math.cos(queryTurned.angle)).toBeCloseTo(Math.cos(keyTurned.angle), 5);
      expect(queryTurned.product).toBeCloseTo(keyTurned.product, 5);
      sum += queryTurned.product;
    }
    expect(sum / Math.sqrt(HEAD_DIM)).toBeCloseTo(dialReadingOf(sample, which, 0, 0)?.queryTurned.score ?? NaN, 5);
  }
});

test('tokens in front: the offset, the query turned by it and the stored key stay; the other way all positions move', () => {
  const { sample } = sampled();
  const before = dialReadingOf(sample, 2, 1, 0) ?? expect.fail('no reading');
  const after = dialReadingOf(sample, 2, 1, 137) ?? expect.fail('no reading');
  expect([before.start, before.position, before.offset]).toEqual([13, 48, 35]);
  expect([after.start, after.position, after.offset]).toEqual([150, 185, 35]);
  expect(after.queryTurned.query).toEqual(before.queryTurned.query);
  expect(after.queryTurned.key).toEqual(before.queryTurned.key);
  expect(after.keyTurned.key).not.toEqual(before.keyTurned.key);
  expect(after.keyTurned.before).toEqual(before.keyTurned.before);
  expect(after.difference).toBeLessThan(5e-6);
  expect(after.keysBehind).toBe(36);
});

test('the strongest pair is the one with the longest hands; a block that is not there has no reading', () => {
  const { sample } = sampled();
  const strong = strongestPair(sample, 0);
  const sizes = Array.from({ length: HEAD_DIM / 2 }, (_, pair) => {
    const reading = dialReadingOf(sample, 0, pair, 0);
    return (reading?.queryTurned.query.length ?? 0) * (reading?.queryTurned.key.length ?? 0);
  });
  expect(sizes[strong]).toBeCloseTo(Math.max(...sizes), 5);
  expect(dialReadingOf(sample, 9, 0, 0)).toBeNull();
});

test('the nearest sample: of the writer if it has any, the earlier of two equally near', () => {
  const { sample } = sampled();
  const row = (stream: 'thinker' | 'writer', hasHead: boolean): TraceRow => ({
    stream,
    input: 0,
    lengths: LENGTHS,
    loc: sample.loc,
    token: 0,
    margin: 0,
    top: [],
    logsumexp: 0,
    attention: { mass: [], most_read: [], ...(hasHead && { head: sample.head }) },
  });
  const steps = (...rows: (readonly TraceRow[])[]): readonly TraceStep[] =>
    rows.map((list, step) => ({
      step,
      state: 'thinker_and_writer',
      rows: list,
      state_after: 'thinker_and_writer',
    }));
  const setup = { views: { writer: NAMES } } as unknown as TraceSetup;
  const traceSteps = steps(
    [row('thinker', true)],
    [row('writer', true)],
    [row('writer', false)],
    [row('writer', true), row('thinker', true)],
  );
  const nearest = (step: number): number | undefined => nearestHeadSample({ traceSteps, setup }, step)?.step;
  expect([nearest(0), nearest(2), nearest(3), nearest(99)]).toEqual([1, 1, 3, 3]);
  expect(nearestHeadSample({ traceSteps, setup }, 3)?.view).toEqual(NAMES);
  expect(nearestHeadSample({ traceSteps: steps([row('thinker', true)]), setup }, 0)?.stream).toBe('thinker');
  expect(nearestHeadSample({ traceSteps: [], setup: null }, 0)).toBeNull();
});
