/** What the page shows of an evaluation of negotiations: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import { modelKeyOf, type DeviceReport, type ModelInfo } from '@/protocol/model.ts';
import type { PersonaPair } from '@/protocol/negotiation.ts';
import type {
  EvaluationPiece,
  NegotiationEvaluationEvent,
  NegotiationEvaluationPlan,
  NegotiationEvaluationReport,
  NegotiationEvaluationSummary,
} from '@/protocol/negotiation-evaluation.ts';
import { totalWork, workOf, type NegotiationEvaluationOrder } from './negotiation-evaluation-form.ts';

/** What it is made with, and since when. */
export type NegotiationEvaluationContext = Pick<NegotiationEvaluationReport, 'createdAt' | 'model' | 'device'>;

export interface NegotiationEvaluationView {
  readonly phase: 'empty' | 'running' | 'complete' | 'incomplete';
  /** Of one that is or was under way here; null where the plan is the worker's own. */
  readonly order: NegotiationEvaluationOrder | null;
  /** Null only while empty, like `context`. */
  readonly plan: NegotiationEvaluationPlan | null;
  readonly context: NegotiationEvaluationContext | null;
  /** Of the file that it was opened from. */
  readonly fileName: string | null;
  readonly pieces: readonly EvaluationPiece[];
  readonly summary: NegotiationEvaluationSummary;
  readonly total: number;
  /** What is being made. */
  readonly current: { readonly kind: EvaluationPiece['kind']; readonly label: string } | null;
  readonly secondsLeft: number | null;
  /** By the page's clock, since it was started or gone on with. */
  readonly startedMs: number | null;
  readonly failure: FailureMessage | null;
}

/** What does not change while an evaluation runs. */
export interface NegotiationEvaluationHead {
  readonly format: 'duet-negotiation-evaluation-head-1';
  readonly order: NegotiationEvaluationOrder;
  readonly context: NegotiationEvaluationContext;
}

/** An evaluation as it is kept over a reload. */
export interface KeptNegotiationEvaluation {
  readonly head: NegotiationEvaluationHead;
  readonly pieces: readonly EvaluationPiece[];
  readonly summary: NegotiationEvaluationSummary;
}

export const NO_EVALUATION_SUMMARY: NegotiationEvaluationSummary = {
  contestants: [],
  winRates: [],
  ability: [],
  perplexity: [],
};

export const EMPTY_NEGOTIATION_EVALUATION: NegotiationEvaluationView = {
  phase: 'empty',
  order: null,
  plan: null,
  context: null,
  fileName: null,
  pieces: [],
  summary: NO_EVALUATION_SUMMARY,
  total: 0,
  current: null,
  secondsLeft: null,
  startedMs: null,
  failure: null,
};

/** @param startedMs  by the page's clock */
export function startedNegotiationEvaluation(
  { order, context }: Omit<NegotiationEvaluationHead, 'format'>,
  startedMs: number,
): NegotiationEvaluationView {
  return {
    ...EMPTY_NEGOTIATION_EVALUATION,
    phase: 'running',
    order,
    plan: planOfOrder(order),
    context,
    total: totalOf(order),
    startedMs,
  };
}

/** Goes on with what was interrupted; the pieces that are there stay. */
export function resumedNegotiationEvaluation(
  view: NegotiationEvaluationView,
  startedMs: number,
): NegotiationEvaluationView {
  return view.phase === 'incomplete' ? { ...view, phase: 'running', failure: null, startedMs } : view;
}

export function applyNegotiationEvaluationEvent(
  view: NegotiationEvaluationView,
  event: NegotiationEvaluationEvent,
): NegotiationEvaluationView {
  switch (event.kind) {
    case 'started':
      return { ...view, total: event.total };
    case 'pieceStarted':
      return { ...view, current: event.what };
    case 'pieceEnded':
      return {
        ...view,
        pieces: [...view.pieces, event.piece],
        summary: event.summary,
        total: event.total,
        secondsLeft: event.secondsLeft,
      };
    default:
      return assertNever(event);
  }
}

export function completeNegotiationEvaluation(report: NegotiationEvaluationReport): NegotiationEvaluationView {
  return { ...viewOfReport(report), phase: 'complete', total: report.pieces.length };
}

/** Stopped or failed: what was made stays. */
export function incompleteNegotiationEvaluation(
  view: NegotiationEvaluationView,
  failure: FailureMessage | null,
): NegotiationEvaluationView {
  return { ...view, phase: 'incomplete', current: null, secondsLeft: null, startedMs: null, failure };
}

