import type { Gpu } from './device.ts';
import type { GpuBuffer } from './gpu-buffer.ts';
import { GpuFailure } from './gpu-errors.ts';

const MAP_READ_COPY_DST = 0x01 | 0x08;
/** Holds what a step of every known model reads, attention included: a choice. */
export const FIRST_STAGING_BYTES = 65_536;

/** Staging buffers for readbacks, reused by size. */
export class Readback {
  readonly #gpu: Gpu;
  #free: GpuBuffer[] = [];
  readonly #all = new Set<GpuBuffer>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#free.push(this.#create(FIRST_STAGING_BYTES));
  }

  /** A staging buffer of at least `sizeBytes`; given back by `map`. */
  acquire(sizeBytes: number): GpuBuffer {
    const index = this.#free.findIndex((buffer) => buffer.sizeBytes >= sizeBytes);
    const found = index >= 0 ? this.#free.splice(index, 1)[0] : undefined;
    if (found !== undefined) return found;
    return this.#create(Math.max(4096, 2 ** Math.ceil(Math.log2(sizeBytes))));
  }

  /** Waits for the GPU and copies the first `sizeBytes` out. @throws {GpuFailure} if the device failed meanwhile */
  async map(staging: GpuBuffer, sizeBytes: number): Promise<ArrayBuffer> {
    try {
      await this.#gpu.settled(staging.buffer.mapAsync(GPUMapMode.READ, 0, Math.ceil(sizeBytes / 8) * 8));
    } catch (error) {
      this.#gpu.check();
      throw new GpuFailure('deviceLost', `Reading from the GPU failed (${String(error)}).`);
    }
    const data = staging.buffer.getMappedRange(0, Math.ceil(sizeBytes / 8) * 8).slice(0, sizeBytes);
    staging.buffer.unmap();
    this.#free.push(staging);
    this.#gpu.check();
    return data;
  }

  #create(sizeBytes: number): GpuBuffer {
    const created = this.#gpu.createBuffer('other', 'readback', sizeBytes, MAP_READ_COPY_DST);
    this.#all.add(created);
    return created;
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#all) buffer[Symbol.dispose]();
    this.#all.clear();
    this.#free = [];
  }
}
