/** Which tensors go to the GPU as which matrices, and how many bytes each buffer takes: uploads and estimates ask alike. */
import { at } from '@/lib/assert.ts';
import type { WeightSource, WeightTensor } from '@/engine/loading/weight-source.ts';
import type { TensorType } from '@/engine/quantisation/gguf-blocks.ts';
import { rowParts } from '@/engine/quantisation/row-parts.ts';
import { LAYOUT_OF, packedWords } from '@/engine/quantisation/weight-layout.ts';
import { bufferBytes } from '../gpu/gpu-buffer.ts';
import type { ModelConfig } from './model-config.ts';

/** A matrix made of one tensor's rows, or of several tensors' rows. */
export interface PlannedMatrix {
  readonly label: string;
  readonly tensors: readonly WeightTensor[];
  /** What its rows are packed from. */
  readonly type: TensorType;
  readonly rows: number;
  readonly columns: number;
}

/** Bytes of the buffer that stands in for the scales of layouts without any. */
export const NO_SCALES_BYTES = 16;

function matrixOf(label: string, tensors: readonly WeightTensor[], type: TensorType): PlannedMatrix {
  const rows = tensors.reduce((sum, { shape }) => sum + at(shape, 0), 0);
  return { label, tensors, type, rows, columns: at(at(tensors, 0).shape, 1) };
}

export function plainMatrix(source: WeightSource, name: string): PlannedMatrix {
  const tensor = source.tensor(name);
  return matrixOf(name, [tensor], tensor.type);
}

/** q, k and v below each other where they share a type, else one by one. */
export function qkvMatrices(source: WeightSource, prefix: string): PlannedMatrix[] {
  const tensors = ['q', 'k', 'v'].map((name) => source.tensor(`${prefix}.attn_${name}.weight`));
  const { type } = at(tensors, 0);
  if (tensors.every((tensor) => tensor.type === type)) return [matrixOf(`${prefix} qkv`, tensors, type)];
  return tensors.map((tensor) => matrixOf(tensor.name, [tensor], tensor.type));
}

/** Gate and up by tiles in turn; as f32 where their types differ. */
export function gateUpMatrix(source: WeightSource, prefix: string): PlannedMatrix {
  const tensors = ['gate', 'up'].map((name) => source.tensor(`${prefix}.ffn_${name}.weight`));
  const { type } = at(tensors, 0);
  const isShared = tensors.every((tensor) => tensor.type === type);
  return matrixOf(`${prefix} gate up`, tensors, isShared ? type : 'F32');
}

export interface WeightSizes {
  /** Of all buffers together. */
  readonly totalBytes: number;
  /** The largest buffer, and what it holds. */
  readonly largest: { readonly label: string; readonly bytes: number };
}

/**
 * Bytes that `WeightUploader` allocates. Matrices whose scales overflow f16 take more, which only the data tell.
 *
 * @param maxPartBytes  of a part of the embedding or of the head
 */
export function weightSizes(source: WeightSource, config: ModelConfig, maxPartBytes: number): WeightSizes {
  const { hiddenSize, numHiddenLayers, numAttentionHeads, numKeyValueHeads, headDim } = config;
  let totalBytes = bufferBytes(NO_SCALES_BYTES);
  let largest = { label: 'nothing', bytes: 0 };
  const add = (label: string, words: number): void => {
    if (words === 0) return;
    const bytes = bufferBytes(words * 4);
    totalBytes += bytes;
    if (bytes > largest.bytes) largest = { label, bytes };
  };
  const addMatrix = ({ label, type, rows, columns }: Omit<PlannedMatrix, 'tensors'>): void => {
    const words = packedWords({ ...LAYOUT_OF[type], rows, columns });
    add(label, words.values);
    add(`${label} scales`, words.scales);
  };
  const addParts = (name: string): void => {
    const matrix = plainMatrix(source, name);
    for (const { rows } of rowParts(matrix.type, matrix.rows, matrix.columns, maxPartBytes))
      addMatrix({ ...matrix, rows });
  };
  addParts('token_embd.weight');
  if (!config.tieWordEmbeddings) addParts('output.weight');
  add('output norm', hiddenSize);
  for (let layer = 0; layer < numHiddenLayers; layer++) {
    const prefix = `blk.${layer}`;
    for (const matrix of qkvMatrices(source, prefix)) addMatrix(matrix);
    addMatrix(plainMatrix(source, `${prefix}.attn_output.weight`));
    addMatrix(gateUpMatrix(source, prefix));
    addMatrix(plainMatrix(source, `${prefix}.ffn_down.weight`));
    add(`${prefix} norm`, hiddenSize);
    add(`${prefix} norm`, hiddenSize);
    add(`${prefix} bias`, (numAttentionHeads + 2 * numKeyValueHeads) * headDim);
    add(`${prefix} q norm`, headDim);
    add(`${prefix} k norm`, headDim);
  }
  return { totalBytes, largest };
}
