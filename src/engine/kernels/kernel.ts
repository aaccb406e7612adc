/**
 * The definition from which a kernel's bind-group layout, uniform writer, cache key, profiler label and test harness
 * come. Three tiers of specialisation: `override` constants (integers fixed per model or device), library chunks
 * (storage layouts, epilogues: WGSL files put behind the source), and `Params` (what changes per dispatch).
 */

/** A WGSL file of kernels/library that completes a kernel. The name is part of cache keys and labels. */
export interface WgslChunk {
  readonly name: string;
  readonly source: string;
}

/** Workgroups with 'few' lanes suit adapters that compute on the CPU, 'many' those with hardware lanes to fill. */
export type Lanes = 'few' | 'many';

export type BufferAccess = 'read' | 'readWrite';
export type ParamType = 'u32' | 'f32' | 'i32';

export interface KernelDefinition<
  Buffers extends Readonly<Record<string, BufferAccess>> = Readonly<Record<string, BufferAccess>>,
  Params extends Readonly<Record<string, ParamType>> = Readonly<Record<string, ParamType>>,
> {
  /** Kebab-case; the folder or file name. */
  readonly name: string;
  readonly source: string;
  /** In binding order; the uniform `Params` follows. Keys are the WGSL names in camelCase. */
  readonly buffers: Buffers;
  /** In the order of `struct Params`; 4-byte scalars only. */
  readonly params: Params;
  /** Names of the `override` constants that must be given. */
  readonly overrides: readonly string[];
}

export function defineKernel<
  const Buffers extends Readonly<Record<string, BufferAccess>>,
  const Params extends Readonly<Record<string, ParamType>>,
>(definition: KernelDefinition<Buffers, Params>): KernelDefinition<Buffers, Params> {
  return definition;
}

/** Bytes of `struct Params`, padded to the uniform rule of 16. */
export function paramsSize(kernel: KernelDefinition): number {
  return Math.max(16, Math.ceil((Object.keys(kernel.params).length * 4) / 16) * 16);
}

/** Writes `struct Params` into `view` at `offset`. */
export function writeParams(
  kernel: KernelDefinition,
  values: Readonly<Record<string, number>>,
  view: DataView,
  offset: number,
): void {
  let at = offset;
  for (const [name, type] of Object.entries(kernel.params)) {
    const value = values[name] ?? 0;
    if (type === 'f32') view.setFloat32(at, value, true);
    else if (type === 'i32') view.setInt32(at, value, true);
    else view.setUint32(at, value, true);
    at += 4;
  }
}

/** The complete WGSL of a kernel with its chunks. */
export function kernelSource(kernel: KernelDefinition, chunks: readonly WgslChunk[]): string {
  return [kernel.source, ...chunks.map((chunk) => chunk.source)].join('\n');
}
