import type { MemoryReport } from '@/protocol/model.ts';

export type MemoryOwner = Exclude<keyof MemoryReport, 'total'>;

/** Counts live GPU bytes by owner. Every buffer of the engine is made and freed through `Gpu.createBuffer`. */
export class GpuMemory {
  readonly #bytes: Record<MemoryOwner, number> = {
    weights: 0,
    kvCache: 0,
    activations: 0,
    training: 0,
    other: 0,
  };

  add(owner: MemoryOwner, sizeBytes: number): void {
    this.#bytes[owner] += sizeBytes;
  }

  remove(owner: MemoryOwner, sizeBytes: number): void {
    this.#bytes[owner] -= sizeBytes;
  }

  report(): MemoryReport {
    const total = Object.values(this.#bytes).reduce((sum, bytes) => sum + bytes, 0);
    return { ...this.#bytes, total };
  }
}
