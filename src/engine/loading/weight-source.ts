import type { TensorType } from '@/engine/quantisation/gguf-blocks.ts';

/** One tensor of a model. */
export interface WeightTensor {
  /** As GGUF names it: `blk.0.attn_q.weight`. */
  readonly name: string;
  readonly type: TensorType;
  /** Row-major, Hugging Face's order: [rows, columns] for a matrix, [length] for a vector. */
  readonly shape: readonly number[];
  readonly sizeBytes: number;
}

/**
 * A model's weights, whatever files they lie in (GGUF, an MLC folder, safetensors), one tensor at a time under GGUF's
 * names. Whoever opens a source disposes of it.
 */
export interface WeightSource extends Disposable {
  /** Of the first file, for messages. */
  readonly fileName: string;
  /** Of all files. */
  readonly fileBytes: number;
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /**
   * How the rows of a head of q and k stand: 'interleaved' pairs as in GGUF files of the llama architecture, or
   * 'halfSplit' as Hugging Face has them.
   */
  readonly queryKeyRows: 'interleaved' | 'halfSplit';
  /** @throws {Failure} 'invalidFile' naming the tensor if there is none of this name */
  tensor(name: string): WeightTensor;
  /** @returns owned bytes; [rows] rows of `rowBytesOf(type, columns)` */
  readTensor(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Tensor types with their counts, e.g. { F32: 61, Q4_1: 210 }. */
  tensorTypes(): Record<string, number>;
}

/** Tensor types with their counts. */
export function countTensorTypes(tensors: ReadonlyMap<string, WeightTensor>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of tensors.values()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** Bytes that reading every tensor once gives. */
export function weightBytes({ tensors }: WeightSource): number {
  let sum = 0;
  for (const { sizeBytes } of tensors.values()) sum += sizeBytes;
  return sum;
}
