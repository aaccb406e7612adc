/** What a model reads that writes new dilemmas: goals first, then a prompt for each, then corrections. */
import type { DilemmaCategory } from '../negotiation.ts';
import type { PromptTemplate } from './prompt-template.ts';
import { slot } from './template-slots.ts';

/** The paper's constraints of each category, in our words. */
export const CATEGORY_CONSTRAINTS: Readonly<Record<DilemmaCategory, string>> = {
  professional:
    'Somebody has to decide at work, and much depends on it. Two ethical principles, both valid, pull apart. It is a grey area: no law or rule settles it.',
  interpersonal:
    'Keeping the peace stands against being honest and true to oneself, between family, friends or colleagues. It is realistic and without melodrama. Say what history they have, or who has power over whom.',
  everyday:
    'Little is at stake, but the choice shows what somebody values. It happens in ordinary life today: flats, shops, trains, offices, phones.',
};

const NOTE = 'The paper does not print its prompts for generation; the constraints are its own, in our words.';
const CATEGORY = slot('category', 'the name of the category');
const CONSTRAINTS = slot('constraints', 'what makes a dilemma of this category');
const GOAL = slot('goal', 'the goal of the dilemma');
const RULES =
  'Two or three sentences, at most 80 words, addressed to the reader as "you". Be specific: say who, where and what. Both choices can be defended. The last sentence is a direct question that asks for a decision and ends with "?". Write only the dilemma.';

export const GENERATOR_TEMPLATES = {
  generateGoals: {
    id: 'generateGoals',
    version: 1,
    name: 'Goals for new dilemmas',
    text: `Find {count} different moral dilemmas of the kind "{category}". {constraints}

For each, write only its goal: what has to be decided, in three to five words, such as "Return the lent ladder". One goal a line, without numbers. Vary places, ages and jobs.

Do not repeat these or anything like them:
{history}`,
    slots: [
      slot('count', 'how many goals are asked for'),
      CATEGORY,
      CONSTRAINTS,
      slot('history', 'goals that are there already, one a line'),
    ],
    source: { kind: 'ours', note: NOTE },
  },
  generatePrompt: {
    id: 'generatePrompt',
    version: 1,
    name: 'A dilemma for a goal',
    text: `Write a moral dilemma of the kind "{category}" about: {goal}.

{constraints}

${RULES}`,
    slots: [CATEGORY, CONSTRAINTS, GOAL],
    source: { kind: 'ours', note: NOTE },
  },
  repairPrompt: {
    id: 'repairPrompt',
    version: 1,
    name: 'Correction of a dilemma',
    text: `This moral dilemma about "{goal}" does not keep the rules.

{prompt}

What is wrong:
{faults}

Write it again. ${RULES}`,
    slots: [GOAL, slot('prompt', 'the dilemma as it was written'), slot('faults', 'what is wrong with it, one a line')],
    source: { kind: 'ours', note: NOTE },
  },
} as const satisfies Readonly<Record<string, PromptTemplate>>;
