import { isSoftwareAdapter } from '../gpu/device.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { TOKEN_LOG_PROB_WORDS } from '../kernels/token-log-probs/token-log-probs.ts';
import { Backward } from '../model/backward.ts';
import { LogProbHead } from '../model/log-prob-head.ts';
import type { LoraLayout } from '../model/lora.ts';
import type { PackedPass } from '../model/packed-rows.ts';
import type { TrainingBuffers, TrainingShape } from '../model/training-buffers.ts';
import { headFlops, layerFlops } from '../model/training-flops.ts';
import { TrainingForward } from '../model/training-forward.ts';
import type { TrainingLora, TrainingModel, TrainingPass } from '../model/training-forward.ts';
import type { PassOptions } from './trainer.ts';

/** Arithmetic of one submit: about half a second on a software adapter, milliseconds on a GPU. */
const BURST_FLOPS = { software: 1e9, gpu: 1e11 } as const;
const BURST_DISPATCHES = 400;

interface EntryResult {
  readonly logProb: number;
  readonly entropy: number;
}

/** Runs the forward and backward passes in bursts: one being computed while the next is recorded. */
export class TrainingPasses {
  readonly #gpu: Gpu;
  readonly #model: TrainingModel;
  readonly #buffers: TrainingBuffers;
  readonly #forward: TrainingForward;
  readonly #backward: Backward;
  readonly #head: LogProbHead;
  readonly #layout: LoraLayout;
  readonly #burstFlops: number;
  #recordedFlops = 0;
  #recordedFrom = 0;
  #previous: Promise<void> = Promise.resolve();

  /** Takes the buffers, borrows the rest. */
  constructor(gpu: Gpu, model: TrainingModel, buffers: TrainingBuffers, gradients: GpuBuffer, layout: LoraLayout) {
    this.#gpu = gpu;
    this.#model = model;
    this.#buffers = buffers;
    this.#layout = layout;
    this.#forward = new TrainingForward(model, buffers);
    this.#backward = new Backward(model, buffers, this.#forward, gradients);
    this.#head = new LogProbHead(model, buffers);
    this.#burstFlops = BURST_FLOPS[isSoftwareAdapter(gpu.adapterInfo) ? 'software' : 'gpu'];
  }

  get shape(): TrainingShape {
    return this.#buffers.shape;
  }

  /** Log-probability and entropy of every entry. @param keeps whether `backward` follows */
  async forward(
    packed: PackedPass,
    lora: TrainingLora | null,
    keeps: boolean,
    options: PassOptions,
  ): Promise<EntryResult[]> {
    const { config, recorder } = this.#model;
    const pass = uploadPass(this.#gpu, this.#buffers, packed, this.#layout.scaling);
    this.#forward.recordEmbedding(pass.numTokens);
    for (let layer = 0; layer < config.numHiddenLayers; layer++) {
      const output = this.#buffers.input(keeps ? layer + 1 : 0);
      this.#forward.recordLayer(layer, pass, lora, this.#buffers.input(keeps ? layer : 0), output);
      await this.#burst(layerFlops(config, pass.numTokens), options);
    }
    const hidden = this.#hidden(keeps);
    for (const chunk of this.#head.chunks(pass)) {
      this.#head.recordChunk(hidden, pass, chunk, options.temperature);
      await this.#burst(headFlops(config, chunk.count), options);
    }
    const reading = recorder.read(this.#buffers.get('results'), 0, pass.numEntries * TOKEN_LOG_PROB_WORDS * 4);
    this.#submit();
    const results = new Float32Array(await reading);
    options.signal.throwIfAborted();
    return packed.entries.map((_, index) => ({
      logProb: results[index * TOKEN_LOG_PROB_WORDS] ?? Number.NaN,
      entropy: results[index * TOKEN_LOG_PROB_WORDS + 1] ?? Number.NaN,
    }));
  }

  /** Adds the adapter's gradients of the pass that `forward` has just computed. @param gradients one an entry */
  async backward(
    packed: PackedPass,
    lora: TrainingLora,
    gradients: readonly EntryResult[],
    options: PassOptions,
  ): Promise<void> {
    const words = Float32Array.from(gradients.flatMap(({ logProb, entropy }) => [logProb, entropy]));
    this.#gpu.write(this.#buffers.get('result gradients'), 0, words);
    const { config } = this.#model;
    const pass = passOf(packed);
    const hidden = this.#hidden(true);
    for (const chunk of this.#head.chunks(pass)) {
      this.#head.recordChunkBackward(hidden, pass, chunk, options.temperature);
      await this.#burst(2 * headFlops(config, chunk.count), options);
    }
    this.#head.recordGatherBackward(pass);
    for (let layer = config.numHiddenLayers - 1; layer >= 0; layer--) {
      this.#backward.recordLayer(layer, pass, lora);
      await this.#burst(2 * layerFlops(config, pass.numTokens), options);
    }
    this.#submit();
    await this.#gpu.workDone();
  }

  [Symbol.dispose](): void {
    this.#buffers[Symbol.dispose]();
  }

  #hidden(keeps: boolean): GpuBuffer {
    return this.#buffers.input(keeps ? this.#model.config.numHiddenLayers : 0);
  }

  /** Submits when enough was recorded, and waits until at most one burst is unfinished. */
  async #burst(flops: number, { signal, onFlops }: PassOptions): Promise<void> {
    this.#recordedFlops += flops;
    onFlops?.(flops);
    const dispatches = this.#model.recorder.counts.dispatches - this.#recordedFrom;
    if (this.#recordedFlops < this.#burstFlops && dispatches < BURST_DISPATCHES) return;
    this.#submit();
    const before = this.#previous;
    this.#previous = this.#gpu.workDone();
    // Awaited one burst later; a failure of the device must not count as unhandled until then.
    this.#previous.catch(() => undefined);
    await before;
    signal.throwIfAborted();
  }

  #submit(): void {
    this.#model.recorder.submit();
    this.#recordedFlops = 0;
    this.#recordedFrom = this.#model.recorder.counts.dispatches;
  }
}

function passOf(packed: PackedPass): TrainingPass {
  const numTokens = packed.tokenIds.length;
  const numEntries = packed.entries.length;
  const spansAt = 4 * numTokens;
  const scalesAt = spansAt + 2 * numTokens;
  const entryRowsAt = scalesAt + numTokens;
  return { numTokens, numEntries, tokensAt: 0, spansAt, scalesAt, entryRowsAt, targetsAt: entryRowsAt + numEntries };
}

/** Writes a pass's table and token ids. @param scaling what the adapter's results are multiplied by */
export function uploadPass(gpu: Gpu, buffers: TrainingBuffers, packed: PackedPass, scaling: number): TrainingPass {
  const pass = passOf(packed);
  const table = new Uint32Array(pass.targetsAt + pass.numEntries);
  table.set(packed.tokenWords, pass.tokensAt);
  table.set(packed.spans, pass.spansAt);
  new Float32Array(table.buffer).fill(scaling, pass.scalesAt, pass.scalesAt + pass.numTokens);
  packed.entries.forEach(({ hiddenRow, tokenId }, index) => {
    table[pass.entryRowsAt + index] = hiddenRow;
    table[pass.targetsAt + index] = tokenId;
  });
  gpu.write(buffers.get('table'), 0, table);
  gpu.write(buffers.get('token ids'), 0, packed.tokenIds);
  return pass;
}
