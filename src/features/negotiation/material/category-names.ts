import type { DilemmaCategory } from '@/protocol/negotiation.ts';

/** The first words of the paper's names, for narrow places. */
export const CATEGORY_SHORT: Readonly<Record<DilemmaCategory, string>> = {
  professional: 'Professional',
  interpersonal: 'Interpersonal',
  everyday: 'Micro-Ethics',
};
