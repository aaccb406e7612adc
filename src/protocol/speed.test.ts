import { expect, test } from 'vitest';
import { decodeSpeedOf, SPEED_THRESHOLDS, speedClassOf } from './speed.ts';

test('a class begins at its threshold', () => {
  expect(speedClassOf(SPEED_THRESHOLDS.fast)).toBe('fast');
  expect(speedClassOf(SPEED_THRESHOLDS.fast - 0.01)).toBe('moderate');
  expect(speedClassOf(SPEED_THRESHOLDS.moderate - 0.01)).toBe('slow');
  expect(speedClassOf(SPEED_THRESHOLDS.slow)).toBe('slow');
  expect(speedClassOf(0.1)).toBe('verySlow');
});

test('one late step does not make a machine slow', () => {
  const speed = decodeSpeedOf([50, 900, 50, 48, 52], 'measured');
  expect(speed).toEqual({
    tokensPerSecond: 20,
    stepMs: 50,
    numSteps: 5,
    speedClass: 'fast',
    origin: 'measured',
  });
});
