import type { ComparisonMode } from '@/protocol/comparison.ts';
import type { ReasoningStopReason } from '@/protocol/reasoning.ts';

interface ModeText {
  readonly name: string;
  readonly gloss: string;
}

export const MODES: Readonly<Record<ComparisonMode, ModeText>> = {
  asynchronous: { name: 'Asynchronous', gloss: 'thinks while you type, and while it writes' },
  thinkThenAnswer: { name: 'Think first', gloss: 'all its thoughts, then the answer' },
  noThinking: { name: 'No thinking', gloss: 'answers straight away' },
  interleaved: { name: 'Interleaved', gloss: 'stops to think at each paragraph end' },
};

export const STOPS: Readonly<Record<ReasoningStopReason, string>> = {
  writer_eos: 'answer complete',
  budget: 'budget used up',
  stopped: 'stopped',
  context_full: 'context full',
};
