import { describe, expect, it } from 'vitest';
import { createRng } from './rng.ts';

describe('createRng', () => {
  it('repeats a sequence from its seed and differs between seeds', () => {
    const draw = (seed: number): number[] => {
      const rng = createRng(seed);
      return Array.from({ length: 5 }, () => rng.uniform());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    // mulberry32's published first value of seed 0.
    expect(draw(0)[0]).toBeCloseTo(0.26642920868471265, 15);
  });

  it('draws uniform and normal numbers with the right moments (seed 1)', () => {
    const rng = createRng(1);
    const uniform = Array.from({ length: 20_000 }, () => rng.uniform());
    const normal = Array.from({ length: 20_000 }, () => rng.normal());
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(mean(uniform.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((value) => value ** 2))).toBeCloseTo(1, 1);
  });

  it('draws integers below the end', () => {
    const rng = createRng(2);
    const seen = new Set(Array.from({ length: 200 }, () => rng.integer(3)));
    expect(seen).toEqual(new Set([0, 1, 2]));
  });
});
