import { assertNever } from '@/lib/assert.ts';
import type { ReasoningState, ReasoningStopReason } from '@/protocol/reasoning.ts';
import type { ModelView } from './model-view.ts';
import type { ReasoningView } from './reasoning-view.ts';

export type StatusKind =
  | 'idle'
  | 'loading'
  | 'thinking'
  | 'thinkingAndWriting'
  | 'writing'
  | 'paused'
  | 'stopped'
  | 'failed';

/** The one state that the page shows at any moment, with a sentence about it. */
export interface RunStatus {
  readonly kind: StatusKind;
  readonly label: string;
  readonly detail: string;
}

const RUNNING: Readonly<Record<ReasoningState, RunStatus>> = {
  thinkerOnly: { kind: 'thinking', label: 'Thinking', detail: 'The thinker reads what you type. The writer waits.' },
  thinkerAndWriter: {
    kind: 'thinkingAndWriting',
    label: 'Thinking + writing',
    detail: 'Both streams add one token per step.',
  },
  writerOnly: { kind: 'writing', label: 'Writing', detail: 'The thoughts have ended. The writer goes on alone.' },
};

const THINKING_AFTER_ENTER: RunStatus = {
  kind: 'thinking',
  label: 'Thinking',
  detail: 'The writer waits until the probe says yes.',
};

const STOPPED: Readonly<Record<ReasoningStopReason, string>> = {
  writer_eos: 'The answer is complete.',
  budget: 'The budget of steps is used up.',
  stopped: 'You stopped the run.',
  context_full: 'The context is full. Start a new question, or load the model with a longer context.',
};

const WAITING: Readonly<Record<'emptyDraft' | 'budget' | 'paused', string>> = {
  emptyDraft: 'Waiting for your first words.',
  budget: 'The thinker has done what it can before Enter.',
  paused: 'Thoughts and answer are kept.',
};

export function runStatus(
  view: Pick<ReasoningView, 'phase' | 'waitingFor' | 'state' | 'stopReason' | 'sentMs'>,
  modelStatus: ModelView['status'],
): RunStatus {
  switch (view.phase) {
    case 'starting':
      return { kind: 'thinking', label: 'Thinking', detail: 'Reading your first words.' };
    case 'running':
      return view.state === 'thinkerOnly' && view.sentMs !== null ? THINKING_AFTER_ENTER : RUNNING[view.state];
    case 'waiting':
      return { kind: 'paused', label: 'Paused', detail: WAITING[view.waitingFor ?? 'paused'] };
    case 'ended':
      return { kind: 'stopped', label: 'Stopped', detail: STOPPED[view.stopReason ?? 'stopped'] };
    case 'failed':
      return { kind: 'failed', label: 'Failed', detail: 'The run ended with an error.' };
    case 'idle':
      return idleStatus(modelStatus);
    default:
      return assertNever(view.phase);
  }
}

function idleStatus(modelStatus: ModelView['status']): RunStatus {
  if (modelStatus === 'loading') {
    return { kind: 'loading', label: 'Loading', detail: 'You can type already.' };
  }
  if (modelStatus === 'ready') {
    return { kind: 'idle', label: 'Idle', detail: 'Type, and the thinker begins.' };
  }
  if (modelStatus === 'failed') {
    return { kind: 'failed', label: 'Failed', detail: 'The model was not loaded.' };
  }
  return { kind: 'idle', label: 'Idle', detail: 'Load a model to begin.' };
}
