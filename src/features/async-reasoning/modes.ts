import { COMPARISON_MODE_NAMES, type ComparisonMode } from '@/protocol/comparison.ts';
import type { ReasoningStopReason } from '@/protocol/reasoning.ts';

interface ModeText {
  readonly name: string;
  readonly gloss: string;
}

export const MODES: Readonly<Record<ComparisonMode, ModeText>> = {
  asynchronous: { name: COMPARISON_MODE_NAMES.asynchronous, gloss: 'thinks while you type, and while it writes' },
  thinkThenAnswer: { name: COMPARISON_MODE_NAMES.thinkThenAnswer, gloss: 'all its thoughts, then the answer' },
  noThinking: { name: COMPARISON_MODE_NAMES.noThinking, gloss: 'answers straight away' },
  interleaved: { name: COMPARISON_MODE_NAMES.interleaved, gloss: 'stops to think at each paragraph end' },
};

export const STOPS: Readonly<Record<ReasoningStopReason, string>> = {
  writer_eos: 'answer complete',
  budget: 'budget used up',
  stopped: 'stopped',
  context_full: 'context full',
};
