import type { ModelInfo } from '@/protocol/model.ts';
import type { ScenarioModel } from '@/protocol/scenario/scenario.ts';
import { loadScenarioModel } from './load-scenario-model.ts';
import type { RunContext } from './panel-run.ts';

/** Keeps the model of one scenario for the next one that asks for the same. */
export class LoadedModels {
  readonly #current: () => ModelInfo | null;
  #last: { readonly key: string; readonly info: ModelInfo } | null = null;

  /** @param current  what is loaded, whoever loaded it */
  constructor(current: () => ModelInfo | null) {
    this.#current = current;
  }

  async load(
    { source, options = {} }: ScenarioModel,
    context: Pick<RunContext, 'engine' | 'signal' | 'loading'>,
  ): Promise<ModelInfo> {
    const key = JSON.stringify([
      source,
      options.contextLength,
      options.kvType,
      options.quantization,
      options.kernelShape,
    ]);
    if (this.#last?.key === key && this.#last.info === this.#current()) return this.#last.info;
    this.#last = null;
    const info = await loadScenarioModel({ source, options }, context);
    this.#last = { key, info };
    return info;
  }
}
