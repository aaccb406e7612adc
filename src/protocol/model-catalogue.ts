import type { CacheShape } from './model-fit.ts';

/**
 * How well a model does in a panel: judged by its size and training, not measured. 'weak': the mechanics show, the
 * content is poor.
 */
export type Suitability = 'good' | 'weak' | 'no';

/** A build of web-llm. Memory as its own list states it, rounded. */
export interface WebLlmBuildEntry {
  readonly id: string;
  readonly megabytes: number;
}

/** The two builds of a model for web-llm. 'f16' is smaller and needs shader-f16. */
export interface WebLlmBuilds {
  readonly f16: WebLlmBuildEntry;
  readonly f32: WebLlmBuildEntry;
  /** How it does as a judge, in a few words. */
  readonly asJudge: string;
}

/** One entry of the model catalogue. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  /** GGUF, for our engine; the first of several shards. */
  readonly url: string;
  /** Of all files; exact where `sha256` is known, else as published elsewhere. */
  readonly sizeBytes: number;
  /** Lower-case hex; null where the publisher's own list of hashes is asked at download. */
  readonly sha256: string | null;
  readonly license: string;
  readonly parameters: string;
  readonly summary: string;
  /** Whether it was trained to think between `<think>` and `</think>`. */
  readonly isReasoning: boolean;
  readonly suits: { readonly thinking: Suitability; readonly negotiation: Suitability; readonly chat: Suitability };
  readonly cache: CacheShape;
  /** What the model was trained for, in tokens. */
  readonly maxContextLength: number;
  /** The same model for web-llm; null where it has none. */
  readonly webLlm: WebLlmBuilds | null;
}

const HUGGING_FACE = 'https://huggingface.co';
const APACHE = 'Apache-2.0';
const LLAMA_LICENSE = 'Llama 3.2 Community License';

function webLlm(stem: string, f16: number, f32: number, asJudge: string, bits: 'q4' | 'q0' = 'q4'): WebLlmBuilds {
  const version = bits === 'q4' ? '_1' : '';
  return {
    f16: { id: `${stem}-${bits}f16${version}-MLC`, megabytes: f16 },
    f32: { id: `${stem}-${bits}f32${version}-MLC`, megabytes: f32 },
    asJudge,
  };
}

function cache(numHiddenLayers: number, numKeyValueHeads: number, headDim: number): CacheShape {
  return { numHiddenLayers, numKeyValueHeads, headDim };
}

