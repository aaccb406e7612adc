import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exampleOrder } from './fine-tune.ts';

const cases = [fc.integer({ min: 1, max: 12 }), fc.integer(), fc.integer({ min: 0, max: 40 })] as const;

test('every epoch has every example once', () => {
  fc.assert(
    fc.property(...cases, (numExamples, seed, epoch) => {
      const order = exampleOrder(numExamples, seed, epoch * numExamples, numExamples);
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: numExamples }, (_, index) => index));
    }),
  );
});

test('the order from a place on is the same however it is reached', () => {
  fc.assert(
    fc.property(...cases, (numExamples, seed, from) => {
      const whole = exampleOrder(numExamples, seed, 0, from + 5);
      expect(exampleOrder(numExamples, seed, from, 5)).toEqual(whole.slice(from));
    }),
  );
});

test('epochs differ in their order', () => {
  const [first, second] = [0, 1].map((epoch) => exampleOrder(50, 3, epoch * 50, 50));
  expect(first).not.toEqual(second);
});
