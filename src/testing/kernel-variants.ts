import { adamW } from '@/engine/kernels/adamw/adamw.ts';
import { attention } from '@/engine/kernels/attention/attention.ts';
import { attentionReadout, attentionReadoutMean } from '@/engine/kernels/attention-readout/attention-readout.ts';
import {
  causalAttentionDelta,
  causalAttentionOfKeys,
  causalAttentionOfQueries,
} from '@/engine/kernels/causal-attention/causal-attention.ts';
import { embedding } from '@/engine/kernels/embedding/embedding.ts';
import { gatherLogits } from '@/engine/kernels/gather-logits/gather-logits.ts';
import { gradientNorm } from '@/engine/kernels/gradient-norm/gradient-norm.ts';
import { gatherRows, gatherRowsBackward } from '@/engine/kernels/gather-rows/gather-rows.ts';
import type { KernelDefinition, WgslChunk } from '@/engine/kernels/kernel.ts';
import { kvWrite } from '@/engine/kernels/kv-write/kv-write.ts';
import {
  BEST_OF_LANES_CHUNK,
  DROPOUT_CHUNK,
  EPILOGUE_CHUNKS,
  KEY_CHUNKS,
  KV_STORE_CHUNKS,
  ROTARY_HEAD_CHUNK,
  ROTATE_QUERY_CHUNK,
  SLICES_CHUNKS,
  VALUE_CHUNKS,
  VISIBLE_KEYS_CHUNK,
  WEIGHT_CHUNKS,
  WEIGHT_ROWS_CHUNK,
} from '@/engine/kernels/library/library.ts';
import { linearBackward, linearBackwardWorkgroup } from '@/engine/kernels/linear/linear-backward.ts';
import {
  linearThread1,
  linearThread2,
  linearThread8,
  linearTile,
  linearWorkgroup,
} from '@/engine/kernels/linear/linear.ts';
import { logitCandidates } from '@/engine/kernels/logit-candidates/logit-candidates.ts';
import { loraAGradient, loraBGradient, loraDownBackward, loraUpBackward } from '@/engine/kernels/lora/lora-backward.ts';
import { loraDown, loraUp } from '@/engine/kernels/lora/lora.ts';
import { rmsNorm, rmsNormBackward } from '@/engine/kernels/rms-norm/rms-norm.ts';
import { rotary, rotaryBackward } from '@/engine/kernels/rotary/rotary.ts';
import { sampleToken } from '@/engine/kernels/sample-token/sample-token.ts';
import { selectToken } from '@/engine/kernels/select-token/select-token.ts';
import { tokenLogProbs, tokenLogProbsBackward } from '@/engine/kernels/token-log-probs/token-log-probs.ts';
import { swiglu, swigluBackward } from '@/engine/kernels/swiglu/swiglu.ts';

/** One way to build a kernel: its chunks, and override constants of a typical model. */
export interface KernelVariant {
  readonly kernel: KernelDefinition;
  readonly chunks: readonly WgslChunk[];
  readonly overrides: Readonly<Record<string, number>>;
}

const weightSizes = { COLUMNS: 512, WORDS_PER_GROUP: 4 };
const qwen3Heads = { HEAD_DIM: 128, NUM_HEADS: 16, NUM_KV_HEADS: 8 };
const KV_TYPES = ['f32', 'f16'] as const;
const linearThreads = [
  { kernel: linearThread1, tokens: {} },
  { kernel: linearThread2, tokens: {} },
  { kernel: linearThread8, tokens: { TOKENS: 8 } },
];

const loraSlices = [
  { chunk: SLICES_CHUNKS.one, SLICES: 1 },
  { chunk: SLICES_CHUNKS.many, SLICES: 8 },
];
const causalAttentionOverrides = ({ name }: KernelDefinition): Readonly<Record<string, number>> =>
  name.endsWith('-thread') ? { ...qwen3Heads, WORKGROUP_SIZE: 8 } : qwen3Heads;

const linearChunks = Object.values(WEIGHT_CHUNKS).flatMap((weights) =>
  Object.values(EPILOGUE_CHUNKS).map((epilogue) => [...weights, epilogue]),
);

/** Every layout, and every epilogue once: software adapters take seconds for each. */
const linearTileChunks = [
  ...Object.values(WEIGHT_CHUNKS).map((weights) => [...weights, EPILOGUE_CHUNKS.store]),
  ...[EPILOGUE_CHUNKS.add, EPILOGUE_CHUNKS.swiglu].map((epilogue) => [...WEIGHT_CHUNKS.q4, epilogue]),
];

