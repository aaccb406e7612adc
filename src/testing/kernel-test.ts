import { expect, test } from 'vitest';
import { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { RecordOptions } from '@/engine/gpu/command-recorder.ts';
import type { Gpu } from '@/engine/gpu/device.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { kernelSource } from '@/engine/kernels/kernel.ts';
import type { BufferAccess, KernelDefinition, ParamType } from '@/engine/kernels/kernel.ts';
import { at } from '@/lib/assert.ts';
import { createRng } from '@/lib/rng.ts';
import type { Rng } from '@/lib/rng.ts';
import { messageOf, withGpu } from './gpu-device.ts';

export type Words = Uint32Array<ArrayBuffer>;
type GpuData = Uint32Array | Float32Array | Int32Array;

/** A quiet NaN: what an output holds before the kernel writes it. */
export const POISON = 0x7fc00000;
const GUARD = 0xdeadbeef;
const NUM_GUARD_WORDS = 16;

/** Remembers the shaders that were used, to show them when the test fails. */
class TestRecorder extends CommandRecorder {
  readonly sources = new Map<string, string>();

  override record<
    Buffers extends Readonly<Record<string, BufferAccess>>,
    Params extends Readonly<Record<string, ParamType>>,
  >(
    kernel: KernelDefinition<Buffers, Params>,
    buffers: Readonly<Record<keyof Buffers, GpuBuffer>>,
    params: Readonly<Record<keyof Params, number>>,
    options: RecordOptions,
  ): void {
    const chunks = options.chunks ?? [];
    const name = [kernel.name, ...chunks.map((chunk) => chunk.name)].join('+');
    this.sources.set(name, kernelSource(kernel, chunks));
    super.record(kernel, buffers, params, options);
  }
}

interface Watched {
  readonly numWords: number;
  words: Words | null;
}

/** Buffers and commands of one kernel test. Outputs are poisoned, and words behind their end are watched. */
export class KernelBench {
  readonly gpu: Gpu;
  readonly recorder: CommandRecorder;
  readonly #buffers: GpuBuffer[] = [];
  readonly #watched = new Map<GpuBuffer, Watched>();

  constructor(gpu: Gpu, recorder: CommandRecorder) {
    this.gpu = gpu;
    this.recorder = recorder;
  }

  /** A buffer that the kernel reads; at least one word long. */
  input(label: string, data: GpuData): GpuBuffer {
    const buffer = this.gpu.createBufferWith('other', label, data.length > 0 ? data : new Uint32Array(1));
    this.#buffers.push(buffer);
    return buffer;
  }

  /** A buffer that the kernel must fill: every word starts as NaN. */
  output(label: string, numWords: number): GpuBuffer {
    return this.inOut(label, new Uint32Array(numWords).fill(POISON));
  }

  /** A buffer that the kernel changes. */
  inOut(label: string, data: GpuData): GpuBuffer {
    const words = new Uint32Array(data.length + NUM_GUARD_WORDS).fill(GUARD);
    words.set(new Uint32Array(data.buffer, data.byteOffset, data.length));
    const buffer = this.input(label, words);
    this.#watched.set(buffer, { numWords: data.length, words: null });
    return buffer;
  }

  /** Submits what was recorded and fetches every output; a changed word behind an output's end fails the test. */
  async run(): Promise<void> {
    const reads = [...this.#watched].map(async ([buffer, watched]) => {
      const sizeBytes = (watched.numWords + NUM_GUARD_WORDS) * 4;
      const words = new Uint32Array(await this.recorder.read(buffer, 0, sizeBytes));
      const guards = words.subarray(watched.numWords);
      expect([...guards], `words behind the end of '${buffer.label}'`).toEqual(guardWords());
      watched.words = words.slice(0, watched.numWords);
    });
    this.recorder.submit();
    await Promise.all(reads);
  }

  /** An output's words after `run`. */
  words(buffer: GpuBuffer): Words {
    const words = this.#watched.get(buffer)?.words;
    if (words === null || words === undefined) throw new Error(`'${buffer.label}' was not run as an output.`);
    return words;
  }

  /** An output's values after `run`. */
  floats(buffer: GpuBuffer): Float32Array<ArrayBuffer> {
    return new Float32Array(this.words(buffer).buffer);
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers) buffer[Symbol.dispose]();
  }
}

/**
 * A named test of a kernel on a fresh device. On failure the message ends with the shaders that ran.
 *
 * @param seed  of the random inputs; part of the test's name
 */
export function kernelTest(name: string, seed: number, body: (bench: KernelBench, rng: Rng) => Promise<void>): void {
  test(`${name} (seed ${seed})`, async () => {
    await withGpu(async (gpu) => {
      using recorder = new TestRecorder(gpu);
      using bench = new KernelBench(gpu, recorder);
      try {
        await body(bench, createRng(seed));
      } catch (error) {
        const listings = [...recorder.sources].map(([label, source]) => `--- ${label}\n${withLineNumbers(source)}`);
        throw new Error([messageOf(error), ...listings].join('\n'), { cause: error });
      }
    });
  });
}

/** [count] f32, normal with standard deviation `scale`. */
export function normals(rng: Rng, count: number, scale = 1): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, () => scale * rng.normal());
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Bits of the nearest f32. */
export function bitsOf(value: number): number {
  float[0] = value;
  return at(bits, 0);
}

function guardWords(): number[] {
  return Array.from({ length: NUM_GUARD_WORDS }, () => GUARD);
}

function withLineNumbers(source: string): string {
  return source
    .split('\n')
    .map((line, index) => `${String(index + 1).padStart(4)}  ${line}`)
    .join('\n');
}
