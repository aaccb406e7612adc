import { offeredBufferBytes } from '@/protocol/model-fit.ts';
import { bufferBytes, GpuBuffer } from './gpu-buffer.ts';
import { GpuFailure } from './gpu-errors.ts';
import { GpuMemory } from './gpu-memory.ts';
import type { MemoryOwner } from './gpu-memory.ts';

/** Limits that a model may want above the specification's defaults; nothing else is ever raised. */
export interface LimitWishes {
  /** Largest single buffer and binding, in bytes. */
  readonly largestBufferBytes: number;
}

const DEFAULT_BINDING_BYTES = 134_217_728;
const DEFAULT_BUFFER_BYTES = 268_435_456;
const STORAGE = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST

/** Features that are used when present; nothing depends on them. */
const OPTIONAL_FEATURES: readonly GPUFeatureName[] = ['timestamp-query'];

/**
 * One WebGPU device with its accounting. Uncaptured errors and device loss become one failure, which is kept: after it
 * no result can be trusted, and `check` throws.
 */
export class Gpu {
  readonly device: GPUDevice;
  readonly adapterInfo: GPUAdapterInfo;
  readonly adapterFeatures: readonly string[];
  readonly adapterLimits: Readonly<Record<string, number>>;
  readonly requestedLimits: Readonly<Record<string, number>>;
  readonly memory = new GpuMemory();
  #failure: GpuFailure | null = null;
  #provenBytes = 0;
  #isDisposed = false;
  readonly #listeners = new Set<(failure: GpuFailure) => void>();
  readonly #waiting = new Set<(failure: GpuFailure) => void>();