/** Every kernel with every storage layout and epilogue. A new kernel is added here. */
export const KERNEL_VARIANTS: readonly KernelVariant[] = [
  { kernel: rmsNorm, chunks: [], overrides: { WORKGROUP_SIZE: 64, D: 576 } },
  { kernel: gatherRows, chunks: [], overrides: { WORKGROUP_SIZE: 64, D: 576 } },
  { kernel: rmsNormBackward, chunks: [], overrides: { WORKGROUP_SIZE: 64, D: 576 } },
  { kernel: gatherRowsBackward, chunks: [], overrides: { WORKGROUP_SIZE: 64, D: 576 } },
  { kernel: swiglu, chunks: [], overrides: { WORKGROUP_SIZE: 64 } },
  { kernel: swigluBackward, chunks: [], overrides: { WORKGROUP_SIZE: 64 } },
  { kernel: gatherLogits, chunks: [], overrides: { WORKGROUP_SIZE: 64 } },
  { kernel: logitCandidates, chunks: [BEST_OF_LANES_CHUNK], overrides: { LANES: 64 } },
  { kernel: selectToken, chunks: [BEST_OF_LANES_CHUNK], overrides: {} },
  { kernel: sampleToken, chunks: [], overrides: {} },
  ...[tokenLogProbs, tokenLogProbsBackward, gradientNorm, adamW].map((kernel) => ({
    kernel,
    chunks: [],
    overrides: { WORKGROUP_SIZE: 64 },
  })),
  ...Object.values(KV_STORE_CHUNKS).map((chunk) => ({
    kernel: kvWrite,
    chunks: [chunk],
    overrides: { ...qwen3Heads, WORKGROUP_SIZE: 32, HAS_QK_NORM: 1 },
  })),
  ...[rotary, rotaryBackward].map((kernel) => ({
    kernel,
    chunks: [ROTARY_HEAD_CHUNK],
    overrides: { ...qwen3Heads, WORKGROUP_SIZE: 64, HAS_QK_NORM: 1 },
  })),
  ...Object.values(causalAttentionOfQueries).map((kernel) => ({
    kernel,
    chunks: [VISIBLE_KEYS_CHUNK],
    overrides: causalAttentionOverrides(kernel),
  })),
  ...Object.values(causalAttentionOfKeys).map((kernel) => ({
    kernel,
    chunks: [],
    overrides: causalAttentionOverrides(kernel),
  })),
  { kernel: causalAttentionDelta, chunks: [], overrides: { HEAD_DIM: 128, WORKGROUP_SIZE: 64 } },
  ...KV_TYPES.map((kvType) => ({
    kernel: attention,
    chunks: [ROTATE_QUERY_CHUNK, KEY_CHUNKS[kvType], VALUE_CHUNKS[kvType]],
    overrides: { ...qwen3Heads, PAGE_SIZE: 16, KEY_GROUPS: 2, WORKGROUP_SIZE: 64 },
  })),
  ...KV_TYPES.map((kvType) => ({
    kernel: attentionReadout,
    chunks: [ROTATE_QUERY_CHUNK, KEY_CHUNKS[kvType]],
    overrides: { ...qwen3Heads, PAGE_SIZE: 16, MAX_KEYS: 4096, WORKGROUP_SIZE: 128 },
  })),
  {
    kernel: attentionReadoutMean,
    chunks: [],
    overrides: { NUM_HEADS: 16, NUM_LAYERS: 28, MAX_KEYS: 4096, WORKGROUP_SIZE: 64 },
  },
  ...Object.values(WEIGHT_CHUNKS).map((chunks) => ({
    kernel: embedding,
    chunks,
    overrides: { ...weightSizes, WORKGROUP_SIZE: 64 },
  })),
  ...linearThreads.flatMap(({ kernel, tokens }) =>
    linearChunks.map((chunks) => ({ kernel, chunks, overrides: { ...weightSizes, ...tokens, WORKGROUP_SIZE: 16 } })),
  ),
  ...linearTileChunks.map((chunks) => ({ kernel: linearTile, chunks, overrides: weightSizes })),
  ...linearChunks.map((chunks) => ({
    kernel: linearWorkgroup,
    chunks,
    overrides: { ...weightSizes, WORKGROUP_SIZE: 32, TOKENS: 4 },
  })),
  ...loraSlices.flatMap(({ chunk, SLICES }) => [
    {
      kernel: loraDown,
      chunks: [DROPOUT_CHUNK, chunk],
      overrides: { WORKGROUP_SIZE: 64, SLICES, TOKENS: 4, HAS_DROPOUT: 1 },
    },
    { kernel: loraUpBackward, chunks: [chunk], overrides: { WORKGROUP_SIZE: 64, SLICES, TOKENS: 4 } },
    { kernel: loraBGradient, chunks: [chunk], overrides: { WORKGROUP_SIZE: 64, SLICES } },
    {
      kernel: loraAGradient,
      chunks: [DROPOUT_CHUNK, chunk],
      overrides: { WORKGROUP_SIZE: 64, SLICES, HAS_DROPOUT: 1 },
    },
  ]),
  { kernel: loraUp, chunks: [], overrides: { WORKGROUP_SIZE: 64, TOKENS: 4 } },
  {
    kernel: loraDownBackward,
    chunks: [DROPOUT_CHUNK],
    overrides: { WORKGROUP_SIZE: 64, TOKENS: 4, HAS_DROPOUT: 1 },
  },
  ...Object.values(WEIGHT_CHUNKS).flatMap((chunks) => [
    {
      kernel: linearBackward,
      chunks: [...chunks, WEIGHT_ROWS_CHUNK],
      overrides: { ...weightSizes, WORKGROUP_SIZE: 16, HAS_PART_TILE: 1, ADDS: 0 },
    },
    {
      kernel: linearBackwardWorkgroup,
      chunks: [...chunks, WEIGHT_ROWS_CHUNK],
      overrides: { ...weightSizes, WORKGROUP_SIZE: 128, WORDS: 4, HAS_PART_TILE: 1, ADDS: 0 },
    },
  ]),
];

/** As the pipeline cache labels it. */
export function variantName({ kernel, chunks }: KernelVariant): string {
  return [kernel.name, ...chunks.map((chunk) => chunk.name)].join('+');
}
