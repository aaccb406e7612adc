import { Failure } from '@/lib/failure.ts';
import type { Adapter } from '@/engine/adapters/adapter-layout.ts';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { ModelTrainer } from '@/engine/generation/model-trainer.ts';
import type { GpuAdapter } from '@/engine/model/gpu-adapter.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { AttachedAdapter } from '@/protocol/training-api.ts';

interface Attached {
  readonly id: string;
  readonly adapter: GpuAdapter;
  /** Made when something is trained. */
  trainer: ModelTrainer | null;
  blend: number;
  /** Updates made, and how many of them are in the store. */
  step: number;
  savedStep: number;
}

/** The adapter that a loaded model uses, and its training. Dies with the model. */
export class AttachedTraining {
  readonly #model: GpuModel;
  readonly #onChange: () => Promise<void>;
  #attached: Attached | null = null;
  #isTraining = false;

  /** @param onChange  told when what the model computes has changed, so that what was encoded before is dropped */
  constructor(model: GpuModel, onChange: () => Promise<void>) {
    this.#model = model;
    this.#onChange = onChange;
  }

  get current(): (AttachedAdapter & { readonly step: number; readonly isSaved: boolean }) | null {
    if (this.#attached === null) return null;
    const { id, blend, step, savedStep } = this.#attached;
    return { id, blend, step, isSaved: step === savedStep };
  }

  async attach(id: string, adapter: Adapter, step: number, blend: number): Promise<void> {
    this.#refuseWhileTraining();
    this.#release();
    const onGpu = this.#model.createAdapter(adapter.config, adapter.tensors);
    this.#attached = { id, adapter: onGpu, trainer: null, blend, step, savedStep: step };
    this.#model.decoder.attachAdapter(onGpu, blend);
    await this.#onChange();
  }

  async setBlend(blend: number): Promise<void> {
    const attached = this.#require();
    if (attached.blend === blend) return;
    attached.blend = blend;
    this.#model.decoder.attachAdapter(attached.adapter, blend);
    await this.#onChange();
  }

  async detach(): Promise<void> {
    if (this.#attached === null) return;
    this.#refuseWhileTraining();
    this.#release();
    await this.#onChange();
  }

  /** The weights as they are now. */
  async read(): Promise<Adapter> {
    const { adapter } = this.#require();
    return { config: adapter.config, tensors: await adapter.read() };
  }

  markSaved(): void {
    const attached = this.#require();
    attached.savedStep = attached.step;
  }

  /** @throws {Failure} 'noAttachedAdapter' */
  get trainer(): ModelTrainer {
    const attached = this.#require();
    attached.trainer ??= this.#model.createTrainer(attached.adapter);
    return attached.trainer;
  }

  get step(): number {
    return this.#require().step;
  }

  /** After an update, or when a checkpoint was put back. What was encoded with the older weights is dropped. */
  async setStep(step: number): Promise<void> {
    this.#require().step = step;
    await this.#onChange();
  }

  /** Runs one training operation at a time. @throws {Failure} 'busy' */
  async exclusively<T>(body: (trainer: ModelTrainer) => Promise<T>): Promise<T> {
    this.#refuseWhileTraining();
    const { trainer } = this;
    this.#isTraining = true;
    try {
      return await body(trainer);
    } finally {
      this.#isTraining = false;
    }
  }

  releaseActivations(): void {
    this.#refuseWhileTraining();
    this.#attached?.trainer?.releaseActivations();
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  #require(): Attached {
    if (this.#attached === null)
      throw new Failure<FailureCode>('noAttachedAdapter', 'No adapter is attached to the model.');
    return this.#attached;
  }

  #refuseWhileTraining(): void {
    if (this.#isTraining)
      throw new Failure<FailureCode>('busy', 'A training step is running. Stop it or wait until it has finished.');
  }

  #release(): void {
    if (this.#attached === null) return;
    const { adapter, trainer } = this.#attached;
    this.#attached = null;
    this.#model.decoder.attachAdapter(null);
    trainer?.[Symbol.dispose]();
    adapter[Symbol.dispose]();
  }
}
