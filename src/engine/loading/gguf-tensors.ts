import type { ModelConfig } from '@/engine/model/model-config.ts';
import { invalidFile, unsupportedModel } from './gguf-header.ts';
import type { WeightSource, WeightTensor } from './weight-source.ts';

type Shape = readonly number[];

/**
 * Compares the tensors with the configuration: each one that the forward reads must be there with its shape, and none
 * may be left over, since an ignored tensor means a wrong result.
 *
 * @throws {Failure} 'invalidFile' naming a tensor that is missing or mis-shaped; 'unsupportedModel' naming one that the
 *                   forward would ignore
 */
export function checkTensors(source: WeightSource, config: ModelConfig): void {
  const expected = new Set<string>(['rope_freqs.weight']);
  for (const [name, shape] of expectedTensors(config)) {
    expected.add(name);
    checkShape(source, source.tensor(name), shape);
  }
  for (const name of source.tensors.keys())
    if (!expected.has(name))
      throw unsupportedModel(
        source.fileName,
        `tensor "${name}"`,
        `a ${config.architecture} model with this tensor is not supported`,
      );
}

/** Lazily, so that a wrong layer count fails at the first missing layer. */
function* expectedTensors(config: ModelConfig): Generator<readonly [name: string, shape: Shape]> {
  const { hiddenSize, vocabSize } = config;
  yield ['token_embd.weight', [vocabSize, hiddenSize]];
  yield ['output_norm.weight', [hiddenSize]];
  if (!config.tieWordEmbeddings) yield ['output.weight', [vocabSize, hiddenSize]];
  for (let layer = 0; layer < config.numHiddenLayers; layer++)
    for (const [name, shape] of layerTensors(config)) yield [`blk.${layer}.${name}`, shape];
}

function layerTensors(config: ModelConfig): (readonly [name: string, shape: Shape])[] {
  const { hiddenSize, intermediateSize, headDim } = config;
  const queryRows = config.numAttentionHeads * headDim;
  const keyRows = config.numKeyValueHeads * headDim;
  const tensors: (readonly [string, Shape])[] = [
    ['attn_norm.weight', [hiddenSize]],
    ['attn_q.weight', [queryRows, hiddenSize]],
    ['attn_k.weight', [keyRows, hiddenSize]],
    ['attn_v.weight', [keyRows, hiddenSize]],
    ['attn_output.weight', [hiddenSize, queryRows]],
    ['ffn_norm.weight', [hiddenSize]],
    ['ffn_gate.weight', [intermediateSize, hiddenSize]],
    ['ffn_up.weight', [intermediateSize, hiddenSize]],
    ['ffn_down.weight', [hiddenSize, intermediateSize]],
  ];
  if (config.hasAttentionBias)
    tensors.push(['attn_q.bias', [queryRows]], ['attn_k.bias', [keyRows]], ['attn_v.bias', [keyRows]]);
  if (config.hasQkNorm) tensors.push(['attn_q_norm.weight', [headDim]], ['attn_k_norm.weight', [headDim]]);
  return tensors;
}

function checkShape(source: WeightSource, tensor: WeightTensor, expected: Shape): void {
  const isEqual = tensor.shape.length === expected.length && tensor.shape.every((size, i) => size === expected[i]);
  if (!isEqual)
    throw invalidFile(
      source.fileName,
      `tensor "${tensor.name}"`,
      `its shape is [${tensor.shape.join(', ')}], but the metadata call for [${expected.join(', ')}]`,
    );
}
