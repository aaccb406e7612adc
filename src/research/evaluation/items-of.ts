import { assertNever } from '@/lib/assert.ts';
import type { EvaluationItem, EvaluationSource } from '@/protocol/evaluation.ts';
import { arithmeticItems } from './sets/arithmetic.ts';
import { commonsenseItems, safetyItems } from './sets/written-sets.ts';

/**
 * The items of a source, in order. Of a built-in set the same seed gives the same items, and a smaller number gives the
 * first of them.
 */
export function itemsOf(source: EvaluationSource): readonly EvaluationItem[] {
  if (source.kind === 'items') return source.items;
  const { set, numItems, seed } = source;
  switch (set) {
    case 'arithmetic':
      return arithmeticItems(numItems, seed);
    case 'commonsense':
      return commonsenseItems(numItems, seed);
    case 'safety':
      return safetyItems(numItems, seed);
    default:
      return assertNever(set);
  }
}
