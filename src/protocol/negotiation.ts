/**
 * Negotiation in the words of the paper (Learning to Negotiate, arXiv 2603.10476): dilemmas, persona pairs, dialogues of a
 * group, and the judge's score for Collective Agency (CA, 0 to 5).
 */

/** The paper's categories and their shares of all dilemmas. */
export const DILEMMA_CATEGORIES = {
  professional: { name: 'Professional & High-Stakes', share: 0.3 },
  interpersonal: { name: 'Interpersonal & Relational', share: 0.4 },
  everyday: { name: 'Micro-Ethics & Social Etiquette', share: 0.3 },
} as const;
export type DilemmaCategory = keyof typeof DILEMMA_CATEGORIES;

export interface Dilemma {
  /** Kebab-case; never reused. */
  readonly id: string;
  readonly category: DilemmaCategory;
  /** Three to five words. */
  readonly goal: string;
  /** Two or three sentences; the last one is a question that asks for a decision. */
  readonly prompt: string;
  /** 'test' dilemmas are never trained on. */
  readonly split: 'train' | 'test';
  readonly origin: 'ours' | 'generated' | 'own';
}

/** Two directives that pull apart; each is one plain sentence, hidden from the other side. */
export interface PersonaPair {
  readonly id: string;
  /** What they pull apart about, in a few words. */
  readonly theme: string;
  readonly persona1: string;
  readonly persona2: string;
  readonly split: 'train' | 'test';
  readonly origin: 'ours' | 'own';
}

/** Of an answer that nobody negotiated. */
export const NO_PAIR: PersonaPair = {
  id: 'nobody',
  theme: 'nobody negotiates',
  persona1: '',
  persona2: '',
  split: 'test',
  origin: 'ours',
};
