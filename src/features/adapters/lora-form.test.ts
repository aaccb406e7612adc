import { expect, test } from 'vitest';
import { LORA_TARGETS } from '@/protocol/training.ts';
import {
  configOfLora,
  firstLoraForm,
  formatCount,
  freeName,
  problemsOfLora,
  sizeOfLora,
  targetsText,
} from './lora-form.ts';

const SMOLLM2 = {
  hiddenSize: 576,
  intermediateSize: 1536,
  numHiddenLayers: 30,
  numAttentionHeads: 9,
  numKeyValueHeads: 3,
  headDim: 64,
};

test('the default adapter of the embedded model has the size that PEFT gives it', () => {
  // r (in + out): q 1152, k and v 768, o 1152, gate and up 2112, down 2112, times 8 and 30 layers.
  expect(sizeOfLora(firstLoraForm('A'), SMOLLM2)).toEqual({ numParameters: 2_442_240, trainingBytes: 39_075_840 });
  expect(sizeOfLora({ r: 4, targetModules: ['q_proj', 'v_proj'] }, SMOLLM2).numParameters).toBe(230_400);
  expect(sizeOfLora({ r: null, targetModules: LORA_TARGETS }, SMOLLM2).numParameters).toBe(0);
});

test('every field says what it takes', () => {
  const form = firstLoraForm('A');
  expect(problemsOfLora(form)).toEqual({});
  expect(configOfLora(form)).toEqual({
    r: 8,
    loraAlpha: 16,
    loraDropout: 0,
    useRslora: false,
    targetModules: LORA_TARGETS,
  });
  const wrong = { ...form, name: ' ', r: 65, loraAlpha: 0, loraDropout: 1, targetModules: [] };
  expect(problemsOfLora(wrong)).toEqual({
    name: '1 to 80 characters.',
    r: 'A whole number, 1 to 64.',
    loraAlpha: 'A number above 0.',
    loraDropout: '0 to below 1.',
    targetModules: 'Choose at least one.',
  });
  expect(configOfLora(wrong)).toBeNull();
  expect(Object.keys(problemsOfLora({ ...form, r: 2.5, loraAlpha: null }))).toEqual(['r', 'loraAlpha']);
});

test('names and numbers in short', () => {
  expect(targetsText(LORA_TARGETS)).toBe('all modules');
  expect(targetsText(['q_proj', 'down_proj'])).toBe('q, down');
  expect(freeName(['Adapter 1', 'Adapter 3'])).toBe('Adapter 2');
  expect([12, 230_400, 2_442_240].map(formatCount)).toEqual(['12', '230.4 k', '2.44 M']);
});
