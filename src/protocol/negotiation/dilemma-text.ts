import type { Dilemma } from '../negotiation.ts';

/** What is written by hand; category and split are added by the list that it stands in. */
export type DilemmaText = Pick<Dilemma, 'id' | 'goal' | 'prompt'>;
