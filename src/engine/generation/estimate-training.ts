import type { TrainingEstimate } from '@/protocol/training-api.ts';
import type { TrainingSettings } from '@/protocol/training.ts';
import type { LoraLayout } from '../model/lora.ts';
import type { ModelConfig } from '../model/model-config.ts';
import { packRows } from '../model/packed-rows.ts';
import type { PackedPass, SequenceRow } from '../model/packed-rows.ts';
import { trainingBytes } from '../model/training-buffers.ts';
import { passShape } from './model-trainer.ts';
import type { TrainingProbe } from './training-probe.ts';

export interface DeviceRoom {
  /** Most bytes of one buffer. */
  readonly largestBufferLimitBytes: number;
  /** Most bytes that training may take; null: unknown, as WebGPU does not say. */
  readonly memoryLimitBytes: number | null;
}

export interface EstimateInput {
  readonly config: ModelConfig;
  readonly layout: LoraLayout;
  readonly rows: readonly SequenceRow[];
  readonly settings: TrainingSettings;
  /** Whether equal prompts are encoded once: not with dropout. */
  readonly sharePrompts: boolean;
  readonly room: DeviceRoom;
}

/** Memory of a step under these settings; the same list of buffers is allocated. */
function estimateBytes({ config, layout, rows, settings, sharePrompts }: EstimateInput): {
  readonly bytes: TrainingEstimate['bytes'];
  readonly largestBufferBytes: number;
  readonly packed: readonly PackedPass[];
} {
  const packed = packRows(rows, { tokensPerPass: settings.tokensPerPass, sharePrompts });
  const shape = passShape(packed, settings, settings.gradientCheckpointing ? 'inputs' : 'everything');
  const { totalBytes: activations, largestBytes } = trainingBytes(config, layout, shape);
  const adapter = layout.numValues * 4;
  const bytes = { adapter, gradients: adapter, optimizer: 2 * adapter, activations, total: 4 * adapter + activations };
  return { bytes, largestBufferBytes: Math.max(largestBytes, adapter), packed };
}

export type MemoryEstimate = Omit<TrainingEstimate, 'secondsPerStep' | 'probeMs'>;

/** Memory of a step, whether it fits, and what would. */
export function estimateMemory(input: EstimateInput): MemoryEstimate {
  const { bytes, largestBufferBytes, packed } = estimateBytes(input);
  const reasons = reasonsAgainst(bytes.total, largestBufferBytes, input.room);
  return {
    fits: reasons.length === 0,
    reasons,
    bytes,
    largestBufferBytes,
    largestBufferLimitBytes: input.room.largestBufferLimitBytes,
    numTokens: packed.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0),
    numPasses: packed.length,
    suggestions: reasons.length === 0 ? [] : suggestionsFor(input),
  };
}

/** The same with the time that a step will take. */
export function estimateTraining(input: EstimateInput, probe: TrainingProbe): TrainingEstimate {
  const { tokensPerPass } = input.settings;
  const packed = packRows(input.rows, { tokensPerPass, sharePrompts: input.sharePrompts });
  return {
    ...estimateMemory(input),
    secondsPerStep: secondsOf(input, packed, probe),
    probeMs: probe.layerForwardMs + probe.layerBackwardMs + probe.headForwardMs + probe.headBackwardMs,
  };
}

function reasonsAgainst(totalBytes: number, largestBytes: number, room: DeviceRoom): string[] {
  const reasons: string[] = [];
  if (largestBytes > room.largestBufferLimitBytes)
    reasons.push(
      `The largest buffer takes ${largestBytes} bytes; this device allows ${room.largestBufferLimitBytes} bytes a buffer.`,
    );
  if (room.memoryLimitBytes !== null && totalBytes > room.memoryLimitBytes)
    reasons.push(`Training takes ${totalBytes} bytes; the limit is ${room.memoryLimitBytes} bytes.`);
  return reasons;
}

/** Linear in tokens: what attention costs beyond the probe's 64 tokens is left out. */
function secondsOf({ config, settings }: EstimateInput, packed: readonly PackedPass[], probe: TrainingProbe): number {
  const usesReference = settings.beta !== 0 && settings.lossType !== 'sft';
  let ms = 0;
  for (const { tokenIds, entries } of packed) {
    const layers = (config.numHiddenLayers * tokenIds.length) / probe.numTokens;
    const heads = entries.length / probe.numEntries;
    const forward = layers * probe.layerForwardMs + heads * probe.headForwardMs;
    const backward = layers * probe.layerBackwardMs + heads * probe.headBackwardMs;
    ms += settings.numIterations * (forward + backward) + (usesReference ? forward : 0);
  }
  return ms / 1000;
}

/** The settings in the order in which they cost least, until the step fits; at most three. */
function suggestionsFor(input: EstimateInput): { settings: Partial<TrainingSettings>; totalBytes: number }[] {
  const longest = Math.max(
    1,
    ...input.rows.map(({ promptIds, completionIds }) => promptIds.length + completionIds.length),
  );
  const found: { settings: Partial<TrainingSettings>; totalBytes: number }[] = [];
  for (const gradientCheckpointing of [input.settings.gradientCheckpointing, true])
    for (const logitChunkSize of [input.settings.logitChunkSize, 16])
      for (let tokensPerPass = input.settings.tokensPerPass; tokensPerPass >= longest; tokensPerPass /= 2) {
        const changed = {
          gradientCheckpointing,
          logitChunkSize: Math.min(logitChunkSize, input.settings.logitChunkSize),
          tokensPerPass: Math.max(longest, Math.floor(tokensPerPass)),
        };
        const settings = { ...input.settings, ...changed };
        const { bytes, largestBufferBytes } = estimateBytes({ ...input, settings });
        if (reasonsAgainst(bytes.total, largestBufferBytes, input.room).length > 0) continue;
        found.push({ settings: changed, totalBytes: bytes.total });
        break;
      }
  return found.slice(0, 3);
}
