import { DEFAULT_NEGOTIATION, PAPER_NEGOTIATION, type NegotiationSettings } from './negotiation-settings.ts';

/** A named set of rules; `settings` holds only what it fixes. */
export interface NegotiationPreset {
  readonly name: string;
  readonly summary: string;
  readonly settings: Partial<NegotiationSettings>;
}

/** Left alone: the seed, the adapter's use, and the words for yes and no, which depend on the model. */
function rulesOf({
  seed: _seed,
  adapterAgent1: _adapter1,
  adapterAgent2: _adapter2,
  agreementYes: _yes,
  agreementNo: _no,
  ...rules
}: NegotiationSettings): Partial<NegotiationSettings> {
  return rules;
}

const OURS = rulesOf(DEFAULT_NEGOTIATION);

export const NEGOTIATION_PRESETS: Readonly<Record<string, NegotiationPreset>> = {
  ours: {
    name: 'Standard',
    summary: 'Four dialogues of at most three turns, for one GPU at home. The default.',
    settings: OURS,
  },
  paper: {
    name: 'Paper',
    summary:
      'What Learning to Negotiate states of its runs: eight dialogues, seven turns. Slow on small GPUs; load the model with 8,192 tokens of context for it.',
    settings: rulesOf(PAPER_NEGOTIATION),
  },
  quick: {
    name: 'Quick demo',
    summary: 'Two dialogues, two turns, short utterances: soon over, and some minutes on a slow laptop.',
    settings: { ...OURS, groupSize: 2, maxTurns: 2, maxUtteranceTokens: 40, maxCompletionTokens: 64 },
  },
  workshop: {
    name: 'Workshop',
    summary: 'For reading together: three dialogues of up to four turns, and an answer even where nobody agreed.',
    settings: { ...OURS, groupSize: 3, maxTurns: 4, maxUtteranceTokens: 64, completeOnFailure: true },
  },
  thinkers: {
    name: 'Thinking negotiators',
    summary: 'Two dialogues in which both sides think in private while the other one speaks.',
    // What it keeps fits into the context that a model is loaded with by default.
    settings: { ...OURS, groupSize: 2, maxTurns: 2, maxUtteranceTokens: 64, maxThoughtTokens: 48, thinking: 'both' },
  },
};
