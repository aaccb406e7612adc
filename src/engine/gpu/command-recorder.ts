import { paramsSize, writeParams } from '../kernels/kernel.ts';
import type { KernelDefinition, WgslChunk } from '../kernels/kernel.ts';
import type { Gpu } from './device.ts';
import type { GpuBuffer } from './gpu-buffer.ts';
import { GpuFailure } from './gpu-errors.ts';
import { KernelProfiler } from './kernel-profiler.ts';
import { PipelineCache } from './pipeline-cache.ts';
import { FIRST_STAGING_BYTES, Readback } from './readback.ts';

export interface RecordOptions {
  readonly overrides?: Readonly<Record<string, number>>;
  readonly chunks?: readonly WgslChunk[];
  /** Workgroups along x, y, z. */
  readonly workgroups: readonly [x: number, y?: number, z?: number];
}

/** Exact counts since the last `resetCounts`. */
export interface RecorderCounts {
  dispatches: number;
  submits: number;
  readbacks: number;
  readbackBytes: number;
  bindGroupsCreated: number;
}

const SLOT_BYTES = 256;
const ARENA_SLOTS = 1024;
/** What a recorder takes from its making on: its uniforms, and room to read results back. */
export const RECORDER_BYTES = SLOT_BYTES * ARENA_SLOTS + FIRST_STAGING_BYTES;
const UNIFORM_COPY_DST = 0x40 | 0x08;
const MAX_WORKGROUPS = 65_535;

interface PendingCopy {
  readonly source: GpuBuffer;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly resolve: (data: ArrayBuffer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Records dispatches and submits them together. Pipelines and bind groups are made once per variant and buffer set;
 * `Params` of equal content share one slot of a uniform arena. In steady state nothing is allocated on the GPU.
 */
export class CommandRecorder {
  readonly counts: RecorderCounts = { dispatches: 0, submits: 0, readbacks: 0, readbackBytes: 0, bindGroupsCreated: 0 };
  readonly #gpu: Gpu;
  readonly #pipelines: PipelineCache;
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #readback: Readback;
  readonly #profiler: KernelProfiler;
  readonly #arena: GpuBuffer;
  readonly #arenaData = new DataView(new ArrayBuffer(SLOT_BYTES * ARENA_SLOTS));
  readonly #slotOfParams = new Map<string, number>();
  #numSlots = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #copies: PendingCopy[] = [];

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#pipelines = new PipelineCache(gpu.device);
    this.#readback = new Readback(gpu);
    this.#profiler = new KernelProfiler(gpu);
    this.#arena = gpu.createBuffer('other', 'params arena', SLOT_BYTES * ARENA_SLOTS, UNIFORM_COPY_DST);
  }

  get profiler(): KernelProfiler {
    return this.#profiler;
  }

  resetCounts(): void {
    this.counts.dispatches = 0;
    this.counts.submits = 0;
    this.counts.readbacks = 0;
    this.counts.readbackBytes = 0;
    this.counts.bindGroupsCreated = 0;
  }

  /**
   * Adds one dispatch.
   *
   * @throws {GpuFailure} 'internal' if a workgroup count exceeds 65 535 or the arena is full
   */
  record<
    Buffers extends Readonly<Record<string, 'read' | 'readWrite'>>,
    Params extends Readonly<Record<string, 'u32' | 'f32' | 'i32'>>,
  >(
    kernel: KernelDefinition<Buffers, Params>,
    buffers: Readonly<Record<keyof Buffers, GpuBuffer>>,
    params: Readonly<Record<keyof Params, number>>,
    options: RecordOptions,
  ): void {
    const [x, y = 1, z = 1] = options.workgroups;
    if (x > MAX_WORKGROUPS || y > MAX_WORKGROUPS || z > MAX_WORKGROUPS) {
      throw new GpuFailure('internal', `${kernel.name}: ${x} x ${y} x ${z} workgroups exceed ${MAX_WORKGROUPS}.`);
    }
    const variant = this.#pipelines.get(kernel, options.chunks ?? [], options.overrides ?? {});
    const offset = this.#paramsOffset(kernel, params);
    const pass = this.#beginPass(variant.label);
    pass.setPipeline(variant.pipeline);
    pass.setBindGroup(0, this.#bindGroup(kernel, variant.id, variant.layout, buffers), [offset]);
    pass.dispatchWorkgroups(x, y, z);
    this.counts.dispatches++;
    if (this.#profiler.isActive) this.#endPass();
  }

  /** Adds a copy between two different buffers. */
  copy(source: GpuBuffer, sourceOffset: number, target: GpuBuffer, targetOffset: number, sizeBytes: number): void {
    this.#endPass();
    this.#commandEncoder().copyBufferToBuffer(source.buffer, sourceOffset, target.buffer, targetOffset, sizeBytes);
  }

  /** Sets the first `sizeBytes` of a buffer, a multiple of 4, to zero. */
  clear(target: GpuBuffer, sizeBytes: number): void {
    this.#endPass();
    this.#commandEncoder().clearBuffer(target.buffer, 0, sizeBytes);
  }

  /** What `source` holds after the dispatches recorded so far; resolves after `submit`. */
  read(source: GpuBuffer, offsetBytes: number, sizeBytes: number): Promise<ArrayBuffer> {
    return new Promise((resolve, reject) => {
      this.#copies.push({ source, offsetBytes, sizeBytes, resolve, reject });
    });
  }

  /** Starts everything recorded so far. Reads that were asked for share one readback. */
  submit(): void {
    this.#endPass();
    const copies = this.#copies;
    this.#copies = [];
    const encoder = this.#commandEncoder();
    const totalBytes = copies.reduce((sum, copy) => sum + copy.sizeBytes, 0);
    const staging = totalBytes > 0 ? this.#readback.acquire(totalBytes) : null;
    let at = 0;
    for (const copy of copies) {
      if (staging !== null)
        encoder.copyBufferToBuffer(copy.source.buffer, copy.offsetBytes, staging.buffer, at, copy.sizeBytes);
      at += copy.sizeBytes;
    }
    this.#profiler.resolve(encoder);
    if (this.#numSlots > 0) {
      this.#gpu.device.queue.writeBuffer(this.#arena.buffer, 0, this.#arenaData.buffer, 0, this.#numSlots * SLOT_BYTES);
    }
    this.#gpu.device.queue.submit([encoder.finish()]);
    this.#encoder = null;
    this.#numSlots = 0;
    this.#slotOfParams.clear();
    this.counts.submits++;
    if (staging === null) return;
    this.counts.readbacks++;
    this.counts.readbackBytes += totalBytes;
    this.#readback.map(staging, totalBytes).then(
      (data) => deliver(copies, data),
      (error: unknown) => copies.forEach((copy) => copy.reject(error)),
    );
  }

  /** Forgets bind groups of freed buffers; call after freeing. */
  forgetBindGroups(): void {
    this.#bindGroups.clear();
  }

  [Symbol.dispose](): void {
    this.#bindGroups.clear();
    this.#readback[Symbol.dispose]();
    this.#profiler[Symbol.dispose]();
    this.#arena[Symbol.dispose]();
  }

  #commandEncoder(): GPUCommandEncoder {
    this.#encoder ??= this.#gpu.device.createCommandEncoder();
    return this.#encoder;
  }

  #beginPass(label: string): GPUComputePassEncoder {
    if (this.#pass === null) {
      const timestampWrites = this.#profiler.isActive ? this.#profiler.begin(label) : undefined;
      this.#pass = this.#commandEncoder().beginComputePass({ label, ...(timestampWrites && { timestampWrites }) });
    }
    return this.#pass;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
  }

