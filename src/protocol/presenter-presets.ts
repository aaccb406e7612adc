/** What a presenter can show with one key: what runs, what plays where it cannot, and what to say. */
import type { NegotiationSettings } from './negotiation-settings.ts';
import type { ReasoningSettings } from './reasoning.ts';

/** One thing that a person does at the text box, in order. */
export type Cue =
  /** Types at a person's pace. */
  | { readonly kind: 'write'; readonly text: string }
  /** Takes away so many characters at the end. */
  | { readonly kind: 'erase'; readonly count: number }
  | { readonly kind: 'rest'; readonly seconds: number }
  /** Waits until the thinker has made so many tokens. */
  | { readonly kind: 'untilThoughts'; readonly tokens: number }
  /** Waits until the answer has so many tokens. */
  | { readonly kind: 'untilAnswer'; readonly tokens: number }
  /** Enter. */
  | { readonly kind: 'send' };

interface PresetText {
  /** Stands in the page's address. */
  readonly id: string;
  readonly title: string;
  /** What the room sees. */
  readonly shows: string;
  /** What to say: three or four short sentences. */
  readonly notes: readonly string[];
  /** The tab that is open at its beginning, counted from 1. */
  readonly tab: number;
  /** The recording that plays where nothing can run, a file below public/recordings. */
  readonly recording: string;
}

export interface ThinkingPreset extends PresetText {
  readonly page: 'thinking';
  readonly cues: readonly Cue[];
  readonly settings: Partial<ReasoningSettings>;
}

export interface DialoguesPreset extends PresetText {
  readonly page: 'dialogues';
  readonly dilemmaId: string;
  readonly pairId: string;
  readonly settings: Partial<NegotiationSettings>;
}

/** A training takes too long for a room: it is always a recorded one. */
export interface TrainingPreset extends PresetText {
  readonly page: 'training';
}

export type PresenterPreset = ThinkingPreset | DialoguesPreset | TrainingPreset;

/** Short enough for a room. */
const SHORT_DIALOGUES = { maxTurns: 2, maxUtteranceTokens: 48, maxCompletionTokens: 72 } as const;

const THINKING_PRESETS: readonly ThinkingPreset[] = [
  {
    id: 'thinking-while-typing',
    page: 'thinking',
    title: 'Thinking while typing',
    shows: 'The thoughts begin in the middle of the question, before anybody presses Enter.',
    notes: [
      'Watch the thoughts on the left while I am still typing.',
      'Every word I write is input already: the model reads it and thinks about it.',
      'When I press Enter, part of the thinking is done.',
      "It needs no server: the model runs on a computer's own graphics chip.",
    ],
    tab: 1,
    recording: 'thinking-while-typing.json',
    cues: [
      { kind: 'write', text: 'What is the capital of ' },
      { kind: 'rest', seconds: 2.5 },
      { kind: 'write', text: 'France?' },
      { kind: 'rest', seconds: 0.6 },
      { kind: 'send' },
    ],
    settings: {},
  },
  {
    id: 'change-of-mind',
    page: 'thinking',
    title: 'A change of mind',
    shows: 'The question is changed in the middle; thoughts about the old one are kept, marked or dropped.',
    notes: [
      'Now I change my mind halfway.',
      'The thoughts about France were formed on words that are gone.',
      'The model takes back what no longer fits and goes on with what I wrote instead.',
      'Nothing is computed anew that did not change.',
    ],
    tab: 1,
    recording: 'change-of-mind.json',
    cues: [
      { kind: 'write', text: 'What is the capital of France and why ' },
      { kind: 'untilThoughts', tokens: 12 },
      { kind: 'erase', count: 'France and why '.length },
      { kind: 'write', text: 'Italy?' },
      { kind: 'rest', seconds: 0.6 },
      { kind: 'send' },
    ],
    settings: {},
  },
  {
    id: 'remark-in-the-middle',
    page: 'thinking',
    title: 'A remark while it writes',
    shows: 'A second wish is typed while the answer grows; it is read at once, and the answer is not begun again.',
    notes: [
      'The answer is being written, and I think of something else.',
      'I do not have to wait: my remark goes to the thoughts at once.',
      'The writing goes on while the model considers what I added.',
      'A small model does not always do what it was told; the place to look is the thoughts.',
    ],
    tab: 1,
    recording: 'remark-in-the-middle.json',
    cues: [
      { kind: 'write', text: 'Why is the sky blue?' },
      { kind: 'rest', seconds: 0.5 },
      { kind: 'send' },
      { kind: 'untilAnswer', tokens: 12 },
      { kind: 'write', text: 'In one sentence, please.' },
      { kind: 'rest', seconds: 0.4 },
      { kind: 'send' },
    ],
    settings: {},
  },
  {
    id: 'sum-in-the-typing',
    page: 'thinking',
    title: 'A sum, piece by piece',
    shows: 'A word problem is typed in three pieces, with a rest between them in which the model calculates.',
    notes: [
      'I type a small sum and rest between its parts.',
      'In every rest the thoughts go on with what they have so far.',
      'Whether the result is right depends on the model: the small one that comes with this page is often wrong.',
      'Look at when it thinks, not only at what it says.',
    ],
    tab: 2,
    recording: 'sum-in-the-typing.json',
    cues: [
      { kind: 'write', text: 'A farmer has 17 sheep, ' },
      { kind: 'rest', seconds: 1.5 },
      { kind: 'write', text: 'buys 25 and sells 9. ' },
      { kind: 'rest', seconds: 1.5 },
      { kind: 'write', text: 'How many are left?' },
      { kind: 'rest', seconds: 0.6 },
      { kind: 'send' },
    ],
    settings: {},
  },
  {
    id: 'three-tips',
    page: 'thinking',
    title: 'How long one waits',
    shows: 'Under the answer: the wait after Enter, and the wait if all thoughts had to come first.',
    notes: [
      'The two bars under the answer compare waiting times.',
      'The first is how long we waited after Enter.',
      'The second is how long it would have taken if the model had to finish its thoughts first.',
      'Both are of the run that is shown.',
    ],
    tab: 1,
    recording: 'three-tips.json',
    cues: [
      { kind: 'write', text: 'Give me three tips ' },
      { kind: 'rest', seconds: 2 },
      { kind: 'write', text: 'for sleeping well.' },
      { kind: 'rest', seconds: 1.5 },
      { kind: 'send' },
    ],
    settings: {},
  },
];