/**
 * Smallest download first. Files are the publishers' own where there are any, in tensor types that the engine reads.
 *
 * Not in it, because their tokenizers or layers are others: TinyLlama (SentencePiece), DeepSeek-R1-Distill (a splitting
 * rule of its own), Qwen3.5 (recurrent layers), SmolLM3.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    id: 'smollm2-135m-instruct',
    name: 'SmolLM2 135M Instruct',
    url: '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf',
    sizeBytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    license: APACHE,
    parameters: '135M',
    summary: 'Embedded. Small enough for every machine; shows the mechanics, not deep reasoning.',
    isReasoning: false,
    suits: { thinking: 'weak', negotiation: 'weak', chat: 'weak' },
    cache: cache(30, 3, 64),
    maxContextLength: 8192,
    webLlm: webLlm('SmolLM2-135M-Instruct', 360, 719, 'for checks only', 'q0'),
  },
  {
    id: 'smollm2-360m-instruct',
    name: 'SmolLM2 360M Instruct',
    url: `${HUGGING_FACE}/HuggingFaceTB/SmolLM2-360M-Instruct-GGUF/resolve/main/smollm2-360m-instruct-q8_0.gguf`,
    sizeBytes: 386_404_992,
    sha256: null,
    license: APACHE,
    parameters: '362M',
    summary: 'The next step up from the embedded one; short, simple answers in English.',
    isReasoning: false,
    suits: { thinking: 'weak', negotiation: 'weak', chat: 'weak' },
    cache: cache(32, 5, 64),
    maxContextLength: 8192,
    webLlm: webLlm('SmolLM2-360M-Instruct', 376, 580, 'weak and noisy'),
  },
  {
    id: 'qwen3-0.6b',
    name: 'Qwen3 0.6B',
    url: `${HUGGING_FACE}/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf`,
    sizeBytes: 639_446_688,
    sha256: null,
    license: APACHE,
    parameters: '596M',
    summary: 'The smallest model that was trained to think. Its cache is large for its size.',
    isReasoning: true,
    suits: { thinking: 'weak', negotiation: 'weak', chat: 'good' },
    cache: cache(28, 8, 128),
    maxContextLength: 40_960,
    webLlm: webLlm('Qwen3-0.6B', 1403, 1925, 'weak'),
  },
  {
    id: 'qwen2.5-0.5b-instruct',
    name: 'Qwen2.5 0.5B Instruct',
    url: `${HUGGING_FACE}/Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/main/qwen2.5-0.5b-instruct-q8_0.gguf`,
    sizeBytes: 675_710_816,
    sha256: null,
    license: APACHE,
    parameters: '494M',
    summary: 'Many languages, and the smallest cache of all.',
    isReasoning: false,
    suits: { thinking: 'weak', negotiation: 'weak', chat: 'weak' },
    cache: cache(24, 2, 64),
    maxContextLength: 32_768,
    webLlm: webLlm('Qwen2.5-0.5B-Instruct', 945, 1060, 'weak'),
  },
  {
    id: 'qwen2.5-coder-0.5b-instruct',
    name: 'Qwen2.5 Coder 0.5B Instruct',
    url: `${HUGGING_FACE}/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q8_0.gguf`,
    sizeBytes: 675_710_848,
    sha256: null,
    license: APACHE,
    parameters: '494M',
    summary: 'Qwen2.5 0.5B, trained on code.',
    isReasoning: false,
    suits: { thinking: 'weak', negotiation: 'no', chat: 'weak' },
    cache: cache(24, 2, 64),
    maxContextLength: 32_768,
    webLlm: webLlm('Qwen2.5-Coder-0.5B-Instruct', 945, 1060, 'about code'),
  },
  {
    id: 'llama-3.2-1b-instruct',
    name: 'Llama 3.2 1B Instruct',
    url: `${HUGGING_FACE}/bartowski/Llama-3.2-1B-Instruct-GGUF/resolve/main/Llama-3.2-1B-Instruct-Q4_K_M.gguf`,
    sizeBytes: 807_694_464,
    sha256: null,
    license: LLAMA_LICENSE,
    parameters: '1.24B',
    summary: 'Good at following instructions. It has no ChatML turns, which the Thinking panel needs.',
    isReasoning: false,
    suits: { thinking: 'no', negotiation: 'weak', chat: 'good' },
    cache: cache(16, 8, 64),
    maxContextLength: 131_072,
    webLlm: webLlm('Llama-3.2-1B-Instruct', 879, 1129, 'rough'),
  },
  {
    id: 'smollm2-1.7b-instruct',
    name: 'SmolLM2 1.7B Instruct',
    url: `${HUGGING_FACE}/HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF/resolve/main/smollm2-1.7b-instruct-q4_k_m.gguf`,
    sizeBytes: 1_055_609_536,
    sha256: null,
    license: APACHE,
    parameters: '1.71B',
    summary: 'Fluent English; keys and values of every head are kept, so its cache is the largest here.',
    isReasoning: false,
    suits: { thinking: 'weak', negotiation: 'weak', chat: 'good' },
    cache: cache(24, 32, 64),
    maxContextLength: 8192,
    webLlm: webLlm('SmolLM2-1.7B-Instruct', 1774, 2692, 'rough'),
  },
  {
    id: 'qwen2.5-1.5b-instruct',
    name: 'Qwen2.5 1.5B Instruct',
    url: `${HUGGING_FACE}/Qwen/Qwen2.5-1.5B-Instruct-GGUF/resolve/main/qwen2.5-1.5b-instruct-q4_k_m.gguf`,
    sizeBytes: 1_117_320_736,
    sha256: null,
    license: APACHE,
    parameters: '1.54B',
    summary: 'A good compromise for Thinking and Negotiation; small cache.',
    isReasoning: false,
    suits: { thinking: 'good', negotiation: 'good', chat: 'good' },
    cache: cache(28, 2, 128),
    maxContextLength: 32_768,
    webLlm: webLlm('Qwen2.5-1.5B-Instruct', 1630, 1889, 'rough'),
  },
  {
    id: 'qwen2.5-coder-1.5b-instruct',
    name: 'Qwen2.5 Coder 1.5B Instruct',
    url: `${HUGGING_FACE}/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf`,
    sizeBytes: 1_117_320_768,
    sha256: null,
    license: APACHE,
    parameters: '1.54B',
    summary: 'Qwen2.5 1.5B, trained on code.',
    isReasoning: false,
    suits: { thinking: 'weak', negotiation: 'no', chat: 'good' },
    cache: cache(28, 2, 128),
    maxContextLength: 32_768,
    webLlm: webLlm('Qwen2.5-Coder-1.5B-Instruct', 1630, 1889, 'about code'),
  },
  {
    id: 'qwen3-1.7b',
    name: 'Qwen3 1.7B',
    url: `${HUGGING_FACE}/Qwen/Qwen3-1.7B-GGUF/resolve/main/Qwen3-1.7B-Q8_0.gguf`,
    sizeBytes: 1_834_426_016,
    sha256: null,
    license: APACHE,
    parameters: '1.72B',
    summary: 'Trained to think, with a switch for it; the best start for the Thinking panel.',
    isReasoning: true,
    suits: { thinking: 'good', negotiation: 'good', chat: 'good' },
    cache: cache(28, 8, 128),
    maxContextLength: 40_960,
    webLlm: webLlm('Qwen3-1.7B', 2037, 2635, 'a fair start'),
  },
  {
    id: 'llama-3.2-3b-instruct',
    name: 'Llama 3.2 3B Instruct',
    url: `${HUGGING_FACE}/bartowski/Llama-3.2-3B-Instruct-GGUF/resolve/main/Llama-3.2-3B-Instruct-Q4_K_M.gguf`,
    sizeBytes: 2_019_377_696,
    sha256: null,
    license: LLAMA_LICENSE,
    parameters: '3.21B',
    summary: 'Steadier than the 1B. It has no ChatML turns, which the Thinking panel needs.',
    isReasoning: false,
    suits: { thinking: 'no', negotiation: 'good', chat: 'good' },
    cache: cache(28, 8, 128),
    maxContextLength: 131_072,
    webLlm: webLlm('Llama-3.2-3B-Instruct', 2264, 2952, 'fair'),
  },
  {
    id: 'qwen3-4b',
    name: 'Qwen3 4B',
    url: `${HUGGING_FACE}/Qwen/Qwen3-4B-GGUF/resolve/main/Qwen3-4B-Q4_K_M.gguf`,
    sizeBytes: 2_497_280_256,
    sha256: null,
    license: APACHE,
    parameters: '4.02B',
    summary: 'Trained to think; needs a good graphics card.',
    isReasoning: true,
    suits: { thinking: 'good', negotiation: 'good', chat: 'good' },
    cache: cache(36, 8, 128),
    maxContextLength: 40_960,
    webLlm: webLlm('Qwen3-4B', 3432, 4328, 'the best of these'),
  },
];

export const DEFAULT_MODEL_ID = 'smollm2-135m-instruct';