  #paramsOffset(kernel: KernelDefinition, params: Readonly<Record<string, number>>): number {
    let key = '';
    for (const name in kernel.params) key += `${params[name]},`;
    for (const name in kernel.params) key += kernel.params[name] === 'f32' ? 'f' : 'u';
    const known = this.#slotOfParams.get(key);
    if (known !== undefined) return known;
    if (this.#numSlots >= ARENA_SLOTS) throw new GpuFailure('internal', 'The uniform arena of one submit is full.');
    const offset = this.#numSlots++ * SLOT_BYTES;
    writeParams(kernel, params, this.#arenaData, offset);
    this.#slotOfParams.set(key, offset);
    return offset;
  }

  #bindGroup(
    kernel: KernelDefinition,
    pipelineId: number,
    layout: GPUBindGroupLayout,
    buffers: Readonly<Record<string, GpuBuffer>>,
  ): GPUBindGroup {
    let key = `${pipelineId}`;
    for (const name in kernel.buffers) key += `,${buffers[name]?.id ?? '?'}`;
    const found = this.#bindGroups.get(key);
    if (found !== undefined) return found;
    const entries = Object.keys(kernel.buffers).map((name, binding): GPUBindGroupEntry => {
      const buffer = buffers[name];
      if (buffer === undefined) throw new GpuFailure('internal', `${kernel.name}: no buffer for '${name}'.`);
      return { binding, resource: { buffer: buffer.buffer } };
    });
    entries.push({ binding: entries.length, resource: { buffer: this.#arena.buffer, size: paramsSize(kernel) } });
    const created = this.#gpu.device.createBindGroup({ label: kernel.name, layout, entries });
    this.#bindGroups.set(key, created);
    this.counts.bindGroupsCreated++;
    return created;
  }
}

function deliver(copies: readonly PendingCopy[], data: ArrayBuffer): void {
  let at = 0;
  for (const copy of copies) {
    copy.resolve(data.slice(at, at + copy.sizeBytes));
    at += copy.sizeBytes;
  }
}
