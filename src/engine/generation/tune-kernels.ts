import { at } from '@/lib/assert.ts';
import type { KernelTuning } from '@/protocol/model.ts';
import type { LinearShape, LinearWeights } from '../kernels/linear/linear.ts';
import type { Epilogue } from '../kernels/library/library.ts';
import type { GpuModel } from './gpu-model.ts';
import { shapeKey } from './gpu-model.ts';
import { LinearBench } from './measure.ts';

/** Raise when a linear kernel changes, so that old measurements are not used for it. */
const KERNEL_VERSION = 2;

/** Identifies adapter and kernel version: what was measured on others does not hold. */
export function adapterKey({ gpu }: Pick<GpuModel, 'gpu'>): string {
  const { vendor, architecture, device, description } = gpu.adapterInfo;
  return [KERNEL_VERSION, vendor, architecture, device, description].join('|');
}

const SHAPES: readonly LinearShape[] = ['threadPerRows', 'workgroupPerRows'];
/** Tokens at which both shapes exist. */
const TUNED_TOKENS = [1, 2] as const;
/** Rows that are measured of a taller matrix: enough to fill a GPU, few enough for a software adapter. */
const MAX_ROWS = 8192;
/** A dispatch shorter than this is repeated, so that the clock's grain does not decide. */
const TARGET_MS = 4;

/** Identifies adapter, kernel version and the shapes of a model. */
export function tuningKey(model: GpuModel): string {
  return ['tuning', adapterKey(model), ...matricesOf(model).keys()].join('|');
}

/**
 * Times both shapes of the linear kernels on each of the model's matrices, for one and two tokens, and picks the faster.
 * Takes well under a second on a GPU, a few on a software adapter.
 */
export async function tuneKernels(model: GpuModel, signal: AbortSignal): Promise<KernelTuning> {
  const matrices = matricesOf(model);
  const sizes = [...matrices.values()].map(({ weights }) => weights);
  const widest = Math.max(...sizes.map(({ columns }) => columns));
  const tallest = Math.max(...sizes.map(({ rows }) => rows));
  using bench = new LinearBench(model.gpu, model.recorder, widest * 2, tallest * 2);
  const choices: Record<string, LinearShape> = {};
  const measuredUs: Record<string, number> = {};
  for (const { weights, epilogue } of matrices.values()) {
    for (const numTokens of TUNED_TOKENS) {
      const product = { weights: { ...weights, rows: Math.min(weights.rows, MAX_ROWS) }, numTokens, epilogue };
      const key = shapeKey(weights, numTokens);
      let best: LinearShape = at(SHAPES, 0);
      for (const shape of SHAPES) {
        signal.throwIfAborted();
        const once = await bench.time([product], () => shape, 2);
        const passes = Math.max(1, Math.min(50, Math.ceil(TARGET_MS / once)));
        const ms = passes > 1 ? await bench.time([product], () => shape, 3, passes) : once;
        measuredUs[`${key} ${shape}`] = Math.round(ms * 1000);
        if (ms * 1000 < (measuredUs[`${key} ${best}`] ?? 0)) best = shape;
      }
      choices[key] = best;
    }
  }
  const votes = Object.values(choices).filter((shape) => shape === 'workgroupPerRows').length;
  const kernelShape = votes * 2 > Object.keys(choices).length ? 'workgroupPerRows' : 'threadPerRows';
  return { kernelShape, choices, measuredUs, origin: 'measured' };
}

/** One matrix of each shape. */
function matricesOf(model: GpuModel): Map<string, { weights: LinearWeights; epilogue: Epilogue }> {
  const found = new Map<string, { weights: LinearWeights; epilogue: Epilogue }>();
  const add = (weights: LinearWeights, epilogue: Epilogue): void => {
    const key = shapeKey(weights, 1);
    if (!found.has(key)) found.set(key, { weights, epilogue });
  };
  for (const layer of model.weights.layers) {
    for (const { weights } of layer.qkvProj) add(weights, 'store');
    add(layer.oProj, 'add');
    add(layer.gateUpProj, 'swiglu');
    add(layer.downProj, 'add');
  }
  for (const { weights } of model.weights.lmHead) add(weights, 'store');
  return found;
}
