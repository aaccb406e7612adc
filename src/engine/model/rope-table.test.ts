import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { ropeFrequenciesReference } from './rope.reference.ts';
import { ropeFrequencies, ropeTable } from './rope-table.ts';
import type { RopeScaling } from './model-config.ts';

const LLAMA3: RopeScaling = {
  kind: 'llama3',
  factor: 32,
  lowFreqFactor: 1,
  highFreqFactor: 4,
  originalContextLength: 8192,
};
const SCALINGS: readonly RopeScaling[] = [
  { kind: 'none' },
  { kind: 'linear', factor: 4 },
  LLAMA3,
  { kind: 'factors', factors: Float32Array.from({ length: 32 }, (_, i) => 1 + i / 8) },
];

describe('rope frequencies', () => {
  test.each(SCALINGS.map((ropeScaling) => [ropeScaling.kind, ropeScaling] as const))('%s', (_, ropeScaling) => {
    const config = { headDim: 64, ropeTheta: 500_000, ropeScaling };
    const expected = ropeFrequenciesReference(config);
    ropeFrequencies(config).forEach((frequency, i) => expect(frequency / at(expected, i)).toBeCloseTo(1, 12));
  });

  // Llama 3.2 1B: wavelengths below 8192 / 4 stay, those above 8192 are divided by 32 (transformers' `llama3`).
  test('llama3 keeps the fast pairs and slows the slow ones down', () => {
    const config = { headDim: 64, ropeTheta: 500_000 };
    const plain = ropeFrequencies({ ...config, ropeScaling: { kind: 'none' } });
    const scaled = ropeFrequencies({ ...config, ropeScaling: LLAMA3 });
    const ratios = [...scaled].map((frequency, i) => at(plain, i) / frequency);
    expect(ratios.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => 1));
    ratios.slice(-14).forEach((ratio) => expect(ratio).toBeCloseTo(32, 9));
    expect(ratios.every((ratio, i) => i === 0 || ratio >= at(ratios, i - 1))).toBe(true);
  });
});

test('the table holds cos and sin of position times frequency, accurate at large angles', () => {
  const config = { headDim: 16, ropeTheta: 10_000, ropeScaling: { kind: 'none' } } as const;
  const table = ropeTable(config, 3000);
  expect(table).toHaveLength(3000 * 8 * 2);
  expect(at(table, 2999 * 16)).toBeCloseTo(Math.cos(2999), 7);
  expect(at(table, 2999 * 16) ** 2 + at(table, 2999 * 16 + 1) ** 2).toBeCloseTo(1, 6);
  expect([...table.subarray(0, 4)]).toEqual([1, 0, 1, 0]);
});
