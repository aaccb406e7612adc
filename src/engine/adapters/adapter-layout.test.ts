import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { DEFAULT_LORA, LORA_TARGETS } from '@/protocol/training.ts';
import { SMOLLM2_SHAPE } from '@/testing/seeded-adapter.ts';
import { adapterLayout, initialAdapter } from './adapter-layout.ts';

describe('adapterLayout', () => {
  test('SmolLM2: names and shapes', () => {
    const layout = adapterLayout(DEFAULT_LORA, SMOLLM2_SHAPE);
    expect(layout.length).toBe(30 * 7 * 2);
    expect(layout.slice(2, 4)).toEqual([
      {
        name: 'base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight',
        shape: [8, 576],
        layer: 0,
        target: 'k_proj',
        matrix: 'A',
      },
      {
        name: 'base_model.model.model.layers.0.self_attn.k_proj.lora_B.weight',
        shape: [192, 8],
        layer: 0,
        target: 'k_proj',
        matrix: 'B',
      },
    ]);
    expect(layout.at(-1)?.name).toBe('base_model.model.model.layers.29.mlp.down_proj.lora_B.weight');
    expect(layout.at(-2)?.shape).toEqual([8, 1536]);
  });

  test('the order of target_modules does not count', () => {
    const targetModules = LORA_TARGETS.toReversed();
    expect(adapterLayout({ r: 4, targetModules }, SMOLLM2_SHAPE)).toEqual(
      adapterLayout({ r: 4, targetModules: LORA_TARGETS }, SMOLLM2_SHAPE),
    );
  });
});

describe('initialAdapter', () => {
  const config = { ...DEFAULT_LORA, targetModules: ['q_proj', 'down_proj'] as const };
  const { tensors } = initialAdapter(config, SMOLLM2_SHAPE, 7);

  test('B is zero, A is uniform between -1/sqrt(in) and 1/sqrt(in)', () => {
    for (const { name, shape, values } of tensors) {
      const columns = at(shape, 1);
      const meanSquare = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
      if (name.includes('lora_B')) expect(meanSquare).toBe(0);
      else {
        expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(columns));
        // Variance of the uniform distribution: bound^2 / 3; the standard error is 0.9 / sqrt(4608) = 1.3 %.
        expect(meanSquare * columns * 3).toBeGreaterThan(0.94);
        expect(meanSquare * columns * 3).toBeLessThan(1.06);
        expect(
          Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length) * Math.sqrt(columns),
        ).toBeLessThan(0.05);
      }
    }
  });

  test('a tensor depends on seed and name only', () => {
    const onlyDown = initialAdapter({ ...config, targetModules: ['down_proj'] }, SMOLLM2_SHAPE, 7).tensors;
    for (const tensor of onlyDown) expect(tensors.find(({ name }) => name === tensor.name)).toEqual(tensor);
    expect(initialAdapter(config, SMOLLM2_SHAPE, 8).tensors[0]).not.toEqual(tensors[0]);
    expect(tensors[4]?.values).not.toEqual(tensors[0]?.values);
  });
});
