import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import { readGoldenJson } from './gguf-golden.ts';
import { seededValues } from './seeded-adapter.ts';

const { generator } = readGoldenJson(
  'grpo/smollm2.json',
  z.object({
    generator: z.object({
      test_vectors: z.array(
        z.object({
          name: z.string(),
          fnv1a32: z.number(),
          bound: z.number(),
          base_seed: z.number(),
          first_4: z.array(z.number()),
        }),
      ),
    }),
  }),
);

describe('seededValues', () => {
  test.each(generator.test_vectors)('begins as the generator in Python does: $name', (vector) => {
    expect(fnv1a32(vector.name)).toBe(vector.fnv1a32);
    const values = seededValues(vector.name, 4, vector.bound, vector.base_seed);
    expect([...values]).toEqual(vector.first_4.map(Math.fround));
  });

  test('a whole tensor has the bytes of the one from Python', () => {
    const name = 'base_model.model.model.layers.29.mlp.down_proj.lora_B.weight';
    const values = seededValues(name, 576 * 8, 0.005, 777);
    expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(
      'd7afe45199482dccffc7bf7a95d7f5d85239b38c93fa9c9292191e38d8506935',
    );
  });
});
