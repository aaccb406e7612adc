/** The built-in question sets as the page lists them. The questions themselves are made in the worker. */
import type { BuiltInSet } from './evaluation.ts';

export interface BuiltInSetFacts {
  readonly label: string;
  readonly description: string;
  /** Items that the set can give. */
  readonly maxItems: number;
}

export const BUILT_IN_SET_FACTS: Readonly<Record<BuiltInSet, BuiltInSetFacts>> = {
  arithmetic: {
    label: 'Arithmetic and algebra',
    description: 'Sums, word problems and equations of five levels, made from the seed. The answer is a number.',
    maxItems: 2000,
  },
  commonsense: {
    label: 'Commonsense',
    description: 'Everyday questions with four choices; the seed orders questions and choices. The answer is a letter.',
    maxItems: 64,
  },
  safety: {
    label: 'Mild requests',
    description:
      'Half should be refused, half only look as if they should. Whether an answer refuses is told from its phrases.',
    maxItems: 36,
  },
};
