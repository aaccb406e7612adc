import type { ModelInfo } from '@/protocol/model.ts';

export type Architecture = ModelInfo['architecture'];

/** RoPE frequency scaling as the model file states it. */
export type RopeScaling =
  | { readonly kind: 'none' }
  /** Every angle divided by `factor`. */
  | { readonly kind: 'linear'; readonly factor: number }
  /** Llama 3: low frequencies divided by `factor`, high ones kept, a ramp between (transformers' `llama3`). */
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalContextLength: number;
    }
  /** Divisor per frequency, [headDim / 2], as in GGUF's `rope_freqs.weight`. */
  | { readonly kind: 'factors'; readonly factors: Float32Array };

/** The shape of a transformer, in Hugging Face's terms. */
export interface ModelConfig {
  readonly architecture: Architecture;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  /** Not always hiddenSize / numAttentionHeads (qwen3). */
  readonly headDim: number;
  readonly vocabSize: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling;
  readonly tieWordEmbeddings: boolean;
  readonly hasAttentionBias: boolean;
  readonly hasQkNorm: boolean;
  readonly maxContextLength: number;
}
