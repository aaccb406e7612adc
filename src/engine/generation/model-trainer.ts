import { Failure } from '@/lib/failure.ts';
import { at } from '@/lib/assert.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { NamedTensor, RowLogProbs, TensorNorm } from '@/protocol/training.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { recordGradientNorm } from '../kernels/gradient-norm/gradient-norm.ts';
import { flatten, readTensors } from '../model/gpu-adapter.ts';
import type { GpuAdapter } from '../model/gpu-adapter.ts';
import { packRows } from '../model/packed-rows.ts';
import type { PackedPass } from '../model/packed-rows.ts';
import { trainingBytes, TrainingBuffers } from '../model/training-buffers.ts';
import type { TrainingShape } from '../model/training-buffers.ts';
import type { TrainingLora, TrainingModel } from '../model/training-forward.ts';
import { AdamW } from '../optimizer/adamw.ts';
import type { AdamWUpdate, PassOptions, RowGradient, TokenRow, Trainer } from './trainer.ts';
import { TrainingPasses } from './training-passes.ts';
import { probeTraining } from './training-probe.ts';
import type { TrainingProbe } from './training-probe.ts';

/** AdamW's moments, in PEFT's order. */
export interface OptimizerTensors {
  readonly expAvg: readonly NamedTensor[];
  readonly expAvgSq: readonly NamedTensor[];
}

const ROUND_TO = 64;

/**
 * Training of one adapter on the GPU: gradients, moments, and passes over packed rows. Buffers for activations are made
 * when a batch first needs them, and kept while they suffice. Borrows the model and the adapter.
 */
export class ModelTrainer implements Trainer {
  readonly adapter: GpuAdapter;
  readonly #gpu: Gpu;
  readonly #model: TrainingModel;
  readonly #gradients: GpuBuffer;
  readonly #optimizer: AdamW;
  readonly #sums: GpuBuffer;
  readonly #tensorTable: GpuBuffer;
  #passes: TrainingPasses | null = null;

  constructor(gpu: Gpu, model: TrainingModel, adapter: GpuAdapter) {
    this.#gpu = gpu;
    this.#model = model;
    this.adapter = adapter;
    const { layout } = adapter;
    this.#gradients = gpu.createBuffer('training', 'gradients', layout.numValues * 4);
    this.#optimizer = new AdamW(gpu, model.recorder, layout.numValues);
    this.#sums = gpu.createBuffer('training', 'squares', layout.tensors.length * 4);
    const words = Uint32Array.from(layout.tensors.flatMap(({ offset, length }) => [offset, length]));
    this.#tensorTable = gpu.createBufferWith('training', 'tensors', words);
  }

