/** Named ways to train on negotiations, as data. */
import { DEFAULT_NEGOTIATION, PAPER_NEGOTIATION, type NegotiationSettings } from './negotiation-settings.ts';
import type { TrainingMethod } from './negotiation-training.ts';
import type { LoraConfig, TrainingSettings } from './training.ts';

/** What a training on negotiations has otherwise than `DEFAULT_TRAINING`. */
export const NEGOTIATION_TRAINING_DEFAULTS = {
  learningRate: 5e-5,
  // The paper's equation 1 spans one group.
  normalizeOver: 'group',
} as const satisfies Partial<TrainingSettings>;

export interface TrainingPreset {
  readonly name: string;
  readonly summary: string;
  readonly method: TrainingMethod;
  readonly steps: number;
  readonly groupsPerStep: number;
  readonly settings: Partial<NegotiationSettings>;
  readonly training: Partial<TrainingSettings>;
  readonly lora: Partial<LoraConfig>;
}

const SHORT: Partial<NegotiationSettings> = {
  groupSize: 2,
  maxTurns: 1,
  maxUtteranceTokens: 24,
  maxCompletionTokens: 32,
};

export const TRAINING_PRESETS = {
  ours: {
    name: 'Standard',
    summary: 'Groups of four, at most three turns, one group a step. The default, for one GPU at home.',
    method: 'negotiation',
    steps: 40,
    groupsPerStep: 1,
    settings: DEFAULT_NEGOTIATION,
    training: NEGOTIATION_TRAINING_DEFAULTS,
    lora: { r: 8, loraAlpha: 16 },
  },
  paper: {
    name: 'Paper',
    summary:
      'What Learning to Negotiate states: eight dialogues of up to seven turns, two groups a step, learning rate 5e-6. It ran about 1,900 steps, 208 s each, on one 96-GB GPU.',
    method: 'negotiation',
    steps: 1900,
    groupsPerStep: 2,
    settings: PAPER_NEGOTIATION,
    training: { ...NEGOTIATION_TRAINING_DEFAULTS, learningRate: 5e-6 },
    lora: { r: 8, loraAlpha: 16 },
  },
  quick: {
    name: 'Quick demo',
    summary: 'Two dialogues of one short exchange a step, five steps, a large learning rate: to see that it moves.',
    method: 'negotiation',
    steps: 5,
    groupsPerStep: 1,
    settings: { ...DEFAULT_NEGOTIATION, ...SHORT },
    training: { ...NEGOTIATION_TRAINING_DEFAULTS, learningRate: 5e-4 },
    lora: { r: 4, loraAlpha: 8 },
  },
  workshop: {
    name: 'Workshop, three minutes',
    summary:
      'Pairs of short dialogues, twelve steps: meant for three minutes on a laptop with a GPU of its own. The estimate says what it takes on yours.',
    method: 'negotiation',
    steps: 12,
    groupsPerStep: 1,
    settings: { ...DEFAULT_NEGOTIATION, ...SHORT, maxTurns: 2, maxUtteranceTokens: 40, maxCompletionTokens: 48 },
    training: { ...NEGOTIATION_TRAINING_DEFAULTS, learningRate: 2e-4 },
    lora: { r: 8, loraAlpha: 16 },
  },
  pairs: {
    name: 'Groups of two',
    summary:
      'G = 2: the better of two dialogues is made likelier, whatever the distance. Only with a judge whose scores have fractions: whole numbers tie too often.',
    method: 'negotiation',
    steps: 40,
    groupsPerStep: 2,
    settings: { ...DEFAULT_NEGOTIATION, groupSize: 2 },
    training: NEGOTIATION_TRAINING_DEFAULTS,
    lora: { r: 8, loraAlpha: 16 },
  },
  single: {
    name: 'One agent alone (paper’s baseline)',
    summary:
      'The model answers each dilemma by itself and its answers are trained: groups of eight, four groups a step, temperature 1, beta 0.04, learning rate 5e-6, as the paper states of its single agent.',
    method: 'singleAgent',
    steps: 2150,
    groupsPerStep: 4,
    settings: { ...DEFAULT_NEGOTIATION, groupSize: 8, utteranceTemperature: 1, utteranceTopP: 1 },
    training: { ...NEGOTIATION_TRAINING_DEFAULTS, learningRate: 5e-6, beta: 0.04 },
    lora: { r: 8, loraAlpha: 16 },
  },
} as const satisfies Readonly<Record<string, TrainingPreset>>;

export type TrainingPresetId = keyof typeof TRAINING_PRESETS;
