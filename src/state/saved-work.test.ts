import { expect, test } from 'vitest';
import type { TraceProbe, TraceRow, TraceStep } from '@/protocol/reasoning.ts';
import {
  forwardFlops,
  forwardSize,
  kvBytesPerToken,
  matrixParameters,
  NO_WORK,
  WorkTotals,
  workOfStep,
  type ModelSizes,
} from './saved-work.ts';

/** Small enough to compute by hand. */
const TINY: ModelSizes = {
  hiddenSize: 4,
  intermediateSize: 10,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  numKeyValueHeads: 1,
  headDim: 2,
  kvType: 'f32',
};

const SMOLLM2: ModelSizes = {
  hiddenSize: 576,
  intermediateSize: 1536,
  numHiddenLayers: 30,
  numAttentionHeads: 9,
  numKeyValueHeads: 3,
  headDim: 64,
  kvType: 'f32',
};

const row = (stream: 'thinker' | 'writer', lengths: number[], loc: number[]): TraceRow => ({
  stream,
  input: 0,
  lengths,
  loc,
  token: 0,
  margin: 0,
  top: [],
  logsumexp: 0,
});

function step(rows: readonly TraceRow[], more: Partial<TraceStep> = {}): TraceStep {
  return { step: 0, state: 'thinker_only', state_after: 'thinker_only', rows, ...more };
}

test('parameters: q and o 4x4 each, k and v 4x2 each, three of 4x10, in two layers', () => {
  expect(matrixParameters(TINY)).toBe(2 * (16 + 16 + 8 + 8 + 3 * 40));
  // 30 layers of q, o: 576x576; k, v: 576x192; gate, up, down: 576x1536: the model without its embedding.
  expect(matrixParameters(SMOLLM2)).toBe(30 * (2 * 331_776 + 2 * 110_592 + 3 * 884_736));
});

test('keys and values of a token', () => {
  expect(kvBytesPerToken(TINY)).toBe(2 * 2 * 1 * 2 * 4);
  expect(kvBytesPerToken({ ...TINY, kvType: 'f16' })).toBe(16);
  expect(kvBytesPerToken(SMOLLM2)).toBe(46_080);
});

test('a forward attends from each new token to all before it and to itself', () => {
  // 336 parameters; 4 L H D = 32 per key.
  expect(forwardFlops(TINY, { viewTokens: 5, newTokens: 1 })).toBe(2 * 336 + 32 * 5);
  expect(forwardFlops(TINY, { viewTokens: 5, newTokens: 2 })).toBe(2 * 2 * 336 + 32 * (4 + 5));
  expect(forwardFlops(TINY, { viewTokens: 3, newTokens: 3 })).toBe(2 * 3 * 336 + 32 * (1 + 2 + 3));
  expect(forwardFlops(TINY, { viewTokens: 5, newTokens: 0 })).toBe(0);
});

test('new tokens stand in the last block, from its offset on', () => {
  expect(forwardSize({ lengths: [12, 7, 44], loc: [62, 50, 43] })).toEqual({ viewTokens: 63, newTokens: 1 });
  expect(forwardSize({ lengths: [64, 19, 15, 24], loc: [98, 34, 15, 0] })).toEqual({ viewTokens: 122, newTokens: 24 });
  expect(forwardSize({ lengths: [12, 7], loc: [12, 0] })).toEqual({ viewTokens: 19, newTokens: 7 });
  expect(forwardSize({ lengths: [], loc: [] })).toEqual({ viewTokens: 0, newTokens: 0 });
});

test('a step with two rows, a probe and text read: all that was computed, and each view afresh', () => {
  const probe = { lengths: [4, 2], loc: [4, 0] } as unknown as TraceProbe;
  const events = [{ kind: 'append_input' as const, lengths: [2, 2], loc: [2, 0] }];
  const work = workOfStep(
    TINY,
    step([row('thinker', [2, 2, 3], [6, 4, 2]), row('writer', [2, 2, 3, 1], [7, 5, 3, 0])], { probe, events }),
  );
  expect(work).toEqual({
    // Two rows, two tokens of the probe, two that were read.
    computedTokens: 1 + 1 + 2 + 2,
    freshTokens: 7 + 8 + 6,
    computedFlops: 2 * 6 * 336 + 32 * (7 + 8 + (5 + 6) + (3 + 4)),
    freshFlops: 2 * 21 * 336 + 32 * (28 + 36 + 21),
  });
});

test('totals go on where they stood, can be read for earlier steps, and begin anew with another run', () => {
  const steps = [3, 4, 5].map((length) => step([row('thinker', [2, length], [length + 1, length - 1])]));
  const totals = new WorkTotals(TINY);
  expect(totals.upTo(steps.slice(0, 1), 0)).toMatchObject({ computedTokens: 1, freshTokens: 5 });
  expect(totals.upTo(steps, 2)).toMatchObject({ computedTokens: 3, freshTokens: 5 + 6 + 7 });
  expect(totals.upTo(steps.slice(0, 2), 1)).toMatchObject({ computedTokens: 2, freshTokens: 11 });
  expect(totals.upTo(steps, 3)).toEqual(NO_WORK);
  const other = [step([row('thinker', [9, 1], [9, 0])])];
  expect(totals.upTo(other, 0)).toMatchObject({ computedTokens: 1, freshTokens: 10 });
});
