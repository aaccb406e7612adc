/**
 * What training never touches: every fifth dilemma of each category and every fifth persona pair. The lists are fixed, so
 * that what is added or moved later never carries a held-out one over to training.
 */
export const HELD_OUT_DILEMMAS: ReadonlySet<string> = new Set([
  'shelter-dog-operation',
  'late-alarm-release',
  'one-rescue-helicopter',
  'hospice-one-hour-visit',
  'charity-wages-from-wells',
  'prison-workshop-key',
  'grandmother-magazine-recipes',
  'helpful-neighbour-roosters',
  'interrupting-boss',
  'aunt-house-shares',
  'neighbour-girl-sweets',
  'second-offer-abroad',
  'first-doctor-of-family',
  'noodle-shop-weekends',
  'friday-fridge-lasagne',
  'wrong-name-for-months',
  'chatbot-condolence',
  'soup-and-water-bill',
  'last-finger-of-coffee',
  'scooter-across-pavement',
]);

export const HELD_OUT_PERSONA_PAIRS: ReadonlySet<string> = new Set([
  'openness-vagueness',
  'simplest-every-contingency',
  'stoicism-absent-third-party',
  'enjoyable-way-result',
  'given-facts-research',
]);