/** As it was when the page was left; complete when nothing is missing. */
export function foundNegotiationEvaluation(kept: KeptNegotiationEvaluation): NegotiationEvaluationView {
  const { order, context } = kept.head;
  const total = totalOf(order);
  return {
    ...EMPTY_NEGOTIATION_EVALUATION,
    phase: kept.pieces.length >= total ? 'complete' : 'incomplete',
    order,
    plan: planOfOrder(order),
    context,
    pieces: kept.pieces,
    summary: kept.summary,
    total,
  };
}

/** A report that was saved before; it can be looked at, not gone on with. */
export function openedNegotiationEvaluation(
  report: NegotiationEvaluationReport,
  fileName: string,
): NegotiationEvaluationView {
  const view = viewOfReport(report);
  return { ...view, phase: report.pieces.length >= view.total ? 'complete' : 'incomplete', fileName };
}

function viewOfReport({
  plan,
  pieces,
  summary,
  createdAt,
  model,
  device,
}: NegotiationEvaluationReport): NegotiationEvaluationView {
  const context = { createdAt, model, device };
  return { ...EMPTY_NEGOTIATION_EVALUATION, plan, context, pieces, summary, total: totalOfPlan(plan) };
}

/** All of it as one document, also of an evaluation that is not complete; null while there is nothing. */
export function negotiationReportOf({
  order,
  plan,
  context,
  pieces,
  summary,
}: NegotiationEvaluationView): NegotiationEvaluationReport | null {
  if (plan === null || context === null) return null;
  const { createdAt, model, device } = context;
  const dealt = order === null ? plan : { ...plan, pairs: dealtPairs(plan, pieces) };
  return { format: 'duet-negotiation-evaluation-1', createdAt, plan: dealt, pieces, summary, model, device };
}

/** Of the dilemmas that were negotiated, which are the first ones; the worker deals the pairs. */
function dealtPairs(
  { dilemmas, pairs }: NegotiationEvaluationPlan,
  pieces: readonly EvaluationPiece[],
): readonly PersonaPair[] {
  const dialogues = pieces.filter((piece) => piece.kind === 'dialogue');
  return dilemmas.flatMap(({ id }) => {
    const pairId = dialogues.find((piece) => piece.dilemmaId === id && piece.pairId !== null)?.pairId;
    return pairs.find((pair) => pair.id === pairId) ?? [];
  });
}

/** How many pieces a report is to have. */
export function totalOfPlan(plan: NegotiationEvaluationPlan): number {
  const { contestants, dilemmas, sets, decodings, repetitions, ability, pairwiseJudge } = plan;
  const isCompared = pairwiseJudge !== null;
  const size = { sets, decodings, repetitions, ability, isCompared };
  return totalWork(workOf({ ...size, numContestants: contestants.length, numDilemmas: dilemmas.length }));
}

function totalOf(order: NegotiationEvaluationOrder): number {
  return totalOfPlan(planOfOrder(order));
}

/** Until the worker has said what it made of it. */
export function planOfOrder({ judge, isCompared, ...order }: NegotiationEvaluationOrder): NegotiationEvaluationPlan {
  const name = judgeName(judge);
  const canCompare = judge.kind === 'endpoint' || judge.kind === 'webLlm';
  return { ...order, judge: name, pairwiseJudge: isCompared ? (canCompare ? name : 'this model') : null };
}

/** Never with an address. */
export function judgeName(judge: NegotiationEvaluationOrder['judge']): string {
  switch (judge.kind) {
    case 'engine':
      return 'this model, adapter off';
    case 'endpoint':
    case 'webLlm':
      return judge.model;
    case 'rule':
      return `rule: ${judge.rule.kind}`;
    case 'human':
      return 'a person';
    default:
      return assertNever(judge);
  }
}

export function deviceNameOf(device: Pick<DeviceReport, 'vendor' | 'architecture' | 'isSoftware'> | null): string {
  const name = [device?.vendor, device?.architecture].filter(Boolean).join(' ') || 'not told by the browser';
  return device?.isSoftware === true ? `${name} (software adapter)` : name;
}

/** Name of the model that must be loaded to go on, where another one is; null where nothing is in the way. */
export function otherNegotiationModel(
  context: NegotiationEvaluationContext | null,
  model: ModelInfo | null,
): string | null {
  if (context === null || model === null) return null;
  return context.model.key === modelKeyOf(model) ? null : context.model.name;
}
