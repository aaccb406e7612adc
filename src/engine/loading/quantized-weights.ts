import { at } from '@/lib/assert.ts';
import type { QuantizationReport } from '@/protocol/model.ts';
import { rowBytesOf } from '@/engine/quantisation/gguf-blocks.ts';
import {
  isQuantizable,
  QUANTIZED_TYPE,
  quantizeMatrix,
  type QuantizationKind,
} from '@/engine/quantisation/quantize.ts';
import { countTensorTypes, type WeightSource, type WeightTensor } from './weight-source.ts';

interface TensorError {
  readonly squaredError: number;
  readonly squaredNorm: number;
}

/**
 * Weights whose f32, f16 and bf16 matrices are quantised while they are read; the embedding and the head too. Vectors,
 * matrices that are quantised already, and rows that are no whole blocks of 32 values stay as they are. Owns the source.
 */
export class QuantizedWeights implements WeightSource {
  readonly kind: QuantizationKind;
  readonly fileName: string;
  readonly fileBytes: number;
  readonly queryKeyRows: WeightSource['queryKeyRows'];
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly #source: WeightSource;
  readonly #errors = new Map<string, TensorError>();

  constructor(source: WeightSource, kind: QuantizationKind) {
    this.kind = kind;
    this.fileName = source.fileName;
    this.fileBytes = source.fileBytes;
    this.queryKeyRows = source.queryKeyRows;
    this.tensors = new Map([...source.tensors].map(([name, tensor]) => [name, quantizedTensor(tensor, kind)]));
    this.#source = source;
  }

  tensor(name: string): WeightTensor {
    return this.tensors.get(name) ?? this.#source.tensor(name);
  }

  async readTensor(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const { type, shape } = this.#source.tensor(name);
    const bytes = await this.#source.readTensor(name);
    if (shape.length !== 2 || !isQuantizable(type, at(shape, 1))) return bytes;
    const { bytes: quantized, ...error } = quantizeMatrix(this.kind, type, bytes, name);
    this.#errors.set(name, error);
    return quantized;
  }

  tensorTypes(): Record<string, number> {
    return countTensorTypes(this.tensors);
  }

  /** Of the matrices read so far; null if none was quantised. */
  report(): QuantizationReport | null {
    let [squaredError, squaredNorm, worstRelativeError, worstTensor] = [0, 0, -1, ''];
    for (const [name, error] of this.#errors) {
      squaredError += error.squaredError;
      squaredNorm += error.squaredNorm;
      const relative = relativeErrorOf(error);
      if (relative > worstRelativeError) [worstRelativeError, worstTensor] = [relative, name];
    }
    if (this.#errors.size === 0) return null;
    const relativeError = relativeErrorOf({ squaredError, squaredNorm });
    return { kind: this.kind, relativeError, worstRelativeError, worstTensor };
  }

  [Symbol.dispose](): void {
    this.#source[Symbol.dispose]();
  }
}

function quantizedTensor(tensor: WeightTensor, kind: QuantizationKind): WeightTensor {
  const { name, type, shape } = tensor;
  if (shape.length !== 2 || !isQuantizable(type, at(shape, 1))) return tensor;
  const quantized = QUANTIZED_TYPE[kind];
  return { name, type: quantized, shape, sizeBytes: at(shape, 0) * rowBytesOf(quantized, at(shape, 1)) };
}

/** Root mean square of the error in parts of the weights' own; 0 where all weights are 0. */
function relativeErrorOf({ squaredError, squaredNorm }: TensorError): number {
  return squaredNorm === 0 ? 0 : Math.sqrt(squaredError / squaredNorm);
}
