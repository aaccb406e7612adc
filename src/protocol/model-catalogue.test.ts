import { existsSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TENSOR_TYPES } from '@/engine/quantisation/gguf-blocks.ts';
import { CATALOGUE, DEFAULT_MODEL_ID } from './model-catalogue.ts';

/** KiB of an f16 cache for each token, reckoned by hand from each model’s config.json. */
const KV_KIB: Readonly<Record<string, number>> = {
  'smollm2-135m-instruct': 22.5,
  'smollm2-360m-instruct': 40,
  'qwen2.5-0.5b-instruct': 12,
  'qwen2.5-coder-0.5b-instruct': 12,
  'qwen3-0.6b': 112,
  'llama-3.2-1b-instruct': 32,
  'smollm2-1.7b-instruct': 192,
  'qwen2.5-1.5b-instruct': 28,
  'qwen2.5-coder-1.5b-instruct': 28,
  'qwen3-1.7b': 112,
  'llama-3.2-3b-instruct': 112,
  'qwen3-4b': 144,
};

/** Types that a file's name may stand for, and the tensor types of such a file. */
const FILE_TYPES: Readonly<Record<string, readonly string[]>> = {
  Q4_1: ['Q4_1'],
  Q8_0: ['Q8_0'],
  Q4_K_M: ['Q4_K', 'Q6_K', 'Q5_0', 'Q8_0'],
};

/** 362M, 1.54B. */
function numParameters(text: string): number {
  const [, digits = '', unit = ''] = /^([\d.]+)([MB])$/.exec(text) ?? [];
  return Number(digits) * (unit === 'B' ? 1e9 : 1e6);
}

describe('the catalogue', () => {
  test('begins with the embedded model, names each once, and stands smallest first', () => {
    expect(CATALOGUE[0]?.id).toBe(DEFAULT_MODEL_ID);
    expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
    expect(new Set(CATALOGUE.map(({ url }) => url)).size).toBe(CATALOGUE.length);
    const sizes = CATALOGUE.map(({ sizeBytes }) => sizeBytes);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });

  test('has the embedded file as it lies beside the page', () => {
    const [embedded] = CATALOGUE;
    const file = new URL(`../../public${embedded?.url}`, import.meta.url);
    expect(existsSync(file)).toBe(true);
    expect(statSync(file).size).toBe(embedded?.sizeBytes);
  });

  test.each(CATALOGUE)('$name: cache as its geometry gives it', ({ id, cache }) => {
    const { numHiddenLayers, numKeyValueHeads, headDim } = cache;
    const keysAndValues = 2;
    const f16Bytes = 2;
    const kib = (keysAndValues * numHiddenLayers * numKeyValueHeads * headDim * f16Bytes) / 1024;
    expect(kib).toBe(KV_KIB[id]);
  });

  test.each(CATALOGUE)('$name: a file whose tensor types can be read, of a size that fits its parameters', (entry) => {
    const [, type = ''] = /[-.](Q\d(?:_[01K])(?:_M)?)\.gguf$/i.exec(entry.url) ?? [];
    const types = FILE_TYPES[type.toUpperCase()];
    expect(types).toBeDefined();
    for (const each of types ?? []) expect(TENSOR_TYPES).toContain(each);
    const bitsPerParameter = (8 * entry.sizeBytes) / numParameters(entry.parameters);
    expect(bitsPerParameter).toBeGreaterThan(4);
    expect(bitsPerParameter).toBeLessThan(12);
  });

  test.each(CATALOGUE.slice(1))(
    '$name: from Hugging Face, under a licence that its file name does not contradict',
    (entry) => {
      expect(entry.url).toMatch(/^https:\/\/huggingface\.co\/[\w.-]+\/[\w.-]+\/resolve\/main\/[\w.-]+\.gguf$/);
      expect(entry.license).toBe(entry.name.startsWith('Llama') ? 'Llama 3.2 Community License' : 'Apache-2.0');
      expect(entry.maxContextLength).toBeGreaterThanOrEqual(8192);
      expect(entry.isReasoning).toBe(entry.name.startsWith('Qwen3'));
      // The Thinking panel needs ChatML turns, which Llama's template has not.
      expect(entry.suits.thinking === 'no').toBe(entry.name.startsWith('Llama'));
    },
  );
});