const NEGOTIATION_PRESETS: readonly (DialoguesPreset | TrainingPreset)[] = [
  {
    id: 'four-about-a-thermostat',
    page: 'dialogues',
    title: 'Two views of one thermostat',
    shows: 'One model in two roles argues about one dilemma, in four dialogues at once; a judge scores the answers.',
    notes: [
      'One model plays both sides here, each with a private goal.',
      'Four dialogues run at the same time and part after a few words.',
      'Where the two agree, one of them writes the answer and a judge scores it from 0 to 5.',
      'The judge is the same small model: take its scores with care.',
    ],
    tab: 1,
    recording: 'negotiations/four-about-a-thermostat.json',
    dilemmaId: 'shared-thermostat',
    pairId: 'logic-feelings',
    settings: { ...SHORT_DIALOGUES, groupSize: 4, utteranceTemperature: 0.4, seed: 7 },
  },
  {
    id: 'thinking-while-listening',
    page: 'dialogues',
    title: 'Thinking while listening',
    shows: 'Each side thinks in private while the other one speaks.',
    notes: [
      'Here both sides think while they listen.',
      'The dashed boxes are private: the other side never sees them.',
      'Look for a side that thinks one thing and says another.',
    ],
    tab: 1,
    recording: 'negotiations/thinking-while-listening.json',
    dilemmaId: 'friend-dull-novel',
    pairId: 'caution-boldness',
    settings: {
      ...SHORT_DIALOGUES,
      groupSize: 2,
      utteranceTemperature: 0.7,
      thinking: 'both',
      maxThoughtTokens: 48,
      seed: 0,
    },
  },
  {
    id: 'training-charts',
    page: 'training',
    title: 'A training in charts',
    shows: 'Ten recorded steps of training on such dialogues: rewards, agreement, entropy, gradient.',
    notes: [
      'This is a recorded training of ten short steps, made in a browser.',
      'Each step rewards the dialogues of a group that were better than the others.',
      'Ten steps are far too few to show that anything was learnt.',
    ],
    tab: 2,
    recording: 'training/ten-steps.json',
  },
  {
    id: 'training-tokens',
    page: 'training',
    title: 'One step, token by token',
    shows: 'Which words the update made likelier, and which less likely.',
    notes: [
      'Now one step of that training, word by word.',
      'The line below a word says where it is pushed, by how much better or worse its dialogue was.',
      'The colour behind it says what became of it: red is likelier now, blue is less likely.',
      'Not every word moves the way it is pushed: they all share the same weights.',
    ],
    tab: 3,
    recording: 'training/ten-steps.json',
  },
];

export const PRESENTER_PRESETS: readonly PresenterPreset[] = [...THINKING_PRESETS, ...NEGOTIATION_PRESETS];

/** One scene of the auto demo. Its preset's note is its subtitle. */
export interface DemoScene {
  readonly presetId: string;
  readonly seconds: number;
  /** Tabs that are opened while it is shown, counted from 1. */
  readonly tabs?: readonly { readonly atSeconds: number; readonly tab: number }[];
}

/** Two minutes in all. */
export const DEMO_SCENES: readonly DemoScene[] = [
  { presetId: 'thinking-while-typing', seconds: 24 },
  { presetId: 'change-of-mind', seconds: 24, tabs: [{ atSeconds: 15, tab: 2 }] },
  { presetId: 'remark-in-the-middle', seconds: 26 },
  { presetId: 'four-about-a-thermostat', seconds: 28 },
  { presetId: 'training-charts', seconds: 18, tabs: [{ atSeconds: 10, tab: 3 }] },
];
