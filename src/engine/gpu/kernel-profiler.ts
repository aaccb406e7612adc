import type { Gpu } from './device.ts';
import type { GpuBuffer } from './gpu-buffer.ts';

const MAX_PASSES = 2048;
const QUERY_RESOLVE_COPY_SRC = 0x200 | 0x04;
const MAP_READ_COPY_DST = 0x01 | 0x08;

export interface KernelTime {
  readonly label: string;
  readonly dispatches: number;
  readonly gpuMs: number;
}

/** Times each dispatch by `timestamp-query`, while active in a compute pass of its own. Off by default. */
export class KernelProfiler {
  readonly #gpu: Gpu;
  #querySet: GPUQuerySet | null = null;
  #resolved: GpuBuffer | null = null;
  #staging: GpuBuffer | null = null;
  #labels: string[] = [];
  #isActive = false;
  readonly #totals = new Map<string, { dispatches: number; gpuMs: number }>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  get isSupported(): boolean {
    return this.#gpu.device.features.has('timestamp-query');
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  start(): void {
    if (!this.isSupported) return;
    this.#totals.clear();
    this.#querySet ??= this.#gpu.device.createQuerySet({ type: 'timestamp', count: 2 * MAX_PASSES });
    this.#resolved ??= this.#gpu.createBuffer('other', 'timestamps', 16 * MAX_PASSES, QUERY_RESOLVE_COPY_SRC);
    this.#staging ??= this.#gpu.createBuffer('other', 'timestamp staging', 16 * MAX_PASSES, MAP_READ_COPY_DST);
    this.#isActive = true;
  }

  begin(label: string): GPUComputePassTimestampWrites | undefined {
    if (this.#querySet === null || this.#labels.length >= MAX_PASSES) return undefined;
    const index = this.#labels.push(label) - 1;
    return { querySet: this.#querySet, beginningOfPassWriteIndex: 2 * index, endOfPassWriteIndex: 2 * index + 1 };
  }

  resolve(encoder: GPUCommandEncoder): void {
    if (!this.#isActive || this.#labels.length === 0) return;
    if (this.#querySet === null || this.#resolved === null || this.#staging === null) return;
    encoder.resolveQuerySet(this.#querySet, 0, 2 * this.#labels.length, this.#resolved.buffer, 0);
    encoder.copyBufferToBuffer(this.#resolved.buffer, 0, this.#staging.buffer, 0, 16 * this.#labels.length);
  }

  /** Adds the last submit's times to the totals; call after its work is done and before the next submit. */
  async collect(): Promise<void> {
    if (!this.#isActive || this.#staging === null || this.#labels.length === 0) return;
    await this.#gpu.settled(this.#staging.buffer.mapAsync(GPUMapMode.READ));
    const times = new BigUint64Array(this.#staging.buffer.getMappedRange().slice(0));
    this.#staging.buffer.unmap();
    this.#labels.forEach((label, index) => {
      const total = this.#totals.get(label) ?? { dispatches: 0, gpuMs: 0 };
      const gpuMs = Number((times[2 * index + 1] ?? 0n) - (times[2 * index] ?? 0n)) / 1e6;
      this.#totals.set(label, { dispatches: total.dispatches + 1, gpuMs: total.gpuMs + gpuMs });
    });
    this.#labels = [];
  }

  stop(): void {
    this.#isActive = false;
  }

  /** Of everything collected since `start`, the dearest kernel first. */
  totals(): KernelTime[] {
    return [...this.#totals].map(([label, total]) => ({ label, ...total })).toSorted((a, b) => b.gpuMs - a.gpuMs);
  }

  [Symbol.dispose](): void {
    this.#querySet?.destroy();
    this.#resolved?.[Symbol.dispose]();
    this.#staging?.[Symbol.dispose]();
  }
}
