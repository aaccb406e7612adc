import type { StateCreator } from 'zustand';
import type { CheckReport, RebuildProgress } from '@/protocol/attention.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { ReasoningTrace, TraceSetup } from '@/protocol/reasoning.ts';
import type { Recording } from '@/protocol/recording.ts';
import { toStoredFailure } from './failure-message.ts';
import type { ModelView } from './model-view.ts';

/** What is shown of a recomputation from scratch. */
export interface CheckView {
  readonly phase: 'idle' | 'running' | 'done' | 'failed';
  /** Of the run that was checked: a result of another run is not shown. */
  readonly setup: TraceSetup | null;
  readonly step: number;
  readonly progress: RebuildProgress | null;
  /** The last one that ran to its end; it stays while the next one runs. */
  readonly report: CheckReport | null;
  readonly failure: FailureMessage | null;
}

export const EMPTY_CHECK_VIEW: CheckView = {
  phase: 'idle',
  setup: null,
  step: 0,
  progress: null,
  report: null,
  failure: null,
};

/** @param setup  of the run that is shown */
export function startedCheck(view: CheckView, setup: TraceSetup | null, step: number): CheckView {
  const report = view.setup === setup ? view.report : null;
  return { ...EMPTY_CHECK_VIEW, phase: 'running', setup, step, report };
}

/** Progress that comes behind the end means nothing. */
export function progressedCheck(view: CheckView, progress: RebuildProgress): CheckView {
  return view.phase === 'running' ? { ...view, progress } : view;
}

/** Back to the result that was there before, if any. */
export function cancelledCheck(view: CheckView): CheckView {
  return { ...view, phase: view.report === null ? 'idle' : 'done', progress: null };
}

export interface CheckSlice {
  readonly check: CheckView;
  readonly checkStarted: (setup: TraceSetup | null, step: number) => void;
  readonly checkProgressed: (progress: RebuildProgress) => void;
  readonly checkEnded: (report: CheckReport) => void;
  readonly checkCancelled: () => void;
  readonly checkFailed: (failure: { readonly code: string; readonly message: string }) => void;
}

export const createCheckSlice: StateCreator<CheckSlice> = (set) => {
  const update = (change: (view: CheckView) => CheckView): void => set(({ check }) => ({ check: change(check) }));
  return {
    check: EMPTY_CHECK_VIEW,
    checkStarted: (setup, step) => update((view) => startedCheck(view, setup, step)),
    checkProgressed: (progress) => update((view) => progressedCheck(view, progress)),
    checkEnded: (report) => update((view) => ({ ...view, phase: 'done', progress: null, report })),
    checkCancelled: () => update(cancelledCheck),
    checkFailed: (failure) =>
      update((view) => ({ ...view, phase: 'failed', progress: null, failure: toStoredFailure(failure) })),
  };
};

/** Why the run cannot be recomputed now; null when it can. @param trace  null: of the run under way */
export function checkBlocker(
  { status, info }: Pick<ModelView, 'status' | 'info'>,
  trace: ReasoningTrace | Recording | null,
): string | null {
  if (status === 'loading') return 'The model is being loaded; the check needs it.';
  if (status !== 'ready' || info === null) return 'Load the model first: the check computes the step anew.';
  if (trace === null || !('recording' in trace)) return null;
  const { name, sha256 } = trace.recording.model;
  const isSame = sha256 === null || info.sha256 === null ? name === info.name : sha256 === info.sha256;
  if (isSame) return null;
  const other = name === info.name ? 'another file of it' : info.name;
  return `This run was recorded with ${name}, and ${other} is loaded. Load ${name} to check it.`;
}
