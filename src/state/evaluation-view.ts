/** What the page shows of an evaluation: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type { ComparisonMode } from '@/protocol/comparison.ts';
import type {
  EvaluationEvent,
  EvaluationItem,
  EvaluationRecord,
  EvaluationReport,
  EvaluationSummary,
} from '@/protocol/evaluation.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { EvaluationRequest } from './evaluation-plan.ts';

/** What the answers are measured with, and since when. */
export type EvaluationContext = Pick<EvaluationReport, 'createdAt' | 'model' | 'device'>;

export interface EvaluationView {
  readonly phase: 'empty' | 'running' | 'complete' | 'incomplete';
  /** Null only while empty, like `context`. */
  readonly request: EvaluationRequest | null;
  readonly context: EvaluationContext | null;
  /** Empty until the engine has said what it asks. */
  readonly items: readonly EvaluationItem[];
  /** Every answer that is complete. */
  readonly records: readonly EvaluationRecord[];
  readonly summary: EvaluationSummary;
  /** Answers in all, of all configurations; 0 while not known. */
  readonly total: number;
  readonly current: { readonly configuration: string; readonly itemId: string } | null;
  readonly secondsLeft: number | null;
  readonly failure: FailureMessage | null;
}

/** What does not change while an evaluation runs. */
export interface EvaluationHead {
  readonly format: 'duet-evaluation-head-1';
  readonly request: EvaluationRequest;
  readonly context: EvaluationContext;
  readonly items: readonly EvaluationItem[];
  readonly total: number;
}

/** An evaluation as it is kept over a reload. */
export interface KeptEvaluation {
  readonly head: EvaluationHead;
  readonly records: readonly EvaluationRecord[];
  readonly summary: EvaluationSummary;
}

export const NO_SUMMARY: EvaluationSummary = { rows: [], pairs: [] };

export const EMPTY_EVALUATION_VIEW: EvaluationView = {
  phase: 'empty',
  request: null,
  context: null,
  items: [],
  records: [],
  summary: NO_SUMMARY,
  total: 0,
  current: null,
  secondsLeft: null,
  failure: null,
};

export function startedEvaluation(request: EvaluationRequest, context: EvaluationContext): EvaluationView {
  return { ...EMPTY_EVALUATION_VIEW, phase: 'running', request, context };
}

/** Goes on with what was interrupted; the answers that are there stay. */
export function resumedEvaluation(view: EvaluationView): EvaluationView {
  return view.phase === 'incomplete' ? { ...view, phase: 'running', failure: null } : view;
}

export function applyEvaluationEvent(view: EvaluationView, event: EvaluationEvent): EvaluationView {
  switch (event.kind) {
    case 'started':
      return { ...view, items: event.items, total: event.total };
    case 'itemStarted':
      return { ...view, current: { configuration: event.configuration, itemId: event.itemId } };
    case 'itemEnded':
      return {
        ...view,
        records: [...view.records, event.record],
        summary: event.summary,
        total: event.total,
        secondsLeft: event.secondsLeft,
      };
    default:
      return assertNever(event);
  }
}

export function completeEvaluation(report: EvaluationReport): EvaluationView {
  const { source, configurations, items, records, summary, createdAt, model, device } = report;
  return {
    ...EMPTY_EVALUATION_VIEW,
    phase: 'complete',
    request: { source, configurations },
    context: { createdAt, model, device },
    items,
    records,
    summary,
    total: items.length * configurations.length,
  };
}

/** Cancelled or failed: what was answered stays. */
export function incompleteEvaluation(view: EvaluationView, failure: FailureMessage | null): EvaluationView {
  return { ...view, phase: 'incomplete', current: null, secondsLeft: null, failure };
}

/** As it was when the page was left; complete when nothing is missing. */
export function foundEvaluation({ head, records, summary }: KeptEvaluation): EvaluationView {
  const { request, context, items, total } = head;
  const isComplete = total > 0 && records.length >= total;
  return {
    ...EMPTY_EVALUATION_VIEW,
    phase: isComplete ? 'complete' : 'incomplete',
    request,
    context,
    items,
    records,
    summary,
    total,
  };
}

/** What to keep of it besides its answers; null while there is nothing. */
export function headOf({ request, context, items, total }: EvaluationView): EvaluationHead | null {
  if (request === null || context === null) return null;
  return { format: 'duet-evaluation-head-1', request, context, items, total };
}

/** All of it as one document, also of an evaluation that is not complete; null while there is nothing. */
export function reportOf({ request, context, items, records, summary }: EvaluationView): EvaluationReport | null {
  if (request === null || context === null) return null;
  return { format: 'duet-evaluation-1', ...request, ...context, items, records, summary };
}

/** Why it may not go on with another model; null when it may. */
export function otherModel(
  context: EvaluationContext | null,
  model: { readonly id: string; readonly sha256: string | null } | null,
): string | null {
  if (context === null || model === null) return null;
  const isSame = context.model.id === model.id && context.model.sha256 === model.sha256;
  return isSame ? null : context.model.id;
}

/** Mean seconds of an answer, by mode, from what has been answered. */
export function measuredSeconds({ request, records }: EvaluationView): Partial<Record<ComparisonMode, number>> {
  const sums = new Map<ComparisonMode, { ms: number; count: number }>();
  for (const { configuration, metrics } of records) {
    const mode = request?.configurations.find(({ name }) => name === configuration)?.mode;
    if (mode === undefined) continue;
    const { ms, count } = sums.get(mode) ?? { ms: 0, count: 0 };
    sums.set(mode, { ms: ms + metrics.totalMs, count: count + 1 });
  }
  return Object.fromEntries([...sums].map(([mode, { ms, count }]) => [mode, ms / count / 1000]));
}
