import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import backwardSource from './token-log-probs-backward.wgsl?raw';
import source from './token-log-probs.wgsl?raw';

export const tokenLogProbs = defineKernel({
  name: 'token-log-probs',
  source,
  buffers: { logits: 'read', table: 'read', results: 'readWrite' },
  params: { vocabSize: 'u32', targetsAt: 'u32', resultsAt: 'u32', inverseTemperature: 'f32' },
  overrides: ['WORKGROUP_SIZE'],
});

export const tokenLogProbsBackward = defineKernel({
  name: 'token-log-probs-backward',
  source: backwardSource,
  buffers: { logits: 'readWrite', table: 'read', results: 'read', gradients: 'read' },
  params: { vocabSize: 'u32', targetsAt: 'u32', resultsAt: 'u32', gradientsAt: 'u32', inverseTemperature: 'f32' },
  overrides: ['WORKGROUP_SIZE'],
});

/** Words of a row in `results`: log-prob, entropy, ln sum exp((z - largest) / T), largest z. */
export const TOKEN_LOG_PROB_WORDS = 4;

export interface TokenLogProbsShape {
  readonly vocabSize: number;
  readonly numRows: number;
  /** Word of `table` where the targets begin, one a row. */
  readonly targetsAt: number;
  /** Word of `results` where the rows begin. */
  readonly resultsAt: number;
  /** Above 0. */
  readonly temperature: number;
  readonly lanes: Lanes;
}

/**
 * Log-prob of each row's target under softmax(logits / temperature), and the entropy in nats.
 *
 * @param buffers.logits   [numRows, V] f32; NaN or +infinity makes its row's results NaN
 * @param buffers.results  [numRows, 4] f32 from resultsAt on
 */
export function recordTokenLogProbs(
  recorder: CommandRecorder,
  buffers: { readonly logits: GpuBuffer; readonly table: GpuBuffer; readonly results: GpuBuffer },
  shape: TokenLogProbsShape,
): void {
  const { vocabSize, numRows, targetsAt, resultsAt, temperature, lanes } = shape;
  recorder.record(
    tokenLogProbs,
    buffers,
    { vocabSize, targetsAt, resultsAt, inverseTemperature: 1 / temperature },
    { overrides: { WORKGROUP_SIZE: lanes === 'few' ? 16 : 256 }, workgroups: [numRows] },
  );
}

/**
 * Replaces the logits by the gradient of sum over rows of (dLogProb * log-prob + dEntropy * entropy).
 *
 * @param buffers.results    as recordTokenLogProbs has left it for the same logits
 * @param buffers.gradients  [numRows, 2] f32 from gradientsAt on: dLogProb, dEntropy
 */
export function recordTokenLogProbsBackward(
  recorder: CommandRecorder,
  buffers: {
    readonly logits: GpuBuffer;
    readonly table: GpuBuffer;
    readonly results: GpuBuffer;
    readonly gradients: GpuBuffer;
  },
  shape: TokenLogProbsShape & { readonly gradientsAt: number },
): void {
  const { vocabSize, numRows, targetsAt, resultsAt, gradientsAt, temperature, lanes } = shape;
  const size = lanes === 'few' ? 16 : 128;
  recorder.record(
    tokenLogProbsBackward,
    buffers,
    { vocabSize, targetsAt, resultsAt, gradientsAt, inverseTemperature: 1 / temperature },
    { overrides: { WORKGROUP_SIZE: size }, workgroups: [Math.ceil(vocabSize / size), numRows] },
  );
}
