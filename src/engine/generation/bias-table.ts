import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { LogitBias } from './decoder.ts';

/** Bias sets that can be alive at once, the all-zero one included. */
const MAX_SETS = 8;
/** Instead of -Infinity, which would turn sums into NaN. */
const FORBIDDEN = -1e30;

/** f32 values of the table: what is allocated and what an estimate counts. */
export function biasTableSize(vocabSize: number): number {
  return MAX_SETS * vocabSize;
}

class StoredBias implements LogitBias {
  readonly index: number;
  readonly #free: () => void;

  constructor(index: number, free: () => void) {
    this.index = index;
    this.#free = free;
  }

  [Symbol.dispose](): void {
    this.#free();
  }
}

/**
 * Dense logit biases, [sets, V] f32; set 0 serves rows without a bias. Rows of the head behind the tokenizer's last id
 * (padding of some vocabularies) are forbidden in every set.
 */
export class BiasTable {
  readonly buffer: GpuBuffer;
  readonly #gpu: Gpu;
  readonly #vocabSize: number;
  readonly #numTokens: number;
  readonly #used = new Set<number>([0]);

  /** @param numTokens  ids that the tokenizer knows; at most `vocabSize` */
  constructor(gpu: Gpu, vocabSize: number, numTokens: number) {
    this.#gpu = gpu;
    this.#vocabSize = vocabSize;
    this.#numTokens = numTokens;
    this.buffer = gpu.createBuffer('activations', 'logit bias', biasTableSize(vocabSize) * 4);
    gpu.write(this.buffer, 0, this.#base());
  }

  /** @throws {Failure} 'invalidConfig' for ids outside the vocabulary; 'internal' when all sets are in use */
  create(bias: ReadonlyMap<number, number>): LogitBias {
    const values = this.#base();
    for (const [id, value] of bias) {
      if (!Number.isInteger(id) || id < 0 || id >= this.#vocabSize) {
        throw new Failure<FailureCode>(
          'invalidConfig',
          `Logit bias for id ${id}: the vocabulary has ${this.#vocabSize} ids.`,
        );
      }
      values[id] = Math.max(value, FORBIDDEN);
    }
    const index = Array.from({ length: MAX_SETS }, (_, i) => i).find((i) => !this.#used.has(i));
    if (index === undefined)
      throw new Failure<FailureCode>('internal', `More than ${MAX_SETS - 1} logit biases are alive.`);
    this.#used.add(index);
    this.#gpu.write(this.buffer, index * this.#vocabSize * 4, values);
    return new StoredBias(index, () => this.#used.delete(index));
  }

  indexOf(bias: LogitBias | undefined): number {
    if (bias === undefined) return 0;
    if (!(bias instanceof StoredBias)) throw new TypeError('A logit bias belongs to another decoder.');
    return bias.index;
  }

  #base(): Float32Array {
    return new Float32Array(this.#vocabSize).fill(FORBIDDEN, this.#numTokens);
  }

  [Symbol.dispose](): void {
    this.buffer[Symbol.dispose]();
  }
}
