import { assertNever } from '@/lib/assert.ts';
import type { ReasoningState, ReasoningStopReason } from '@/protocol/reasoning.ts';
import type { ModelView } from './model-view.ts';
import type { Playback } from './playback-slice.ts';
import { isRunActive, isTurnOver, type ReadingProgress, type ReasoningView } from './reasoning-view.ts';

export type StatusKind =
  | 'idle'
  | 'loading'
  | 'reading'
  | 'thinking'
  | 'thinkingAndWriting'
  | 'writing'
  | 'waiting'
  | 'paused'
  | 'answered'
  | 'contextFull'
  | 'stopped'
  | 'failed'
  /** A recorded run is shown. */
  | 'replaying'
  /** An earlier moment of the page's own run is shown. */
  | 'lookingBack';

/** The one state that the page shows at any moment, with a sentence about it. */
export interface RunStatus {
  readonly kind: StatusKind;
  readonly label: string;
  readonly detail: string;
}

type RunPart = Pick<
  ReasoningView,
  | 'phase'
  | 'waitingFor'
  | 'isPaused'
  | 'missingTokens'
  | 'state'
  | 'stopReason'
  | 'sentMs'
  | 'reading'
  | 'thinkerTokens'
  | 'writerTokens'
>;

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

const PAUSED: RunStatus = { kind: 'paused', label: 'Paused', detail: 'Nothing runs until you resume.' };

const STOPPED: Readonly<Record<ReasoningStopReason, RunStatus>> = {
  writer_eos: { kind: 'answered', label: 'Answered', detail: 'The answer is complete.' },
  budget: { kind: 'stopped', label: 'Stopped', detail: 'The budget of steps is used up.' },
  stopped: { kind: 'stopped', label: 'Stopped', detail: 'You stopped the run. Typing begins a new one.' },
  context_full: { kind: 'contextFull', label: 'Context full', detail: 'There is no room for another token.' },
};

/** Above all others: what is shown is not what goes on. */
export function playbackStatus({
  source,
  isPlaying,
  isAtEnd,
}: Pick<Playback, 'source' | 'isPlaying' | 'isAtEnd'>): RunStatus {
  if (source === 'live') return { kind: 'lookingBack', label: 'Looking back', detail: '' };
  if (isPlaying) return { kind: 'replaying', label: 'Replaying', detail: '' };
  return { kind: 'replaying', label: isAtEnd ? 'Replay ended' : 'Replay held', detail: '' };
}

/** @param modelStatus  'impossible': no model can run in this browser */
export function runStatus(view: RunPart, modelStatus: ModelView['status'] | 'impossible'): RunStatus {
  // The pause is shown as soon as it is asked for; it begins between two steps.
  if (view.isPaused && isRunActive(view)) return PAUSED;
  switch (view.phase) {
    case 'starting':
      return view.reading === null
        ? { kind: 'thinking', label: 'Thinking', detail: 'Reading your first words.' }
        : readingStatus(view.reading);
    case 'running':
      if (view.reading !== null) return readingStatus(view.reading);
      return view.state === 'thinkerOnly' && view.sentMs !== null ? THINKING_AFTER_ENTER : RUNNING[view.state];
    case 'waiting':
      return view.reading === null ? waitingStatus(view) : readingStatus(view.reading);
    case 'ended':
      return STOPPED[view.stopReason ?? 'stopped'];
    case 'failed':
      return { kind: 'failed', label: 'Failed', detail: 'The run ended with an error.' };
    case 'idle':
      return idleStatus(modelStatus);
    default:
      return assertNever(view.phase);
  }
}

function readingStatus({ doneTokens, totalTokens }: ReadingProgress): RunStatus {
  const detail = `${doneTokens.toLocaleString('en')} of ${totalTokens.toLocaleString('en')} tokens of your text.`;
  return { kind: 'reading', label: 'Reading', detail };
}

function waitingStatus(view: RunPart): RunStatus {
  switch (view.waitingFor) {
    case 'followUp':
      return isTurnOver(view)
        ? { kind: 'answered', label: 'Answered', detail: 'The answer is complete. Ask on, or begin a new question.' }
        : { kind: 'waiting', label: 'Waiting', detail: 'Your next words begin the next turn.' };
    case 'contextFull':
      return { kind: 'contextFull', label: 'Context full', detail: missingText(view.missingTokens) };
    case 'budget':
      return isTurnOver(view)
        ? {
            kind: 'stopped',
            label: 'Stopped',
            detail: 'The budget of steps is used up. Ask on, or begin a new question.',
          }
        : { kind: 'waiting', label: 'Waiting', detail: 'The thinker has done what it can before Enter.' };
    case 'speech':
      return { kind: 'waiting', label: 'Waiting', detail: 'The voice has to catch up with the answer.' };
    case 'emptyDraft':
      return { kind: 'waiting', label: 'Waiting', detail: 'Waiting for your first words.' };
    case 'paused':
    case null:
      return PAUSED;
    default:
      return assertNever(view.waitingFor);
  }
}

function missingText(missingTokens: number | null): string {
  if (missingTokens === null) return 'Your text does not fit. Shorten it.';
  return `Your text is ${missingTokens.toLocaleString('en')} tokens too long. Shorten it.`;
}

function idleStatus(modelStatus: ModelView['status'] | 'impossible'): RunStatus {
  switch (modelStatus) {
    case 'impossible':
      return { kind: 'idle', label: 'Idle', detail: 'Watch a recorded run.' };
    case 'loading':
      return { kind: 'loading', label: 'Loading', detail: 'You can type already.' };
    case 'ready':
      return { kind: 'idle', label: 'Idle', detail: 'Type, and the thinker begins.' };
    case 'failed':
      return { kind: 'failed', label: 'Failed', detail: 'The model was not loaded.' };
    case 'none':
    case 'cancelled':
      return { kind: 'idle', label: 'Idle', detail: 'Load a model to begin.' };
    default:
      return assertNever(modelStatus);
  }
}

const RUNNING_KINDS: readonly StatusKind[] = ['thinking', 'thinkingAndWriting', 'writing'];

/**
 * What screen readers are told of a state. Not each turn that thinker and writer take while the answer is written, nor numbers
 * that change with every piece or key.
 */
export function spokenState({ kind, label, detail }: RunStatus, hasAnswerBegun: boolean): string {
  if (RUNNING_KINDS.includes(kind)) return hasAnswerBegun ? 'Writing the answer.' : 'Thinking.';
  return kind === 'reading' || kind === 'contextFull' ? `${label}.` : `${label}. ${detail}`;
}
