import { expect, test } from 'vitest';
import {
  FIRST_FORM,
  MAX_KEPT_DATA,
  problemsOfForm,
  readForm,
  requestOfForm,
  storedForm,
  withSuggestion,
} from './fine-tune-form.ts';

const form = { ...FIRST_FORM, data: 'A text.' };

test('each field says its range, and a form with a problem makes no request', () => {
  expect(problemsOfForm(FIRST_FORM)).toEqual({ data: 'Paste examples, open a file, or load the example.' });
  const wrong = { ...form, steps: 0, learningRate: null, maxTokens: 2.5 };
  expect(problemsOfForm(wrong)).toEqual({
    steps: 'A whole number, 1 to 100,000.',
    learningRate: '0.000001 to 1.',
    maxTokens: 'A whole number, 2 to 8,192.',
  });
  expect(requestOfForm(wrong, 0)).toBeNull();
});

test('a schedule ends with the last step of the run, whatever the adapter had before', () => {
  const request = requestOfForm({ ...form, steps: 30, lrSchedulerType: 'linear' }, 12);
  expect(request).toMatchObject({ data: 'A text.', steps: 30, settings: { lrSchedulerType: 'linear', maxSteps: 42 } });
});

test('a suggestion changes its own fields', () => {
  const suggested = { gradientCheckpointing: true, logitChunkSize: 16, tokensPerPass: 256 };
  expect(withSuggestion({ ...form, gradientCheckpointing: false }, suggested)).toEqual({ ...form, ...suggested });
});

test('long texts are not kept, and what storage holds is believed only within range', () => {
  expect(storedForm(form)).toBe(form);
  expect(storedForm({ ...form, data: 'x'.repeat(MAX_KEPT_DATA + 1) })).toEqual({ ...form, data: '' });
  expect(readForm(JSON.parse(JSON.stringify(form)))).toEqual(form);
  expect(readForm({ data: 7, steps: 1e9, lrSchedulerType: 'steep', warmupSteps: 3 })).toEqual({
    ...FIRST_FORM,
    warmupSteps: 3,
  });
  for (const nothing of [undefined, null, 'x']) expect(readForm(nothing)).toEqual(FIRST_FORM);
});
