import { expect, test } from 'vitest';
import { badgeLabel, massText, originOf, percentText, readingNames, rubricOf, scoreText } from './score-texts.ts';

test('whole scores have no fraction, means have one digit', () => {
  expect([0, 5, 4.06, 3.769856].map(scoreText)).toEqual(['0', '5', '4.1', '3.8']);
});

test('the nearest row of the rubric is found, at both ends too', () => {
  expect([0, 0.49, 0.5, 3.4, 4.6, 5].map((score) => rubricOf(score).score)).toEqual([0, 0, 1, 3, 5, 5]);
});

test('a judge that would mostly not answer with a digit is called out', () => {
  expect(massText({ state: 'scored', score: 3 })).toBeUndefined();
  expect(massText({ state: 'scored', score: 3, answerMass: 0.98 })).toMatchObject({ isWeak: false });
  const weak = massText({ state: 'scored', score: 3, answerMass: 0.0042 });
  expect(weak?.isWeak).toBe(true);
  expect(weak?.text).toContain('Only 0.4 %');
});

test('shares are rounded without becoming 0', () => {
  expect([0, 0.0004, 0.004, 0.0996, 0.314, 1].map(percentText)).toEqual([
    '0 %',
    '< 0.1 %',
    '0.4 %',
    '10 %',
    '31 %',
    '100 %',
  ]);
});

test('an unreadable verdict is never a number', () => {
  expect(badgeLabel({ state: 'unreadable', reason: 'No digit.', raw: '0' })).toBe(
    'The judge could not be read. Show why',
  );
  expect(badgeLabel({ state: 'scored', score: 0 })).toContain('Collective Agency 0 of 5, Anti-CA');
});

test('a verdict shows how it came about', () => {
  const distribution = [0, 0, 0, 0, 1, 0];
  const origins = [
    originOf({ state: 'scored', score: 4, distribution }),
    originOf({ state: 'scored', score: 4, distribution, raw: '4' }),
    originOf({ state: 'scored', score: 4, raw: '4' }),
    originOf({ state: 'scored', score: 4 }),
  ];
  expect(new Set(origins).size).toBe(4);
});

test('the third reading turns the dialogue round', () => {
  expect(readingNames(false)[2]).toBe('Read with the dialogue');
  expect(readingNames(true)[2]).toBe('Read without the dialogue');
});
