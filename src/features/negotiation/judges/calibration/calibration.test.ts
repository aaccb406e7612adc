import { expect, test } from 'vitest';
import { calibrationCsv } from './calibration-csv.ts';
import { axisPlace, confusionOf, jitterOf } from './judge-picture-data.ts';

const ANSWER = { dilemma: 'What?', persona1: 'One.', persona2: 'Two.', completion: 'So, "be it".' };

test('counts stand at the rounded scores of the first and the second judge', () => {
  const counts = confusionOf([
    { name: 'a', first: 3.4, second: 5 },
    { name: 'b', first: 2.6, second: 4.9 },
    { name: 'c', first: 0, second: 0.2 },
  ]);
  expect(counts[3]?.[5]).toBe(2);
  expect(counts[0]?.[0]).toBe(1);
  expect(counts.flat().reduce((sum, count) => sum + count, 0)).toBe(3);
});

test('points keep near their place, apart from each other, and where they were', () => {
  const offsets = Array.from({ length: 50 }, (_, index) => jitterOf(index));
  expect(Math.max(...offsets.flat().map(Math.abs))).toBeLessThanOrEqual(0.16);
  expect(new Set(offsets.map(([x, y]) => `${x.toFixed(3)} ${y.toFixed(3)}`)).size).toBe(50);
  expect(jitterOf(7)).toEqual(offsets[7]);
});

test('an axis has half a point beyond 0 and 5', () => {
  expect([axisPlace(0, 120), axisPlace(5, 120)]).toEqual([10, 110]);
});

test('a CSV has every answer; what was not read has a reason and no score', () => {
  const lines = calibrationCsv({
    judges: ['this', 'that'],
    answers: [{ name: 'first', answer: ANSWER, known: { dilemmaId: 'x', level: 'good' } }],
    verdicts: [
      [
        { state: 'scored', score: 0 },
        { state: 'unreadable', reason: 'No digit.', raw: '' },
      ],
    ],
  });
  expect(lines[0]?.slice(6)).toEqual(['A: this', 'A: why not read', 'B: that', 'B: why not read']);
  expect(lines[1]).toEqual(['first', 'What?', 'One.', 'Two.', 'So, "be it".', 'good', 0, null, null, 'No digit.']);
});
