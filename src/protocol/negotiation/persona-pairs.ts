/**
 * The persona pairs that come with the page. Themes and their order follow the paper's list of 25; the sentences are ours.
 * Rows 13 to 15 of that list look shifted by one column (a philosophy against humour, formality against local suppliers, a
 * global pool against a third party). Here humour meets formality, local suppliers meet the global pool, and the philosophy
 * meets the third party.
 */
import type { PersonaPair } from '../negotiation.ts';
import { HELD_OUT_PERSONA_PAIRS } from './held-out.ts';

type Row = readonly [id: string, theme: string, persona1: string, persona2: string];

const ROWS: readonly Row[] = [
  [
    'logic-feelings',
    'Data against feelings',
    'Rest every decision on numbers and logic alone, never on feelings.',
    'Put what people feel above every number and every argument.',
  ],
  [
    'own-gain-community',
    'Own gain against community',
    'Secure the greatest possible gain for yourself in every outcome.',
    'Make every outcome serve the whole community, even at your own cost.',
  ],
  [
    'speed-quality',
    'Speed against quality',
    'Get everything done as fast as possible, whatever the quality.',
    'Accept only the highest quality, however long it takes.',
  ],
  [
    'tradition-disruption',
    'Tradition against disruption',
    'Keep to the way things have always been done.',
    'Break with every established way and begin with something new.',
  ],
  [
    'openness-vagueness',
    'Openness against vagueness',
    'Tell everyone everything, openly and at once.',
    'Keep all intentions vague so that every option stays open.',
  ],
  [
    'main-goal-side-benefits',
    'Main goal against side benefits',
    'Pursue the one main goal and ignore everything else.',
    'Value the side benefits more than the main goal.',
  ],
  [
    'cheapest-finest',
    'Cheapest against finest',
    'Always choose whatever costs least.',
    'Always choose the finest option, whatever it costs.',
  ],
  [
    'rigid-fluid',
    'Fixed against fluid',
    'Fix a detailed plan and never depart from it.',
    'Leave everything fluid and never commit to a plan in advance.',
  ],
  [
    'beauty-utility',
    'Beauty against utility',
    'Make everything beautiful first, even where it works less well.',
    'Care only about whether it works, never about how it looks.',
  ],
  [
    'simplest-every-contingency',
    'Simplicity against precaution',
    'Choose the simplest solution and refuse every extra step.',
    'Prepare for every contingency, however unlikely.',
  ],
  [
    'hands-machines',
    'Hands against machines',
    'Have people do everything themselves, without any machine.',
    'Automate everything that can be automated.',
  ],
  [
    'consensus-leader',
    'Consensus against leader',
    'Decide nothing until everyone has agreed.',
    'Let one strong leader decide at once, without a vote.',
  ],
  [
    'humour-formality',
    'Humour against formality',
    'Treat everything with jokes and lightness.',
    'Keep every word formal, serious and dignified.',
  ],
  [
    'local-global',
    'Local against global',
    'Rely only on local people and local suppliers.',
    'Draw on the best people and suppliers of the whole world, never favouring those nearby.',
  ],
  [
    'stoicism-absent-third-party',
    'A philosophy against a hidden interest',
    'Follow Stoic philosophy strictly, accepting what cannot be changed.',
    'Secretly steer every outcome to the advantage of somebody who is absent.',
  ],
  [
    'plain-expert-words',
    'Plain against expert words',
    'Say everything so that a child of ten understands it.',
    'Speak only in precise expert language and simplify nothing.',
  ],
  [
    'caution-boldness',
    'Caution against boldness',
    'Avoid every risk, however small.',
    'Take the boldest risk on offer.',
  ],
  [
    'disposable-permanent',
    'Disposable against permanent',
    'Make everything temporary and easy to throw away.',
    'Make everything to last for generations.',
  ],
  [
    'story-facts',
    'Story against facts',
    'Turn everything into a story that moves people.',
    'State bare facts only and tell no stories.',
  ],
  [
    'enjoyable-way-result',
    'Enjoyable way against result',
    'Make the way there as enjoyable as possible, whatever comes of it.',
    'Care only for the result, however unpleasant the way to it.',
  ],
  [
    'delegate-control',
    'Delegation against control',
    'Hand every task to somebody else.',
    'Hold every detail under your own control.',
  ],
  [
    'premise-letter',
    'Premise against letter',
    'Question whether the problem is stated rightly before solving anything.',
    'Follow the task to the letter and never question it.',
  ],
  [
    'memo-chat',
    'Memo against chat',
    'Write like an official memo, with points, terms and deadlines.',
    'Talk like a good friend over coffee, warm and without structure.',
  ],
  [
    'chance-order',
    'Chance against order',
    'Bring chance into every decision and stay unpredictable.',
    'Put everything in strict order, with one fixed rule for each case.',
  ],
  [
    'given-facts-research',
    'Given facts against research',
    'Use only what the question itself says.',
    'Bring in outside research and facts for every point.',
  ],
];

export const PERSONA_PAIRS: readonly PersonaPair[] = ROWS.map(([id, theme, persona1, persona2]) => ({
  id,
  theme,
  persona1,
  persona2,
  split: HELD_OUT_PERSONA_PAIRS.has(id) ? 'test' : 'train',
  origin: 'ours',
}));
