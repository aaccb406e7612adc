import { expect, test } from 'vitest';
import { parameterCount, starterQuestions } from './starter-questions.ts';

const SMOLLM2_135M = {
  vocabSize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  numHiddenLayers: 30,
  numAttentionHeads: 9,
  numKeyValueHeads: 3,
  headDim: 64,
};
const QWEN3_600M = {
  vocabSize: 151_936,
  hiddenSize: 1024,
  intermediateSize: 3072,
  numHiddenLayers: 28,
  numAttentionHeads: 16,
  numKeyValueHeads: 8,
  headDim: 128,
};

test('parameters are counted from the sizes', () => {
  expect(parameterCount(SMOLLM2_135M) / 1e6).toBeCloseTo(134.5, 1);
  expect(parameterCount(QWEN3_600M) / 1e6).toBeCloseTo(596, 0);
});

test('only a model that was trained to think, and is not tiny, gets questions of several steps', () => {
  const short = starterQuestions(null);
  expect(starterQuestions({ ...SMOLLM2_135M, hasThinkTokens: true })).toBe(short);
  expect(starterQuestions({ ...QWEN3_600M, hasThinkTokens: false })).toBe(short);
  const stepwise = starterQuestions({ ...QWEN3_600M, hasThinkTokens: true });
  expect(stepwise).not.toBe(short);
  expect([short.length, stepwise.length]).toEqual([3, 3]);
});
