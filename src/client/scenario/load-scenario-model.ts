import type { ModelInfo } from '@/protocol/model.ts';
import type { ScenarioModel } from '@/protocol/scenario/scenario.ts';
import type { RunContext } from './panel-run.ts';

export function loadScenarioModel(
  { source, options = {} }: Pick<ScenarioModel, 'source' | 'options'>,
  { engine, signal, loading }: Pick<RunContext, 'engine' | 'signal' | 'loading'>,
): Promise<ModelInfo> {
  return engine.loadModel(source, {
    ...options,
    signal,
    onProgress: ({ loadedBytes, totalBytes }) => loading({ share: totalBytes > 0 ? loadedBytes / totalBytes : null }),
  });
}
