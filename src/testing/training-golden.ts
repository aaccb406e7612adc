/** Reads TRL's reference values in the browser. */
import { readSafetensors } from '@/engine/adapters/safetensors.ts';
import type { NamedTensor } from '@/protocol/training.ts';
import { goldenUrl } from './load-gpu-model.ts';

/** One case of training-step.json, as far as tests use it. Per-token lists are [rows][padded completion]. */
export interface GoldenCase {
  readonly name: string;
  readonly batch: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly per_token_logps: readonly (readonly number[])[];
  readonly entropies: readonly (readonly number[])[];
  readonly old_per_token_logps: readonly (readonly number[])[];
  readonly ref_per_token_logps: readonly (readonly number[])[];
  readonly dloss_dlogps: readonly (readonly number[])[];
  readonly steps: readonly GoldenStep[];
}

export interface GoldenStep {
  readonly loss: number;
  readonly grad_norm_before_clip: number;
  readonly clip_coefficient: number;
  readonly trl_metrics: Readonly<Record<string, number | null>>;
  readonly per_token_logps?: readonly (readonly number[])[];
}

export interface GoldenTraining {
  readonly batches: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cases: readonly GoldenCase[];
}

export async function fetchGoldenJson<T>(path: string): Promise<T> {
  return (await (await fetch(goldenUrl(path))).json()) as T;
}

/** Tensors of a golden file by name. */
export async function fetchGoldenTensors(path: string): Promise<ReadonlyMap<string, NamedTensor>> {
  const bytes = new Uint8Array(await (await fetch(goldenUrl(path))).arrayBuffer());
  return new Map(readSafetensors(bytes, path).tensors.map((tensor) => [tensor.name, tensor]));
}
