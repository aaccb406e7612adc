import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { LoraConfig, NamedTensor } from '@/protocol/training.ts';
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { loraLayout } from './lora.ts';
import type { LoraLayout } from './lora.ts';
import type { ModelConfig } from './model-config.ts';

/** A LoRA adapter's weights on the GPU: one flat buffer. */
export class GpuAdapter {
  readonly config: LoraConfig;
  readonly layout: LoraLayout;
  readonly parameters: GpuBuffer;
  readonly #recorder: CommandRecorder;

  /** @param tensors one for every tensor of the layout. @throws {Failure} 'invalidConfig' if one is missing or of other size */
  constructor(
    gpu: Gpu,
    recorder: CommandRecorder,
    model: ModelConfig,
    config: LoraConfig,
    tensors: readonly NamedTensor[],
  ) {
    this.config = config;
    this.layout = loraLayout(model, config);
    this.#recorder = recorder;
    this.parameters = gpu.createBufferWith('training', 'adapter', flatten(this.layout, tensors));
  }

  get rank(): number {
    return this.layout.rank;
  }

  /** The weights as they are now, in PEFT's order. */
  async read(): Promise<NamedTensor[]> {
    return readTensors(this.#recorder, this.layout, this.parameters);
  }

  [Symbol.dispose](): void {
    this.parameters[Symbol.dispose]();
  }
}

/** Tensors in the order of the flat buffer. @throws {Failure} 'invalidConfig' if one is missing or of other size */
export function flatten(layout: LoraLayout, tensors: readonly NamedTensor[]): Float32Array<ArrayBuffer> {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const flat = new Float32Array(layout.numValues);
  for (const { name, offset, length } of layout.tensors) {
    const values = byName.get(name)?.values;
    if (values?.length !== length) {
      const found = values === undefined ? 'is missing' : `has ${values.length} values instead of ${length}`;
      throw new Failure<FailureCode>('invalidConfig', `${name} ${found}: this adapter belongs to another model.`);
    }
    flat.set(values, offset);
  }
  return flat;
}

/** What a flat buffer holds, as named tensors. Submits. */
export async function readTensors(
  recorder: CommandRecorder,
  layout: LoraLayout,
  flat: GpuBuffer,
): Promise<NamedTensor[]> {
  const reading = recorder.read(flat, 0, layout.numValues * 4);
  recorder.submit();
  const values = new Float32Array(await reading);
  return layout.tensors.map(({ name, shape, offset, length }) => ({
    name,
    shape,
    values: values.slice(offset, offset + length),
  }));
}
