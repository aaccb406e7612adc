import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { LogitBias } from './decoder.ts';

/** Bias sets that can be alive at once, the all-zero one included. */
const MAX_SETS = 8;

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

/** Dense logit biases, [sets, V] f32; set 0 stays zero and serves rows without a bias. */
export class BiasTable {
  readonly buffer: GpuBuffer;
  readonly #gpu: Gpu;
  readonly #vocabSize: number;
  readonly #used = new Set<number>([0]);

  constructor(gpu: Gpu, vocabSize: number) {
    this.#gpu = gpu;
    this.#vocabSize = vocabSize;
    this.buffer = gpu.createBuffer('activations', 'logit bias', MAX_SETS * vocabSize * 4);
  }

  /** @throws {Failure} 'invalidConfig' for ids outside the vocabulary; 'internal' when all sets are in use */
  create(bias: ReadonlyMap<number, number>): LogitBias {
    const values = new Float32Array(this.#vocabSize);
    for (const [id, value] of bias) {
      if (!Number.isInteger(id) || id < 0 || id >= this.#vocabSize) {
        throw new Failure<FailureCode>(
          'invalidConfig',
          `Logit bias for id ${id}: the vocabulary has ${this.#vocabSize} ids.`,
        );
      }
      values[id] = Math.max(value, -1e30);
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

  [Symbol.dispose](): void {
    this.buffer[Symbol.dispose]();
  }
}
