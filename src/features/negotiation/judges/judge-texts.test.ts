import { expect, test } from 'vitest';
import type { ModelInfo } from '@/protocol/model.ts';
import { isSmall, nameOfJudge, numParametersOf, parametersText, trustOf } from './judge-texts.ts';

const SMOLLM2 = {
  vocabSize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  numHiddenLayers: 30,
  numAttentionHeads: 9,
  numKeyValueHeads: 3,
  headDim: 64,
} as ModelInfo;
const QWEN3_4B = {
  vocabSize: 151_936,
  hiddenSize: 2560,
  intermediateSize: 9728,
  numHiddenLayers: 36,
  numAttentionHeads: 32,
  numKeyValueHeads: 8,
  headDim: 128,
} as ModelInfo;

test('parameters follow from the shape: 135M and 4B are what their names say', () => {
  expect(parametersText(numParametersOf(SMOLLM2))).toBe('134 M');
  expect(parametersText(numParametersOf(QWEN3_4B))).toBe('4.0 B');
  expect([isSmall(SMOLLM2), isSmall(QWEN3_4B)]).toEqual([true, false]);
  expect(parametersText(999.9e6)).toBe('1.0 B');
});

test('a judge is named without its key, and a small one is called noisy', () => {
  const endpoint = { kind: 'endpoint', url: 'http://localhost:11434/v1', model: 'qwen3:8b', apiKey: 'secret' } as const;
  expect(nameOfJudge(endpoint)).toBe('qwen3:8b at localhost:11434');
  expect(nameOfJudge({ kind: 'webLlm', model: 'Qwen3-4B-q4f32_1-MLC' })).toBe('Qwen3 4B, web-llm');
  expect(nameOfJudge({ kind: 'webLlm', model: 'Other' })).toBe('Other, web-llm');
  expect(nameOfJudge({ kind: 'rule', rule: { kind: 'word', word: 'both' } })).toBe('rule, the word “both”');
  expect(trustOf({ kind: 'engine' }, SMOLLM2)).toBe('noisy');
  expect(trustOf({ kind: 'engine' }, QWEN3_4B)).toBe('');
  expect(trustOf({ kind: 'engine' }, null)).toBe('no model yet');
  expect(trustOf({ kind: 'webLlm', model: 'Qwen3-0.6B-q4f16_1-MLC' }, null)).toBe('noisy');
  expect(trustOf({ kind: 'webLlm', model: 'Qwen3-1.7B-q4f16_1-MLC' }, null)).toBe('');
});
