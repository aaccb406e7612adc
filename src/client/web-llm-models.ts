/** Models of web-llm that may serve as a judge, smallest first; its list has many more. Memory as its version 0.2.86 states. */

interface WebLlmBuild {
  readonly id: string;
  /** GPU memory, MB. */
  readonly megabytes: number;
}

export interface WebLlmModel {
  readonly name: string;
  /** How it does as a judge, in a few words. */
  readonly note: string;
  /** Faster and smaller; needs `shader-f16`. */
  readonly f16: WebLlmBuild;
  readonly f32: WebLlmBuild;
}

function model(name: string, stem: string, f16: number, f32: number, note: string): WebLlmModel {
  return {
    name,
    note,
    f16: { id: `${stem}-q4f16_1-MLC`, megabytes: f16 },
    f32: { id: `${stem}-q4f32_1-MLC`, megabytes: f32 },
  };
}

export const WEB_LLM_MODELS: readonly WebLlmModel[] = [
  model('SmolLM2 360M', 'SmolLM2-360M-Instruct', 376, 580, 'weak and noisy'),
  model('Llama 3.2 1B', 'Llama-3.2-1B-Instruct', 879, 1129, 'rough'),
  model('Qwen2.5 0.5B', 'Qwen2.5-0.5B-Instruct', 945, 1060, 'weak'),
  model('Qwen3 0.6B', 'Qwen3-0.6B', 1403, 1925, 'weak'),
  model('Qwen3 1.7B', 'Qwen3-1.7B', 2037, 2635, 'a fair start'),
  model('Qwen3 4B', 'Qwen3-4B', 3432, 4328, 'the best of these'),
];

/** The model that a build belongs to, and the build; undefined for one that is not in the list. */
export function findWebLlmBuild(
  id: string,
): { readonly model: WebLlmModel; readonly build: WebLlmBuild; readonly type: 'f16' | 'f32' } | undefined {
  for (const each of WEB_LLM_MODELS)
    for (const type of ['f16', 'f32'] as const)
      if (each[type].id === id) return { model: each, build: each[type], type };
  return undefined;
}
