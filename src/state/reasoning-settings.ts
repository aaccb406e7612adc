import type { ReasoningSettings } from '@/protocol/reasoning.ts';

/** One number that a person may set. */
export interface NumberField {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly label: string;
  readonly unit: string;
  readonly help: string;
}

export const REASONING_FIELDS = {
  budget: {
    default: 512,
    min: 16,
    max: 4096,
    step: 16,
    label: 'Budget',
    unit: 'steps',
    help: 'Steps that thinker and writer share. In one step each running stream adds one token.',
  },
  // SmolLM2-135M needs a shorter interval than the published 20, or short answers are never probed.
  probeInterval: {
    default: 10,
    min: 1,
    max: 100,
    step: 1,
    label: 'Probe interval',
    unit: 'steps',
    help: 'The probe asks whether the writer may go on after so many steps, and at each end of a paragraph.',
  },
  // SmolLM2-135M answers the probe with margins of -0.8 to -1.6; this lets the writer alternate.
  yesBias: {
    default: 1.4,
    min: -8,
    max: 8,
    step: 0.1,
    label: 'Yes bias',
    unit: 'nats',
    help: 'Added to the margin between yes and no. The writer goes on when the sum is above zero.',
  },
  // A 135M model does not recover from thoughts about half a question; large models can keep theirs (0).
  keepThoughtsFrom: {
    default: 0.75,
    min: 0,
    max: 1,
    step: 0.05,
    label: 'Keep thoughts from',
    unit: 'of the question',
    help: 'Thoughts that began on a smaller part of the question begin anew until the answer starts. 0 always keeps them.',
  },
} as const satisfies Record<string, NumberField>;

export const WRITE_BEFORE_SEND = {
  default: false,
  label: 'Write before Enter',
  help: 'The writer may begin while you are still typing, as soon as the probe says yes.',
} as const;

export const DEFAULT_REASONING_SETTINGS: ReasoningSettings = {
  budget: REASONING_FIELDS.budget.default,
  probeInterval: REASONING_FIELDS.probeInterval.default,
  yesBias: REASONING_FIELDS.yesBias.default,
  writeBeforeSend: WRITE_BEFORE_SEND.default,
  keepThoughtsFrom: REASONING_FIELDS.keepThoughtsFrom.default,
};

function clampedTo(field: NumberField, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return field.default;
  return Math.min(field.max, Math.max(field.min, value));
}

/** Settings out of storage or anywhere else: what is missing or not a number becomes the default, the rest is clamped. */
export function readReasoningSettings(stored: unknown): ReasoningSettings {
  const candidate = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<
    Record<keyof ReasoningSettings, unknown>
  >;
  return {
    budget: Math.round(clampedTo(REASONING_FIELDS.budget, candidate.budget)),
    probeInterval: Math.round(clampedTo(REASONING_FIELDS.probeInterval, candidate.probeInterval)),
    yesBias: clampedTo(REASONING_FIELDS.yesBias, candidate.yesBias),
    writeBeforeSend:
      typeof candidate.writeBeforeSend === 'boolean' ? candidate.writeBeforeSend : WRITE_BEFORE_SEND.default,
    keepThoughtsFrom: clampedTo(REASONING_FIELDS.keepThoughtsFrom, candidate.keepThoughtsFrom),
  };
}
