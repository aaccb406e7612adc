import { expect, test } from 'vitest';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { PromptCache } from './prompt-cache.ts';

test('keeps a prompt once, and forgets it with its memory when the model computes otherwise', async () => {
  const decoder = new ReferenceDecoder(await readTinyReferenceModel('llama'));
  const cache = new PromptCache(decoder);
  await cache.keep([3, 4, 5]);
  const first = cache.find([3, 4, 5]);
  await cache.keep([3, 4, 5]);
  expect(cache.find([3, 4, 5])).toBe(first);
  expect(first?.block.length).toBe(3);
  cache.clear();
  expect(decoder.numLiveBlocks).toBe(0);
  expect(cache.find([3, 4, 5])).toBeUndefined();
  await cache.keep([3, 4, 5]);
  expect(cache.find([3, 4, 5])?.result).toEqual(first?.result);
});
