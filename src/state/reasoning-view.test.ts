import { expect, test } from 'vitest';
import { marginOf, tokensPerSecond, type StepCell } from './reasoning-view.ts';

test('large logits do not overflow in the margin', () => {
  expect(marginOf({ yes_logits: [1000], no_logits: [999.5] })).toBeCloseTo(0.5, 9);
});

test('where yes means to pause, the margin is turned round', () => {
  expect(marginOf({ yes_logits: [1], no_logits: [3] }, 'pause')).toBeCloseTo(2, 12);
});

test('the rate is that of the newest 24 tokens of a stream', () => {
  const cells: StepCell[] = Array.from({ length: 60 }, (_, step) => ({
    step,
    elapsedMs: step < 30 ? step * 1000 : 30_000 + (step - 30) * 50,
    thinker: 'a',
    writer: null,
  }));
  expect(tokensPerSecond(cells, 'thinker')).toBeCloseTo(20, 9);
  expect(tokensPerSecond(cells, 'writer')).toBeNull();
  expect(tokensPerSecond([], 'thinker')).toBeNull();
});
