/** A row's share of the loss and its gradient. Formulas: docs/maths/grpo.md. */
import { assert, at } from '@/lib/assert.ts';
import type { RowLogProbs, TrainingRow, TrainingSettings } from '@/protocol/training.ts';
import type { ObjectivePlan } from './plan-objective.ts';
import { gammaWeight, tokenTerm } from './token-term.ts';

/** Lists are per token of the completion; tokens that do not count have gradient 0, ratio 1, KL 0 and no flag. */
export interface RowObjective {
  /** The losses of all rows add up to the batch's. */
  readonly loss: number;
  /** d loss / d ln p */
  readonly logProbGradients: readonly number[];
  /** rho, the row's own for all tokens at sequence level; not capped by delta. */
  readonly ratios: readonly number[];
  /** k3 as it enters the loss, before beta. */
  readonly kls: readonly number[];
  /** rho < 1 - epsilon where A < 0. */
  readonly isLowClipped: readonly boolean[];
  /** rho > 1 + epsilonHigh (CISPO: epsilonHigh) where A > 0. */
  readonly isHighClipped: readonly boolean[];
  /** VESPO's weight of the row; 1 for other loss types. */
  readonly gamma: number;
}

/** Whether the loss asks for log-probabilities without the adapter. */
export function usesReference({ beta, lossType }: TrainingSettings): boolean {
  return beta !== 0 && lossType !== 'sft';
}

/**
 * Loss and gradient of one row; nothing of the other rows is needed.
 *
 * Without `oldLogProbs` the old policy is the present one: rho is 1, and the gradient flows through it all the same.
 *
 * @param result  the row's log-probabilities under the policy; values at tokens that do not count do not matter
 */
export function rowObjective(plan: ObjectivePlan, rowIndex: number, { logProbs }: RowLogProbs): RowObjective {
  const row = at(plan.rows, rowIndex);
  const counts = at(plan.counts, rowIndex);
  const weight = at(plan.weights, rowIndex);
  const { settings } = plan;
  assert(logProbs.length === row.completionIds.length, `log-probabilities of row ${rowIndex} fit its completion`);
  assert(!usesReference(settings) || row.refLogProbs !== undefined, `row ${rowIndex} has its reference`);

  const counted = [...counts.keys()].filter((t) => counts[t] === true);
  const { logRatios, gamma } = ratiosOf(row, counted, logProbs, settings);
  const gradients = zeros(counts.length);
  const ratios = counts.map(() => 1);
  const kls = zeros(counts.length);
  let loss = 0;
  let byRowRatio = 0;
  for (const [i, t] of counted.entries()) {
    const logRatio = at(logRatios, i);
    const term = tokenTerm(
      {
        logProb: at(logProbs, t),
        logRatio,
        advantage: row.advantage,
        gamma,
        refLogProb: usesReference(settings) ? row.refLogProbs?.[t] : undefined,
      },
      settings,
    );
    loss += weight * term.value;
    gradients[t] = weight * (term.byLogProb + (settings.importanceSamplingLevel === 'token' ? term.byLogRatio : 0));
    byRowRatio += weight * term.byLogRatio;
    ratios[t] = Math.exp(logRatio);
    kls[t] = term.kl;
  }
  // d ln rho / d ln p_t = 1 / n for every token that counts
  if (settings.importanceSamplingLevel === 'sequence')
    for (const t of counted) gradients[t] = at(gradients, t) + byRowRatio / counted.length;
  return { loss, logProbGradients: gradients, ratios, kls, gamma, ...clipFlags(ratios, row.advantage, settings) };
}

/** ln rho of the tokens that count, in their order. */
function ratiosOf(
  row: TrainingRow,
  counted: readonly number[],
  logProbs: readonly number[],
  settings: TrainingSettings,
): { readonly logRatios: readonly number[]; readonly gamma: number } {
  const { oldLogProbs } = row;
  const perToken = counted.map((t) => (oldLogProbs === undefined ? 0 : at(logProbs, t) - at(oldLogProbs, t)));
  const gamma = settings.lossType === 'vespo' ? gammaWeight(perToken, row.advantage) : 1;
  if (settings.importanceSamplingLevel === 'token') return { logRatios: perToken, gamma };
  const rowMean = perToken.reduce((sum, logRatio) => sum + logRatio, 0) / Math.max(counted.length, 1);
  return { logRatios: perToken.map(() => rowMean), gamma };
}

function clipFlags(
  ratios: readonly number[],
  advantage: number,
  { lossType, epsilon, epsilonHigh, delta }: TrainingSettings,
): Pick<RowObjective, 'isLowClipped' | 'isHighClipped'> {
  const hasEdges = ['grpo', 'bnpo', 'dr_grpo', 'dapo', 'luspo'].includes(lossType);
  const highEdge = lossType === 'cispo' ? epsilonHigh : hasEdges ? 1 + epsilonHigh : Infinity;
  const lowEdge = hasEdges ? 1 - epsilon : -Infinity;
  const capped = ratios.map((ratio) => (hasEdges && delta !== null ? Math.min(ratio, delta) : ratio));
  return {
    isLowClipped: capped.map((ratio) => ratio < lowEdge && advantage < 0),
    isHighClipped: capped.map((ratio) => ratio > highEdge && advantage > 0),
  };
}

function zeros(length: number): number[] {
  return Array<number>(length).fill(0);
}
