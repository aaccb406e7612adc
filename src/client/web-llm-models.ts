/** The catalogue's models as web-llm has them, least memory first; its own list has many more. */
import {
  CATALOGUE,
  type CatalogueEntry,
  type WebLlmBuildEntry,
  type WebLlmBuilds,
} from '@/protocol/model-catalogue.ts';

export interface WebLlmModel {
  readonly name: string;
  /** How it does as a judge, in a few words. */
  readonly note: string;
  readonly entry: CatalogueEntry;
  /** Faster and smaller; needs `shader-f16`. */
  readonly f16: WebLlmBuildEntry;
  readonly f32: WebLlmBuildEntry;
}

export const WEB_LLM_MODELS: readonly WebLlmModel[] = CATALOGUE.flatMap((entry) =>
  entry.webLlm === null ? [] : [modelOf(entry, entry.webLlm)],
).toSorted((a, b) => a.f16.megabytes - b.f16.megabytes);

function modelOf(entry: CatalogueEntry, { f16, f32, asJudge }: WebLlmBuilds): WebLlmModel {
  return { name: entry.name.replace(/ Instruct$/, ''), note: asJudge, entry, f16, f32 };
}

/** The model that a build belongs to, and the build; undefined for one that is not in the list. */
export function findWebLlmBuild(
  id: string,
): { readonly model: WebLlmModel; readonly build: WebLlmBuildEntry; readonly type: 'f16' | 'f32' } | undefined {
  for (const each of WEB_LLM_MODELS)
    for (const type of ['f16', 'f32'] as const)
      if (each[type].id === id) return { model: each, build: each[type], type };
  return undefined;
}

/** Qwen3 0.6B; of a build that is not in the list its id. */
export function webLlmName(id: string): string {
  return findWebLlmBuild(id)?.model.name ?? id;
}
