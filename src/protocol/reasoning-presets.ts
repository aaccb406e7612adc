import type { ReasoningSettings } from './reasoning.ts';

/** A named set of rules; `settings` holds only what it fixes. */
export interface ReasoningPreset {
  readonly name: string;
  readonly summary: string;
  readonly settings: Partial<ReasoningSettings>;
}

const PAPER_QUESTION =
  '...\n\nWait, are my thoughts ahead of the response by enough to continue writing it? (yes/no): ';
const PAUSE_QUESTION = '...\n\nWait, should I pause writing the response and think longer? (yes/no): ';
const PRESET_RESET: Partial<ReasoningSettings> = {
  design: 'B',
  probeQuestion: '',
  probeRule: 'continue',
  probeTiming: 'blocking',
  speechPause: false,
  safetyProtocol: false,
};

/** The paper's variants (section 4; questions quoted from it) and the authors' later solver. */
export const REASONING_PRESETS: Readonly<Record<string, ReasoningPreset>> = {
  later: {
    name: 'Later solver',
    summary: 'Design B: one plain prompt, asked for the next paragraph or formula. The default.',
    settings: PRESET_RESET,
  },
  qContinue: {
    name: 'Q-Continue',
    summary: 'The paper’s main variant: design A, yes lets the writer go on.',
    settings: { ...PRESET_RESET, design: 'A', probeQuestion: PAPER_QUESTION },
  },
  qPause: {
    name: 'Q-Pause',
    summary: 'Design A, asked whether to pause: more thought, longer waits.',
    settings: { ...PRESET_RESET, design: 'A', probeQuestion: PAUSE_QUESTION, probeRule: 'pause' },
  },
  qTts: {
    name: 'Q+TTS',
    summary: 'Q-Continue, and the writer waits while more than 10 s are unspoken.',
    settings: {
      ...PRESET_RESET,
      design: 'A',
      probeQuestion: PAPER_QUESTION,
      speechPause: true,
      maxUnspokenSeconds: 10,
    },
  },
  safety: {
    name: 'Safety prompt',
    summary: 'Design A: thoughts decide first whether answering is safe, and verify what is written.',
    settings: { ...PRESET_RESET, design: 'A', safetyProtocol: true },
  },
  coroutine: {
    name: 'Probe beside',
    summary: 'Design B, and thoughts do not wait for the probe.',
    settings: { ...PRESET_RESET, probeTiming: 'overlapped' },
  },
};
