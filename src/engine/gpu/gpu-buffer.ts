import type { GpuMemory, MemoryOwner } from './gpu-memory.ts';

let nextId = 1;

/** What a buffer takes of the GPU: multiples of 16 bytes, so that kernels can read it in vectors. */
export function bufferBytes(sizeBytes: number): number {
  return Math.max(16, Math.ceil(sizeBytes / 16) * 16);
}

/** A GPU buffer with one owner. `id` identifies it in cache keys. Freed by `dispose`, which also takes it off the books. */
export class GpuBuffer {
  readonly id = nextId++;
  readonly buffer: GPUBuffer;
  readonly sizeBytes: number;
  readonly label: string;
  readonly #memory: GpuMemory;
  readonly #owner: MemoryOwner;
  #isDisposed = false;

  constructor(
    device: GPUDevice,
    memory: GpuMemory,
    owner: MemoryOwner,
    label: string,
    sizeBytes: number,
    usage: number,
  ) {
    this.buffer = device.createBuffer({ label, size: sizeBytes, usage });
    this.sizeBytes = sizeBytes;
    this.label = label;
    this.#memory = memory;
    this.#owner = owner;
    memory.add(owner, sizeBytes);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.buffer.destroy();
    this.#memory.remove(this.#owner, this.sizeBytes);
  }
}
