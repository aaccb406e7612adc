import { measureSpeed, speedKey } from '@/engine/generation/measure-speed.ts';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { MeasurementStore } from '@/engine/loading/tuning-store.ts';
import type { DecodeSpeed } from '@/protocol/speed.ts';

/** Speed of models on this machine: measured once per model and adapter, then remembered. */
export class ModelSpeed {
  readonly #store: MeasurementStore<DecodeSpeed>;

  constructor(store: MeasurementStore<DecodeSpeed>) {
    this.#store = store;
  }

  /** What is known, or else what is measured now. @param modelKey  of the model's files */
  async of(gpuModel: GpuModel, modelKey: string, signal: AbortSignal): Promise<DecodeSpeed> {
    return (await this.#store.get(speedKey(gpuModel, modelKey))) ?? this.measure(gpuModel, modelKey, signal);
  }

  async measure(gpuModel: GpuModel, modelKey: string, signal: AbortSignal): Promise<DecodeSpeed> {
    const measured = await measureSpeed(gpuModel, signal);
    await this.#store.put(speedKey(gpuModel, modelKey), measured);
    return measured;
  }
}
