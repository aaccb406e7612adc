import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { AdamWUpdate } from '../generation/trainer.ts';
import { recordAdamW } from '../kernels/adamw/adamw.ts';

/**
 * AdamW over one flat buffer of parameters, with its two moments. Elementwise, so it knows nothing of tensors.
 *
 * @see Loshchilov & Hutter 2019 (arXiv 1711.05101); docs/maths/adamw.md
 */
export class AdamW {
  readonly expAvg: GpuBuffer;
  readonly expAvgSq: GpuBuffer;
  readonly #recorder: CommandRecorder;
  readonly #numValues: number;

  /** Moments start at zero. */
  constructor(gpu: Gpu, recorder: CommandRecorder, numValues: number) {
    this.#recorder = recorder;
    this.#numValues = numValues;
    this.expAvg = gpu.createBuffer('training', 'exp_avg', numValues * 4);
    this.expAvgSq = gpu.createBuffer('training', 'exp_avg_sq', numValues * 4);
  }

  record(parameters: GpuBuffer, gradients: GpuBuffer, update: AdamWUpdate): void {
    recordAdamW(
      this.#recorder,
      { parameters, gradients, expAvg: this.expAvg, expAvgSq: this.expAvgSq },
      { numValues: this.#numValues, ...update },
    );
  }

  [Symbol.dispose](): void {
    this.expAvg[Symbol.dispose]();
    this.expAvgSq[Symbol.dispose]();
  }
}
