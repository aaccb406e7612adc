import type { CacheShape } from './model-fit.ts';

/** How well a model does in a panel. 'weak': the mechanics show, the content is poor. */
export type Suitability = 'good' | 'weak' | 'no';

/** A build of web-llm. Memory as its own list states it. */
export interface WebLlmBuildEntry {
  readonly id: string;
  readonly megabytes: number;
}

/** One entry of the model catalogue. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  /** GGUF, for our engine; the first of several shards. */
  readonly url: string;
  /** Of all files; exact where `sha256` is known, else as the publisher's page rounds it. */
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
  /** The same model for web-llm; null where it has none. 'f16' needs shader-f16. */
  readonly webLlm: { readonly f16: WebLlmBuildEntry; readonly f32: WebLlmBuildEntry } | null;
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    id: 'smollm2-135m-instruct',
    name: 'SmolLM2 135M Instruct',
    url: '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf',
    sizeBytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    license: 'Apache-2.0',
    parameters: '135M',
    summary: 'Embedded. Small enough for every machine; shows the mechanics, not deep reasoning.',
    isReasoning: false,
    suits: { thinking: 'weak', negotiation: 'weak', chat: 'weak' },
    cache: { numHiddenLayers: 30, numKeyValueHeads: 3, headDim: 64 },
    maxContextLength: 8192,
    webLlm: null,
  },
];

export const DEFAULT_MODEL_ID = 'smollm2-135m-instruct';
