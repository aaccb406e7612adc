import type { EvaluationSource } from '@/protocol/evaluation.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';

/** Where the questions came from: "Arithmetic, seed 1". */
export function sourceText(source: EvaluationSource): string {
  return source.kind === 'builtIn' ? `${BUILT_IN_SET_FACTS[source.set].label}, seed ${source.seed}` : source.name;
}