  async logProbs(rows: readonly TokenRow[], adapter: 'on' | 'off', options: PassOptions): Promise<RowLogProbs[]> {
    const packed = this.#pack(rows, options, true);
    const results = emptyResults(rows);
    const passes = await this.#prepare(packed, options, 'nothing');
    for (const pass of packed) {
      const found = await passes.forward(pass, adapter === 'on' ? this.#lora(0, 0) : null, false, options);
      found.forEach((value, index) => place(results, pass, index, value));
    }
    return results;
  }

  clearGradients(): void {
    this.#model.recorder.clear(this.#gradients, this.adapter.layout.numValues * 4);
  }

  async accumulate(
    rows: readonly TokenRow[],
    gradientOf: (rowIndex: number, result: RowLogProbs) => RowGradient,
    dropoutSeed: number,
    options: PassOptions,
  ): Promise<RowLogProbs[]> {
    const rate = this.adapter.config.loraDropout;
    const packed = this.#pack(rows, options, rate === 0);
    const results = emptyResults(rows);
    const lora = this.#lora(rate, dropoutSeed);
    const passes = await this.#prepare(packed, options, options.gradientCheckpointing ? 'inputs' : 'everything');
    for (const pass of packed) {
      const found = await passes.forward(pass, lora, true, options);
      found.forEach((value, index) => place(results, pass, index, value));
      const inPass = new Set(pass.entries.map(({ row }) => row));
      const gradients = new Map([...inPass].map((row) => [row, gradientOf(row, at(results, row))]));
      const perEntry = pass.entries.map(({ row, index }) => {
        const gradient = gradients.get(row);
        return { logProb: gradient?.logProbs[index] ?? 0, entropy: gradient?.entropies?.[index] ?? 0 };
      });
      await passes.backward(pass, lora, perEntry, options);
    }
    return results;
  }

  async gradientNorms(): Promise<TensorNorm[]> {
    const { recorder, lanes } = this.#model;
    const { tensors } = this.adapter.layout;
    recordGradientNorm(
      recorder,
      { gradients: this.#gradients, table: this.#tensorTable, sums: this.#sums },
      { numTensors: tensors.length, tensorsAt: 0, lanes },
    );
    const reading = recorder.read(this.#sums, 0, tensors.length * 4);
    recorder.submit();
    const sums = new Float32Array(await reading);
    return tensors.map(({ name }, index) => ({ name, l2: Math.sqrt(at(sums, index)) }));
  }

  update(update: AdamWUpdate): void {
    this.#optimizer.record(this.adapter.parameters, this.#gradients, update);
    this.#model.recorder.submit();
  }

  async readGradients(): Promise<NamedTensor[]> {
    return readTensors(this.#model.recorder, this.adapter.layout, this.#gradients);
  }

  async readOptimizer(): Promise<OptimizerTensors> {
    const { recorder } = this.#model;
    const { layout } = this.adapter;
    return {
      expAvg: await readTensors(recorder, layout, this.#optimizer.expAvg),
      expAvgSq: await readTensors(recorder, layout, this.#optimizer.expAvgSq),
    };
  }

  /** Puts back weights and moments, for instance of a checkpoint. @throws {Failure} 'invalidConfig', nothing changed then */
  restore(parameters: readonly NamedTensor[], optimizer: OptimizerTensors): void {
    const { layout } = this.adapter;
    const flat = [parameters, optimizer.expAvg, optimizer.expAvgSq].map((tensors) => flatten(layout, tensors));
    this.#gpu.write(this.adapter.parameters, 0, at(flat, 0));
    this.#gpu.write(this.#optimizer.expAvg, 0, at(flat, 1));
    this.#gpu.write(this.#optimizer.expAvgSq, 0, at(flat, 2));
  }

  /** Measures parts of a step on this device. Not between `accumulate` and `update`: it disturbs the gradients. */
  async probe(options: PassOptions): Promise<TrainingProbe> {
    const { gradientCheckpointing: recomputes, logitChunkSize, signal } = options;
    const lora = this.#lora(this.adapter.config.loraDropout, 0);
    return probeTraining(this.#gpu, this.#model, this.#gradients, lora, { recomputes, logitChunkSize, signal });
  }

  /** Gives the activations' memory back; the next batch makes them again. */
  releaseActivations(): void {
    this.#passes?.[Symbol.dispose]();
    this.#passes = null;
    // What a step that failed left recorded names buffers that go now.
    this.#model.recorder.submit();
    this.#model.recorder.forgetBindGroups();
  }

  [Symbol.dispose](): void {
    this.releaseActivations();
    for (const owned of [this.#gradients, this.#optimizer, this.#sums, this.#tensorTable]) owned[Symbol.dispose]();
  }

  /** @throws {Failure} 'invalidConfig' for what the kernels cannot look up: they would read elsewhere without an error */
  #pack(rows: readonly TokenRow[], { tokensPerPass }: PassOptions, sharePrompts: boolean): PackedPass[] {
    const { config, contextLength } = this.#model;
    for (const { promptIds, completionIds } of rows) {
      const outside = [...promptIds, ...completionIds].find(
        (id) => !Number.isInteger(id) || id < 0 || id >= config.vocabSize,
      );
      if (outside !== undefined)
        throw new Failure<FailureCode>(
          'invalidConfig',
          `Token id ${outside} is outside the vocabulary of ${config.vocabSize}.`,
        );
      const length = promptIds.length + Math.max(0, completionIds.length - 1);
      if (length > contextLength)
        throw new Failure<FailureCode>(
          'invalidConfig',
          `A row has ${length} tokens, the loaded context ${contextLength}: load the model with a longer context or cut the row.`,
        );
    }
    return packRows(rows, { tokensPerPass, sharePrompts });
  }

  #lora(dropoutRate: number, dropoutSeed: number): TrainingLora {
    const { parameters, rank, layout } = this.adapter;
    return { source: { parameters, rank }, layout, dropoutRate, dropoutSeed };
  }

  /** Buffers that hold every pass of a batch. @throws {Failure} 'outOfMemory' with the numbers and what would help */
  async #prepare(
    packed: readonly PackedPass[],
    options: PassOptions,
    kept: TrainingShape['kept'],
  ): Promise<TrainingPasses> {
    const shape = passShape(packed, options, kept);
    if (this.#passes !== null && holds(this.#passes.shape, shape)) return this.#passes;
    this.releaseActivations();
    const { device } = this.#gpu;
    device.pushErrorScope('out-of-memory');
    const buffers = new TrainingBuffers(this.#gpu, this.#model.config, this.adapter.layout, shape);
    const error = await this.#gpu.settled(device.popErrorScope());
    if (error !== null) {
      buffers[Symbol.dispose]();
      const { totalBytes } = trainingBytes(this.#model.config, this.adapter.layout, shape);
      throw new Failure<FailureCode>(
        'outOfMemory',
        `A training pass of ${shape.numTokens} tokens needs ${totalBytes} bytes, which the GPU does not have. ` +
          'Lower tokensPerPass or logitChunkSize, or switch gradientCheckpointing on.',
      );
    }
    this.#passes = new TrainingPasses(this.#gpu, this.#model, buffers, this.#gradients, this.adapter.layout);
    return this.#passes;
  }
}

/** The buffers' shape for a batch, rounded up so that batches of about equal size share it. */
export function passShape(
  packed: readonly PackedPass[],
  options: Pick<PassOptions, 'logitChunkSize'>,
  kept: TrainingShape['kept'],
): TrainingShape {
  const most = (counts: readonly number[]): number => Math.ceil(Math.max(1, ...counts) / ROUND_TO) * ROUND_TO;
  const numEntries = most(packed.map(({ entries }) => entries.length));
  return {
    numTokens: most(packed.map(({ tokenIds }) => tokenIds.length)),
    numEntries,
    logitChunkSize: Math.min(options.logitChunkSize, numEntries),
    kept,
  };
}

function holds(own: TrainingShape, wanted: TrainingShape): boolean {
  const isSameKind = own.kept === wanted.kept || wanted.kept === 'nothing';
  return (
    isSameKind &&
    own.logitChunkSize === wanted.logitChunkSize &&
    own.numTokens >= wanted.numTokens &&
    own.numEntries >= wanted.numEntries
  );
}

function emptyResults(rows: readonly TokenRow[]): { logProbs: number[]; entropies: number[] }[] {
  return rows.map(({ completionIds }) => ({
    logProbs: completionIds.map(() => Number.NaN),
    entropies: completionIds.map(() => Number.NaN),
  }));
}

function place(
  results: readonly { logProbs: number[]; entropies: number[] }[],
  pass: PackedPass,
  entryIndex: number,
  value: { readonly logProb: number; readonly entropy: number },
): void {
  const { row, index } = at(pass.entries, entryIndex);
  const result = at(results, row);
  result.logProbs[index] = value.logProb;
  result.entropies[index] = value.entropy;
}
