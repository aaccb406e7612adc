import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { maxAbsDifference } from '@/lib/statistics.ts';
import { bytesSource } from '@/engine/loading/byte-source.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { openModel, type OpenModelOptions } from '@/engine/loading/open-model.ts';
import { ReferenceBlock } from '@/engine/model/block.reference.ts';
import { forwardReference } from '@/engine/model/forward.reference.ts';
import { readVocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { nmse } from '@/testing/all-close.ts';
import { goldenUrl } from '@/testing/load-gpu-model.ts';
import { fetchGoldenJson } from '@/testing/training-golden.ts';
import { readSafetensors } from '@/testing/read-safetensors.ts';
import { referenceModelFrom, type CheckpointConfig } from '@/testing/reference-model.ts';
import { chosenFiles, writeHfTokenizer, writeHfWeights, type FolderFiles } from '@/testing/write-hf-folder.ts';
import { GpuModel } from './gpu-model.ts';

// As for GGUF files: independent f32 implementations agree within 6e-5.
const LOGIT_TOLERANCE = 2e-4;

type Architecture = 'llama' | 'qwen2' | 'qwen3';

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(goldenUrl(path));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

interface Golden {
  readonly cases: readonly { readonly ids: readonly number[]; readonly all_last_logits: readonly number[] }[];
}

/** Logits at the last position of each prompt, by the loader that the worker uses. */
async function logitsOf(
  files: readonly File[],
  prompts: readonly (readonly number[])[],
  options: OpenModelOptions = {},
): Promise<Float32Array[]> {
  const opened = await openModel(files, options);
  try {
    const { signal } = new AbortController();
    const settings = { contextLength: 256, kvType: 'f32', kernelShape: 'threadPerRows' } as const;
    using model = await GpuModel.create(opened.weights, opened.config, settings, () => undefined, signal);
    const rows: Float32Array[] = [];
    for (const ids of prompts) rows.push(at(await model.decoder.logits(ids, [ids.length - 1]), 0));
    return rows;
  } finally {
    opened.close();
  }
}

async function folderOf(architecture: Architecture, weights: FolderFiles): Promise<File[]> {
  using gguf = await openGguf([
    bytesSource(architecture, await fetchBytes(`tiny/${architecture}/tiny-${architecture}-F32.gguf`)),
  ]);
  const config = await fetchBytes(`tiny/${architecture}/config.json`);
  const tokenizer = writeHfTokenizer(readVocabulary(gguf.metadata, gguf.fileName), null);
  return chosenFiles({ 'config.json': config, ...tokenizer, ...weights });
}

const checkpointOf = async (architecture: Architecture): Promise<Uint8Array<ArrayBuffer>> =>
  fetchBytes(`tiny/${architecture}/model.safetensors`);

describe('a folder in safetensors', () => {
  // qwen2 is the next test's.
  test.each(['llama', 'qwen3'] as const)('%s in F32 gives the logits of its GGUF file', async (architecture) => {
    const name = `tiny/${architecture}/tiny-${architecture}-F32`;
    const { cases } = await fetchGoldenJson<Golden>(`${name}.golden.json`);
    const prompts = cases.map(({ ids }) => ids);
    const gguf = new File([await fetchBytes(`${name}.gguf`)], 'tiny.gguf');
    const expected = await logitsOf([gguf], prompts);
    const tensors = [...readSafetensors(await checkpointOf(architecture)).values()];
    const files = await folderOf(architecture, writeHfWeights(tensors, { numShards: 2 }));
    expect(await logitsOf(files, prompts)).toEqual(expected);
    for (const [i, { all_last_logits }] of cases.entries())
      expect(maxAbsDifference(at(expected, i), all_last_logits)).toBeLessThan(LOGIT_TOLERANCE);
  });

  test.each(['F16', 'BF16'] as const)('in %s computes with its rounded weights', async (dtype) => {
    const { cases } = await fetchGoldenJson<Golden>('tiny/qwen2/tiny-qwen2-F32.golden.json');
    const { ids, all_last_logits: exact } = at(cases, 0);
    const weights = writeHfWeights([...readSafetensors(await checkpointOf('qwen2')).values()], { dtype });
    const [actual] = await logitsOf(await folderOf('qwen2', weights), [ids]);
    const bytes = weights['model.safetensors'];
    if (!(bytes instanceof Uint8Array) || actual === undefined) throw new Error('nothing was written');
    const reference = referenceModelFrom(await fetchGoldenJson<CheckpointConfig>('tiny/qwen2/config.json'), bytes);
    const view = [new ReferenceBlock('prompt', reference.config)];
    const [result] = forwardReference(reference, [{ view, tokenIds: [...ids] }], { allPositions: true });
    const expected = result?.logits?.subarray(-reference.config.vocabSize) ?? [];
    expect(maxAbsDifference(actual, expected)).toBeLessThan(LOGIT_TOLERANCE);
    // A weight is off by half a unit in its last place at most; the 15 matrices on the way to a logit add up as
    // independent errors do.
    const rounding = dtype === 'F16' ? 2 ** -11 : 2 ** -8;
    const difference = Math.sqrt(nmse(exact, actual));
    expect(difference).toBeLessThan(rounding * Math.sqrt(15));
    expect(difference).toBeGreaterThan(rounding / 100);
  });

  test('quantised to q8 gives the logits of the Q8_0 file', async () => {
    const { cases } = await fetchGoldenJson<Golden>('tiny/llama/tiny-llama-Q8_0.golden.json');
    const files = await folderOf('llama', { 'model.safetensors': await checkpointOf('llama') });
    const actual = await logitsOf(
      files,
      cases.map(({ ids }) => ids),
      { quantization: 'q8' },
    );
    for (const [i, { all_last_logits }] of cases.entries())
      expect(maxAbsDifference(at(actual, i), all_last_logits)).toBeLessThan(LOGIT_TOLERANCE);
  });
});