  private constructor(adapter: GPUAdapter, device: GPUDevice, requestedLimits: Record<string, number>) {
    this.device = device;
    this.adapterInfo = adapter.info;
    this.adapterFeatures = [...adapter.features].toSorted();
    this.adapterLimits = limitsOf(adapter.limits);
    this.requestedLimits = { ...limitsOf(device.limits), ...requestedLimits };
    device.addEventListener('uncapturederror', (event) => {
      this.#fail(new GpuFailure('gpuError', `The GPU reported an error: ${event.error.message}`));
    });
    void device.lost.then((info) => {
      if (!this.#isDisposed)
        this.#fail(new GpuFailure('deviceLost', `The GPU device was lost (${info.message || info.reason}).`));
    });
  }

  /**
   * Asks for a fresh adapter (an adapter gives one device) with default limits, raised only for `wishes` and only as far
   * as the adapter goes; `largestBufferBytes` says what came of it.
   *
   * @throws {GpuFailure} 'noWebGpu' or 'noAdapter'
   */
  static async create(wishes: LimitWishes = { largestBufferBytes: 0 }): Promise<Gpu> {
    const adapter = await requestAdapter();
    const requiredLimits: Record<string, number> = {};
    const wanted = grantedBufferBytes(wishes.largestBufferBytes, offeredBufferBytes(limitsOf(adapter.limits)));
    if (wanted > DEFAULT_BINDING_BYTES) requiredLimits['maxStorageBufferBindingSize'] = wanted;
    if (wanted > DEFAULT_BUFFER_BYTES) requiredLimits['maxBufferSize'] = wanted;
    const requiredFeatures = OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature));
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
    return new Gpu(adapter, device, requiredLimits);
  }

  /** Largest buffer that a kernel can be given on this device. */
  get largestBufferBytes(): number {
    return offeredBufferBytes(limitsOf(this.device.limits));
  }

  /** The most bytes that `withRoom` has found room for. */
  get provenBytes(): number {
    return this.#provenBytes;
  }

  /** Called once, at the first failure; at once if it has already happened. Returns a function that stops listening. */
  onFailure(listener: (failure: GpuFailure) => void): () => void {
    if (this.#failure !== null) listener(this.#failure);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get failure(): GpuFailure | null {
    return this.#failure;
  }

  /** @throws {GpuFailure} if the device was lost or has reported an error */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * Waits for what the browser promises about this device, and no longer than the device lives: a browser may leave such
   * a promise open for ever when the device is lost under it.
   *
   * @throws {GpuFailure} once the device has failed or was given back; otherwise what `promise` rejects with
   */
  async settled<T>(promise: Promise<T>): Promise<T> {
    this.check();
    let end: (failure: GpuFailure) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    this.#waiting.add(end);
    try {
      return await Promise.race([promise, ended]);
    } finally {
      this.#waiting.delete(end);
    }
  }

  /**
   * Runs what allocates and fills buffers, and says whether they found room. A buffer without memory is invalid, and
   * writing to it is an error too: that one is not taken for a defect.
   *
   * @throws {GpuFailure} 'outOfMemory' with the browser's words, else what `body` throws; 'gpuError'
   */
  async withRoom<T>(body: () => T | Promise<T>): Promise<T> {
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    let outcome: { readonly value: T } | { readonly error: unknown };
    try {
      outcome = { value: await body() };
    } catch (error) {
      outcome = { error };
    }
    const [noRoom, invalid] = await this.settled(
      Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]),
    );
    if (noRoom !== null) throw new GpuFailure('outOfMemory', noRoom.message);
    if ('error' in outcome) throw outcome.error;
    if (invalid !== null) throw new GpuFailure('gpuError', `The GPU reported an error: ${invalid.message}`);
    this.#provenBytes = Math.max(this.#provenBytes, this.memory.report().total);
    return outcome.value;
  }

  /** Resolves when everything submitted so far is done. @throws {GpuFailure} if the device has failed by then */
  async workDone(): Promise<void> {
    await this.settled(this.device.queue.onSubmittedWorkDone());
    this.check();
  }

  /** An owned storage buffer. `sizeBytes` is rounded up to 16. */
  createBuffer(owner: MemoryOwner, label: string, sizeBytes: number, usage: number = STORAGE): GpuBuffer {
    return new GpuBuffer(this.device, this.memory, owner, label, bufferBytes(sizeBytes), usage);
  }

  /** An owned storage buffer that holds `data`. */
  createBufferWith(owner: MemoryOwner, label: string, data: Uint32Array | Float32Array | Int32Array): GpuBuffer {
    const buffer = this.createBuffer(owner, label, data.byteLength);
    this.write(buffer, 0, data);
    return buffer;
  }

  write(target: GpuBuffer, offsetBytes: number, data: Uint32Array | Float32Array | Int32Array): void {
    this.device.queue.writeBuffer(target.buffer, offsetBytes, data.buffer, data.byteOffset, data.byteLength);
  }

  /** Loses the device on purpose, as a driver reset would: to rehearse what happens then. */
  lose(): void {
    this.device.destroy();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.device.destroy();
    this.#endWaiting(new GpuFailure('deviceLost', 'The GPU device was given back.'));
  }

  #endWaiting(failure: GpuFailure): void {
    for (const reject of this.#waiting) reject(failure);
    this.#waiting.clear();
  }

  #fail(failure: GpuFailure): void {
    if (this.#failure !== null || this.#isDisposed) return;
    this.#failure = failure;
    for (const listener of this.#listeners) listener(failure);
    this.#listeners.clear();
    this.#endWaiting(failure);
  }
}

/** Largest buffer of a device that wished for one of `wishedBytes`: the default, or more as far as the adapter goes. */
export function grantedBufferBytes(wishedBytes: number, offeredBytes: number): number {
  return Math.max(DEFAULT_BINDING_BYTES, Math.min(wishedBytes, offeredBytes));
}

/** @throws {GpuFailure} 'noWebGpu' or 'noAdapter' */
export async function requestAdapter(): Promise<GPUAdapter> {
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (gpu === undefined) throw new GpuFailure('noWebGpu', 'This browser has no WebGPU.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new GpuFailure('noAdapter', 'The browser has WebGPU but offers no adapter.');
  return adapter;
}

export function limitsOf(limits: GPUSupportedLimits): Record<string, number> {
  const record: Record<string, number> = {};
  for (const name in limits) {
    const value: unknown = Reflect.get(limits, name);
    if (typeof value === 'number') record[name] = value;
  }
  return record;
}

/** Adapters that compute on the CPU. */
export function isSoftwareAdapter(info: GPUAdapterInfo): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.description}`.toLowerCase();
  return /swiftshader|llvmpipe|lavapipe|basic render|software/.test(text);
}
