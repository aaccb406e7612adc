import { expect, test } from 'duet/playwright';

const DILEMMA = {
  id: 'tree',
  category: 'everyday',
  goal: 'Cut the old tree',
  prompt: 'Cut the old tree?',
  split: 'train',
  origin: 'own',
} as const;
const PAIR = {
  id: 'cut-keep',
  theme: 'cutting and keeping',
  persona1: 'Cut it.',
  persona2: 'Keep it.',
  split: 'train',
  origin: 'own',
} as const;
/** Short prompts: without a GPU the model reads slowly. */
const TEMPLATES = {
  agent: '{name} to {other}: {persona}',
  opening: '{initial_prompt} Begin.',
  turn: '{initial_prompt} {utterance}',
};

test('both personas speak in a turn, the first one first', async ({ duet }) => {
  const settings = { groupSize: 1, maxTurns: 1, maxUtteranceTokens: 4, agreementBy: 'rule', seed: 3 };
  const request = { dilemma: DILEMMA, pair: PAIR, templates: TEMPLATES, judge: null, settings };
  const events: string[] = [];
  const { dialogues } = await duet.negotiation.rollout(request, ({ kind }) => events.push(kind));
  expect(dialogues[0]?.utterances.map(({ role }) => role)).toEqual(['agent1', 'agent2']);
  expect(events.filter((kind) => kind === 'utteranceEnded')).toHaveLength(2);
});
