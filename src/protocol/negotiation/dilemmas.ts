/** The dilemmas that come with the page, in the paper's categories and shares. */
import type { Dilemma, DilemmaCategory } from '../negotiation.ts';
import type { DilemmaText } from './dilemma-text.ts';
import { EVERYDAY_DILEMMAS } from './dilemmas-everyday.ts';
import { MORE_INTERPERSONAL_DILEMMAS } from './dilemmas-interpersonal-more.ts';
import { INTERPERSONAL_DILEMMAS } from './dilemmas-interpersonal.ts';
import { PROFESSIONAL_DILEMMAS } from './dilemmas-professional.ts';
import { HELD_OUT_DILEMMAS } from './held-out.ts';

const WRITTEN: Readonly<Record<DilemmaCategory, readonly DilemmaText[]>> = {
  professional: PROFESSIONAL_DILEMMAS,
  interpersonal: [...INTERPERSONAL_DILEMMAS, ...MORE_INTERPERSONAL_DILEMMAS],
  everyday: EVERYDAY_DILEMMAS,
};

const inCategory = (category: DilemmaCategory): Dilemma[] =>
  WRITTEN[category].map((text) => ({
    ...text,
    category,
    split: HELD_OUT_DILEMMAS.has(text.id) ? 'test' : 'train',
    origin: 'ours',
  }));

export const DILEMMAS: readonly Dilemma[] = [
  ...inCategory('professional'),
  ...inCategory('interpersonal'),
  ...inCategory('everyday'),
];
