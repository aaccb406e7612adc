import { beforeAll, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { maxAbsDifference } from '@/lib/statistics.ts';
import { bytesSource } from '@/engine/loading/byte-source.ts';
import { modelConfigOf } from '@/engine/loading/gguf-config.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { openMlcFolder } from '@/engine/loading/mlc-folder.ts';
import type { WeightSource } from '@/engine/loading/weight-source.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { llamaSourceRow, permuteRows } from '@/engine/quantisation/row-order.ts';
import { nmse } from '@/testing/all-close.ts';
import type { CheckpointConfig } from '@/testing/reference-model.ts';
import { tinyTokenizerJson, type TinyVocabulary } from '@/testing/tiny-tokenizer-json.ts';
import { fetchGoldenJson, fetchGoldenTensors } from '@/testing/training-golden.ts';
import { writeGguf, type MetadataValue, type TensorToWrite } from '@/testing/write-gguf.ts';
import { folderOf, writeMlcFolder, type WrittenMlcFolder } from '@/testing/write-mlc-folder.ts';
import { GpuModel } from './gpu-model.ts';

/**
 * Largest difference of a logit between a folder and the same weights in f32. The weights are equal to the last bit;
 * with scales, sums are made per group and scaled then, so roundings differ: by some units in the last place (5e-7 each)
 * of logits up to 10. Measured: 4e-6.
 */
const ROUNDING = 2e-5;
/** Without scales the kernels add in the same order too. */
const SAME_ORDER = 0;

const CASES = [
  // What the quantisation costs, as NMSE of the logits against the checkpoint's. Measured: 0.15 and 0.59 for 4 bits,
  // where Q4_0 files of the tiny llama have 0.12 to 0.47 (random weights have nothing redundant), and 2e-6 for f16.
  { architecture: 'qwen2', quantization: 'q4f16_1', rounding: ROUNDING, loss: [0.02, 0.8] },
  { architecture: 'llama', quantization: 'q4f32_1', rounding: ROUNDING, loss: [0.02, 0.8] },
  { architecture: 'qwen3', quantization: 'q0f16', rounding: SAME_ORDER, loss: [1e-7, 1e-5] },
] as const;

let vocabulary: TinyVocabulary;

beforeAll(async () => {
  vocabulary = await fetchGoldenJson<TinyVocabulary>('tiny/vocab.json');
});

async function logitsOf(source: WeightSource, config: ModelConfig, ids: readonly number[]): Promise<Float32Array> {
  const options = { contextLength: 256, kvType: 'f32', kernelShape: 'threadPerRows' } as const;
  using model = await GpuModel.create(source, config, options, () => undefined, new AbortController().signal);
  const [logits] = await model.decoder.logits(ids, [ids.length - 1]);
  return logits ?? new Float32Array();
}

/** The tensors that the folder stands for, in f32, as a GGUF file of this architecture holds them. */
function ggufOf({ checkpoint, expected }: WrittenMlcFolder): Uint8Array<ArrayBuffer> {
  const architecture = checkpoint.model_type;
  const isPermuted = (name: string): boolean => architecture === 'llama' && /attn_[qk]\.weight$/.test(name);
  const toFileRow = inverse(llamaSourceRow(checkpoint.head_dim), checkpoint.head_dim);
  const tensors = [...expected].map(([name, { shape, values }]): TensorToWrite => {
    const bytes = new Uint8Array(values.buffer);
    const inOrder = isPermuted(name) ? permuteRows(bytes, 4 * at(shape, 1), toFileRow) : bytes;
    return { name, type: 'F32', shape, bytes: inOrder };
  });
  const fields: Record<string, MetadataValue> = {
    context_length: { u32: checkpoint.max_position_embeddings },
    embedding_length: { u32: checkpoint.hidden_size },
    feed_forward_length: { u32: checkpoint.intermediate_size },
    block_count: { u32: checkpoint.num_hidden_layers },
    'attention.head_count': { u32: checkpoint.num_attention_heads },
    'attention.head_count_kv': { u32: checkpoint.num_key_value_heads },
    'attention.key_length': { u32: checkpoint.head_dim },
    'attention.value_length': { u32: checkpoint.head_dim },
    'attention.layer_norm_rms_epsilon': { f32: checkpoint.rms_norm_eps },
    'rope.freq_base': { f32: checkpoint.rope_theta },
  };
  const metadata = Object.entries(fields).map(([key, value]) => [`${architecture}.${key}`, value] as const);
  return writeGguf({ metadata: [['general.architecture', { string: architecture }], ...metadata], tensors });
}

/** File row -> HF row of a reordering that stays inside heads. */
function inverse(sourceRowOf: (row: number) => number, headDim: number): (row: number) => number {
  const inHead = new Map(Array.from({ length: headDim }, (_, row) => [sourceRowOf(row), row]));
  return (row) => row - (row % headDim) + (inHead.get(row % headDim) ?? NaN);
}

test.each(CASES)('$architecture in $quantization equals the same weights in f32', async (testCase) => {
  const { architecture, quantization, rounding, loss } = testCase;
  const folder = `tiny/${architecture}`;
  const golden = await fetchGoldenJson<{ cases: { ids: number[]; all_last_logits: number[] }[] }>(
    `${folder}/tiny-${architecture}-F32.golden.json`,
  );
  const written = writeMlcFolder({
    checkpoint: await fetchGoldenJson<CheckpointConfig>(`${folder}/config.json`),
    tensors: await fetchGoldenTensors(`${folder}/model.safetensors`),
    quantization,
    tokenizer: tinyTokenizerJson(vocabulary),
  });
  const opened = await openMlcFolder(folderOf(written.files));
  using weights = opened.weights;
  using gguf = await openGguf([bytesSource('same.gguf', ggufOf(written))]);
  const config = await modelConfigOf(gguf);
  expect({ ...opened.config, rmsNormEps: config.rmsNormEps }).toEqual(config);
  const { ids, all_last_logits: unquantised } = at(golden.cases, golden.cases.length - 1);
  const logits = await logitsOf(weights, opened.config, ids);
  const expected = await logitsOf(gguf, config, ids);
  expect(logits.length).toBe(unquantised.length);
  expect(maxAbsDifference(logits, expected)).toBeLessThanOrEqual(rounding);
  const [least, most] = loss;
  expect(nmse(unquantised, logits)).toBeGreaterThanOrEqual(least);
  expect(nmse(unquantised, logits)).toBeLessThan(most);
});
