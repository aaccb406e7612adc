import { kernelSource } from '../kernels/kernel.ts';
import type { KernelDefinition, WgslChunk } from '../kernels/kernel.ts';

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly label: string;
  /** Distinguishes pipelines in bind-group keys. */
  readonly id: number;
}

/** Compiles each kernel variant once. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Pipeline>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get size(): number {
    return this.#pipelines.size;
  }

  get(kernel: KernelDefinition, chunks: readonly WgslChunk[], overrides: Readonly<Record<string, number>>): Pipeline {
    const key = variantKey(kernel, chunks, overrides);
    const found = this.#pipelines.get(key);
    if (found !== undefined) return found;
    const created = this.#create(kernel, chunks, overrides);
    this.#pipelines.set(key, created);
    return created;
  }

  #create(
    kernel: KernelDefinition,
    chunks: readonly WgslChunk[],
    overrides: Readonly<Record<string, number>>,
  ): Pipeline {
    const label = [kernel.name, ...chunks.map((chunk) => chunk.name)].join('+');
    const module = this.#device.createShaderModule({ label, code: kernelSource(kernel, chunks) });
    const layout = this.#device.createBindGroupLayout({ label, entries: layoutEntries(kernel) });
    const pipeline = this.#device.createComputePipeline({
      label,
      layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main', constants: overrides },
    });
    return { pipeline, layout, label, id: this.#pipelines.size };
  }
}

function variantKey(
  kernel: KernelDefinition,
  chunks: readonly WgslChunk[],
  overrides: Readonly<Record<string, number>>,
): string {
  let key = kernel.name;
  for (const chunk of chunks) key += `+${chunk.name}`;
  for (const name in overrides) key += `|${name}=${overrides[name]}`;
  return key;
}

function layoutEntries(kernel: KernelDefinition): GPUBindGroupLayoutEntry[] {
  const storage = Object.values(kernel.buffers).map((access, binding): GPUBindGroupLayoutEntry => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
  }));
  const params: GPUBindGroupLayoutEntry = {
    binding: storage.length,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: 'uniform', hasDynamicOffset: true },
  };
  return [...storage, params];
}
