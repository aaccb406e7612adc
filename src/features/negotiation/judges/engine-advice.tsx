import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { isSmall, numParametersOf, parametersText } from './judge-texts.ts';

/** What to expect of the loaded model as a judge. */
export function EngineAdvice(): ReactElement {
  const model = useAppState((state) => state.model.info);
  if (model === null) return <p className="judge-advice">No model is loaded yet: it cannot judge before one is.</p>;
  const size = `${model.name} has about ${parametersText(numParametersOf(model))} parameters.`;
  if (!isSmall(model))
    return <p className="judge-advice">{size} Compare it with another judge before you rely on it.</p>;
  return (
    <p className="judge-advice" data-weak="true">
      <strong>A weak and noisy judge.</strong> {size} It can put a bad answer above a good one, and the order of the two
      goals alone can move its score. “Judge again” in a score shows that spread. Better: a server with a model of 7 B
      or more, or Qwen3 4B by web-llm.
    </p>
  );
}
