/** One token's term x of the loss, with its derivatives. Formulas: docs/maths/grpo.md. */
import { assertNever } from '@/lib/assert.ts';
import type { TrainingSettings } from '@/protocol/training.ts';

/** What a token's term is made of. */
export interface TokenInput {
  readonly logProb: number;
  /** ln rho: of the token, or of its whole row where the ratio is a sequence's. */
  readonly logRatio: number;
  readonly advantage: number;
  /** VESPO's phi of the row. */
  readonly gamma: number;
  /** Absent: no KL term. */
  readonly refLogProb?: number | undefined;
}

export interface TokenTerm {
  readonly value: number;
  /** d value / d ln rho. */
  readonly byLogRatio: number;
  /** d value / d ln p at fixed rho. */
  readonly byLogProb: number;
  /** k3 as it enters the loss, before beta; 0 without a reference. */
  readonly kl: number;
}

type PolicyTerm = Omit<TokenTerm, 'kl'>;

/** x = policy term + beta KL */
export function tokenTerm(input: TokenInput, settings: TrainingSettings): TokenTerm {
  const policy = policyTerm(input, settings);
  const { logProb, logRatio, refLogProb } = input;
  if (refLogProb === undefined) return { ...policy, kl: 0 };
  const difference = refLogProb - logProb;
  const ratio = settings.useBiasCorrectionKl ? Math.exp(logRatio) : 1;
  const kl = (Math.exp(difference) - difference - 1) * ratio;
  const { beta } = settings;
  return {
    value: policy.value + beta * kl,
    byLogRatio: policy.byLogRatio + (settings.useBiasCorrectionKl ? beta * kl : 0),
    byLogProb: policy.byLogProb + beta * ratio * (1 - Math.exp(difference)),
    kl,
  };
}

function policyTerm(input: TokenInput, settings: TrainingSettings): PolicyTerm {
  const { logProb, logRatio, advantage, gamma } = input;
  switch (settings.lossType) {
    case 'grpo':
    case 'bnpo':
    case 'dr_grpo':
    case 'dapo':
    case 'luspo':
      return clippedTerm(Math.exp(logRatio), advantage, settings);
    case 'cispo':
      return weightedLogProb(Math.min(Math.exp(logRatio), settings.epsilonHigh) * advantage, logProb);
    case 'vespo':
      return weightedLogProb(gamma * advantage, logProb);
    case 'sft':
      return weightedLogProb(1, logProb);
    case 'sapo':
      return gatedTerm(Math.exp(logRatio), advantage, settings);
    default:
      return assertNever(settings.lossType);
  }
}

/** x = -min( min(rho, delta) A, clamp(rho, 1 - epsilon, 1 + epsilonHigh) A ) */
function clippedTerm(ratio: number, advantage: number, settings: TrainingSettings): PolicyTerm {
  const capped = settings.delta === null ? ratio : Math.min(ratio, settings.delta);
  const clipped = Math.min(Math.max(ratio, 1 - settings.epsilon), 1 + settings.epsilonHigh);
  const chosen = capped * advantage <= clipped * advantage ? capped : clipped;
  return { value: -chosen * advantage, byLogRatio: chosen === ratio ? -ratio * advantage : 0, byLogProb: 0 };
}

/** x = -weight ln p, no gradient through the weight */
function weightedLogProb(weight: number, logProb: number): PolicyTerm {
  return { value: -weight * logProb, byLogRatio: 0, byLogProb: -weight };
}

/** x = -(4 / tau) sigmoid(tau (rho - 1)) A */
function gatedTerm(ratio: number, advantage: number, settings: TrainingSettings): PolicyTerm {
  const tau = advantage > 0 ? settings.sapoTemperaturePos : settings.sapoTemperatureNeg;
  const gate = 1 / (1 + Math.exp(-tau * (ratio - 1)));
  return {
    value: (-4 / tau) * gate * advantage,
    byLogRatio: -4 * gate * (1 - gate) * ratio * advantage,
    byLogProb: 0,
  };
}

/** TRL's defaults: shape and rate of the gamma weighting, by the sign of the advantage. */
const GAMMA_AT_GAIN = { shape: 2, rate: 3 };
const GAMMA_AT_LOSS = { shape: 3, rate: 2 };
const SMALLEST_LOG_RATIO = Math.log(1e-8);
const LARGEST_LOG_RATIO = 20;

/**
 * VESPO's weight of a row, 1 at ratio 1:
 *
 *   phi(w) = w^k exp(lambda (1 - w)),   ln w = sum_t ln rho_t
 *
 * @param logRatios  of the tokens that count
 */
export function gammaWeight(logRatios: readonly number[], advantage: number): number {
  const clamp = (value: number, low: number): number => Math.min(Math.max(value, low), LARGEST_LOG_RATIO);
  const sum = logRatios.reduce((total, logRatio) => total + clamp(logRatio, -LARGEST_LOG_RATIO), 0);
  const logRatio = clamp(sum, SMALLEST_LOG_RATIO);
  const { shape, rate } = advantage >= 0 ? GAMMA_AT_GAIN : GAMMA_AT_LOSS;
  return Math.exp(shape * logRatio + rate * (1 - Math.exp(logRatio)));
}
