import { at } from '@/lib/assert.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { Backward } from '../model/backward.ts';
import { LogProbHead } from '../model/log-prob-head.ts';
import { packRows } from '../model/packed-rows.ts';
import { TrainingBuffers } from '../model/training-buffers.ts';
import { TrainingForward } from '../model/training-forward.ts';
import type { TrainingLora, TrainingModel } from '../model/training-forward.ts';
import { uploadPass } from './training-passes.ts';

/** Milliseconds of one layer and of one chunk of the head, and how many tokens they worked on. */
export interface TrainingProbe {
  readonly numTokens: number;
  readonly numEntries: number;
  readonly layerForwardMs: number;
  /** Of a layer whose activations are computed again, or are there. */
  readonly layerBackwardMs: number;
  readonly headForwardMs: number;
  readonly headBackwardMs: number;
}

const PROBE_TOKENS = 64;

/** Times the first layer and the head, each after one run that compiles its kernels. Disturbs the gradients. */
export async function probeTraining(
  gpu: Gpu,
  model: TrainingModel,
  gradients: GpuBuffer,
  lora: TrainingLora,
  options: { readonly recomputes: boolean; readonly logitChunkSize: number; readonly signal: AbortSignal },
): Promise<TrainingProbe> {
  const ids = Array.from({ length: PROBE_TOKENS + 1 }, (_, index) => (index * 37 + 11) % model.config.vocabSize);
  const [packed] = packRows([{ promptIds: ids.slice(0, 1), completionIds: ids.slice(1) }], {
    tokensPerPass: PROBE_TOKENS,
    sharePrompts: false,
  });
  if (packed === undefined) throw new RangeError('The probe has no tokens.');
  using buffers = new TrainingBuffers(gpu, model.config, lora.layout, {
    numTokens: PROBE_TOKENS,
    numEntries: PROBE_TOKENS,
    logitChunkSize: Math.min(options.logitChunkSize, PROBE_TOKENS),
    kept: 'inputs',
  });
  const pass = uploadPass(gpu, buffers, packed, lora.layout.scaling);
  gpu.write(buffers.get('result gradients'), 0, new Float32Array(2 * PROBE_TOKENS));
  const forward = new TrainingForward(model, buffers);
  const backward = new Backward(model, buffers, forward, gradients);
  const head = new LogProbHead(model, buffers);
  const chunk = at(head.chunks(pass), 0);
  const time = async (record: () => void): Promise<number> => {
    let begun = 0;
    for (let run = 0; run < 2; run++) {
      options.signal.throwIfAborted();
      begun = performance.now();
      record();
      model.recorder.submit();
      await gpu.workDone();
    }
    return performance.now() - begun;
  };
  forward.recordEmbedding(pass.numTokens);
  const layerForwardMs = await time(() => forward.recordLayer(0, pass, lora, buffers.input(0), buffers.input(1)));
  const headForwardMs = await time(() => head.recordChunk(buffers.input(1), pass, chunk, 1));
  const headBackwardMs = await time(() => head.recordChunkBackward(buffers.input(1), pass, chunk, 1));
  head.recordGatherBackward(pass);
  const withRecompute = await time(() => backward.recordLayer(0, pass, lora));
  model.recorder.forgetBindGroups();
  return {
    numTokens: PROBE_TOKENS,
    numEntries: chunk.count,
    layerForwardMs,
    layerBackwardMs: options.recomputes ? withRecompute : Math.max(0, withRecompute - layerForwardMs),
    headForwardMs,
    headBackwardMs,
  };
}
