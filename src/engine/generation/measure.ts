import { at } from '@/lib/assert.ts';
import type { LinearRate, ProfileReport, ProfileSettings } from '@/protocol/generation.ts';
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { recordLinear } from '../kernels/linear/linear.ts';
import type { LinearShape, LinearWeights } from '../kernels/linear/linear.ts';
import type { Epilogue } from '../kernels/library/library.ts';
import type { CacheBlock, DecoderRow } from './decoder.ts';
import type { GpuModel } from './gpu-model.ts';
import { type ForwardShape, profileForwards } from './measure-forwards.ts';

interface Product {
  readonly weights: LinearWeights;
  readonly numTokens: number;
  readonly epilogue: Epilogue;
}

/** Runs matrix products alone, on scratch buffers of its own. */
export class LinearBench {
  readonly #gpu: Gpu;
  readonly #recorder: CommandRecorder;
  readonly #x: GpuBuffer;
  readonly #y: GpuBuffer;

  /** @param maxTokens, maxRows  of the largest product */
  constructor(gpu: Gpu, recorder: CommandRecorder, maxInput: number, maxOutput: number) {
    this.#gpu = gpu;
    this.#recorder = recorder;
    this.#x = gpu.createBuffer('activations', 'measure x', maxInput * 4);
    this.#y = gpu.createBuffer('activations', 'measure y', maxOutput * 4);
  }

  /** Wall milliseconds of one pass over `products`, the smallest of `repeats` submits of `passes` passes each. */
  async time(
    products: readonly Product[],
    shapeOf: (product: Product) => LinearShape,
    repeats: number,
    passes = 1,
  ): Promise<number> {
    let best = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (let pass = 0; pass < passes; pass++) {
        for (const product of products) {
          recordLinear(this.#recorder, product.weights, this.#x, this.#y, product.numTokens, {
            epilogue: product.epilogue,
            shape: shapeOf(product),
          });
        }
      }
      const begun = performance.now();
      this.#recorder.submit();
      await this.#gpu.workDone();
      best = Math.min(best, (performance.now() - begun) / passes);
    }
    return best;
  }

  [Symbol.dispose](): void {
    this.#x[Symbol.dispose]();
    this.#y[Symbol.dispose]();
    this.#recorder.forgetBindGroups();
  }
}

function rateOf(products: readonly Product[], ms: number): LinearRate {
  let flops = 0;
  let bytes = 0;
  for (const { weights, numTokens } of products) {
    flops += 2 * weights.rows * weights.columns * numTokens;
    bytes += weights.values.sizeBytes + weights.scales.sizeBytes;
  }
  const tokens = at(products, products.length - 1).numTokens;
  return { tokens, ms, gigaflopsPerSecond: flops / ms / 1e6, gigabytesPerSecond: bytes / ms / 1e6 };
}

/** All products of one call; the head for `numLogitRows` rows. */
function productsOf(model: GpuModel, numTokens: number, numLogitRows: number): Product[] {
  const layers = model.weights.layers.flatMap((layer): Product[] => [
    ...layer.qkvProj.map(({ weights }) => ({ weights, numTokens, epilogue: 'store' as const })),
    { weights: layer.oProj, numTokens, epilogue: 'add' },
    { weights: layer.gateUpProj, numTokens, epilogue: 'swiglu' },
    { weights: layer.downProj, numTokens, epilogue: 'add' },
  ]);
  if (numLogitRows === 0) return layers;
  const head = model.weights.lmHead.map(({ weights }) => ({
    weights,
    numTokens: numLogitRows,
    epilogue: 'store' as const,
  }));
  return [...layers, ...head];
}

const REPEATS = 3;
const BURST = 4;
/** Choice of rows, norm, candidates and choice of the token, beside the parts of the embedding and of the head. */
const DISPATCHES_AROUND_LAYERS = 4;

/**
 * Measures prefill and decode of `rows` rows on the loaded model, beside the same matrix products alone.
 *
 * @param options.promptTokens  1 to one chunk
 * @param signal                honoured between forwards
 */
