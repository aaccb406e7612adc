/**
 * Who runs next: the states of asynchronous reasoning and every way from one to another.
 * Rules 2 to 5 of the reference data, as total functions.
 */
import { assertNever } from '@/lib/assert.ts';
import type { ReasoningState, StreamName, TraceState } from '@/protocol/reasoning.ts';

export type ModeSignal =
  /** Rule 2: the writer's last two tokens end with an empty line. */
  | { readonly kind: 'writerParagraphEnded' }
  /** Rule 3: the thinker's newest token ends the thoughts. */
  | { readonly kind: 'thoughtsEnded' }
  /** Rule 4: the probe's answer. */
  | { readonly kind: 'probed'; readonly isYes: boolean }
  /** Live runs: the writer's prefix was encoded. */
  | { readonly kind: 'writerStarted' }
  /** Live runs: both streams were cleared and the thoughts begin anew. */
  | { readonly kind: 'thinkerStarted' }
  /** Live runs: thoughts that had ended go on. */
  | { readonly kind: 'thinkerWoken' }
  /** Live runs: thoughts that rest on changed text were cut, and what was written on them. */
  | { readonly kind: 'rewound' }
  /** The writer has to wait for something outside the method, such as the voice. */
  | { readonly kind: 'writerHeld' };

/** Once thoughts have ended, only a person's input brings the thinker back. */
export function nextState(state: ReasoningState, signal: ModeSignal): ReasoningState {
  switch (signal.kind) {
    case 'writerParagraphEnded':
    case 'writerHeld':
      return state === 'thinkerAndWriter' ? 'thinkerOnly' : state;
    case 'thoughtsEnded':
      return 'writerOnly';
    case 'probed':
      if (state === 'writerOnly') return state;
      return signal.isYes ? 'thinkerAndWriter' : 'thinkerOnly';
    case 'writerStarted':
      return state === 'writerOnly' ? state : 'thinkerAndWriter';
    case 'thinkerWoken':
      return state === 'writerOnly' ? 'thinkerAndWriter' : state;
    case 'thinkerStarted':
    case 'rewound':
      return 'thinkerOnly';
    default:
      return assertNever(signal);
  }
}

/** Streams of a state's forward; the order of two rows is the setup's. */
export function runningStreams(state: ReasoningState, rowOrder: readonly StreamName[]): readonly StreamName[] {
  switch (state) {
    case 'thinkerOnly':
      return ['thinker'];
    case 'writerOnly':
      return ['writer'];
    case 'thinkerAndWriter':
      return rowOrder;
    default:
      return assertNever(state);
  }
}

/**
 * Why the probe is due after a step (rule 4); empty when it is not.
 *
 * @param situation.step                 0-based
 * @param situation.probeInterval        steps, >= 1
 * @param situation.isThinkerAtParagraphEnd  the thinker's last two tokens end with an empty line, and that counts
 */
export function probeReasons(situation: {
  readonly state: ReasoningState;
  readonly step: number;
  readonly probeInterval: number;
  readonly isThinkerAtParagraphEnd: boolean;
}): ('interval' | 'paragraph')[] {
  if (situation.state === 'writerOnly') return [];
  const reasons: ('interval' | 'paragraph')[] = [];
  if ((situation.step + 1) % situation.probeInterval === 0) reasons.push('interval');
  if (situation.isThinkerAtParagraphEnd) reasons.push('paragraph');
  return reasons;
}

const TRACE_STATES = {
  thinkerOnly: 'thinker_only',
  thinkerAndWriter: 'thinker_and_writer',
  writerOnly: 'writer_only',
} as const satisfies Record<ReasoningState, TraceState>;

/** The state's name in the trace format. */
export function traceStateOf(state: ReasoningState): TraceState {
  return TRACE_STATES[state];
}