export async function profileModel(
  model: GpuModel,
  options: ProfileSettings,
  signal?: AbortSignal,
): Promise<ProfileReport> {
  const { decoder, recorder, weights } = model;
  const { promptTokens, decodeSteps, rows } = options;
  const blocks: CacheBlock[] = [];
  try {
    const promptIds = Array.from({ length: promptTokens }, (_, index) => (index * 37 + 11) % decoder.vocabSize);
    let prefillMs = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      signal?.throwIfAborted();
      using block = decoder.createBlock('profile prefill');
      const begun = performance.now();
      await decoder.forward([{ view: [block], tokenIds: promptIds, output: { kind: 'token' } }]);
      prefillMs = Math.min(prefillMs, performance.now() - begun);
    }
    for (let row = 0; row < rows; row++) {
      const block = decoder.createBlock(`profile ${row}`);
      blocks.push(block);
      await decoder.forward([{ view: [block], tokenIds: promptIds, output: { kind: 'none' } }]);
    }
    const step = (): DecoderRow[] =>
      blocks.map((block) => ({ view: [block], tokenIds: [11], output: { kind: 'token' } as const }));
    await decoder.forward(step());
    const stepMs: number[] = [];
    recorder.resetCounts();
    for (let index = 0; index < decodeSteps; index++) {
      signal?.throwIfAborted();
      const begun = performance.now();
      await decoder.forward(step());
      stepMs.push(performance.now() - begun);
    }
    const counts = { ...recorder.counts };
    const around = DISPATCHES_AROUND_LAYERS + weights.embedTokens.length + weights.lmHead.length;
    const burstTokenMs = rows === 1 ? await timeBurst(model, at(blocks, 0)) : null;
    const kernels = await profileKernels(model, step());
    return {
      rows,
      promptTokens,
      prefillMs,
      stepMs,
      burstTokenMs,
      stepCounts: {
        dispatches: counts.dispatches / decodeSteps,
        submits: counts.submits / decodeSteps,
        readbacks: counts.readbacks / decodeSteps,
        readbackBytes: counts.readbackBytes / decodeSteps,
        bindGroupsCreated: counts.bindGroupsCreated / decodeSteps,
      },
      dispatchesPerLayer: (counts.dispatches / decodeSteps - around) / weights.layers.length,
      ...(await measureLinears(model, rows, promptTokens)),
      kernels,
      forwards: await profileForwards(model, shapesOf(options), promptTokens, decodeSteps, signal),
    };
  } finally {
    for (const block of blocks) block[Symbol.dispose]();
  }
}

function shapesOf({ forwards = [], readForwards = [] }: ProfileSettings): ForwardShape[] {
  return [
    ...forwards.map((rowTokens) => ({ rowTokens, readsAttention: false })),
    ...readForwards.map((rowTokens) => ({ rowTokens, readsAttention: true })),
  ];
}

async function timeBurst(model: GpuModel, block: CacheBlock): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const begun = performance.now();
    await model.decoder.decodeBurst([block], 11, { numTokens: BURST, firstStep: 0 });
    best = Math.min(best, (performance.now() - begun) / BURST);
  }
  return best;
}

async function profileKernels(model: GpuModel, rows: readonly DecoderRow[]): Promise<ProfileReport['kernels']> {
  const { profiler } = model.recorder;
  if (!profiler.isSupported) return [];
  profiler.start();
  try {
    await model.decoder.forward(rows);
    await profiler.collect();
  } finally {
    profiler.stop();
  }
  return profiler.totals();
}

async function measureLinears(
  model: GpuModel,
  rows: number,
  promptTokens: number,
): Promise<Pick<ProfileReport, 'matvec' | 'stepLinears' | 'prefillLinears'>> {
  const { config, gpu, recorder, weights } = model;
  const widest = Math.max(config.hiddenSize, config.intermediateSize, config.numAttentionHeads * config.headDim);
  const tallest = Math.max(
    2 * config.intermediateSize * promptTokens,
    config.vocabSize * Math.max(rows, 1),
    widest * promptTokens,
  );
  using bench = new LinearBench(gpu, recorder, widest * Math.max(promptTokens, rows), tallest);
  const shapeOf = (product: Product): LinearShape => model.shapeOf(product.weights, product.numTokens);
  const time = async (products: readonly Product[], passes = 1): Promise<LinearRate> => {
    await bench.time(products, shapeOf, 1, 1);
    return rateOf(products, await bench.time(products, shapeOf, REPEATS, passes));
  };
  const gateUp: Product = { weights: at(weights.layers, 0).gateUpProj, numTokens: 1, epilogue: 'swiglu' };
  return {
    matvec: await time([gateUp], 32),
    stepLinears: await time(productsOf(model, rows, rows)),
    prefillLinears: await time(productsOf(model, promptTokens, 1)),
  };
}
