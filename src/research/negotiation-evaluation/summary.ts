/** Pieces as tables. What is not there yet leaves a row without numbers, so a table keeps its shape while it fills. */
import { wilsonInterval } from '@/lib/proportions.ts';
import type {
  AbilityPiece,
  AbilityRow,
  ContestantRow,
  DialoguePiece,
  EvaluationPiece,
  NegotiationEvaluationPlan,
  NegotiationEvaluationSummary,
  PairwisePiece,
  Repeated,
  WinRateRow,
} from '@/protocol/negotiation-evaluation.ts';
import { summarisePairs } from '../negotiation/pairwise.ts';
import { aspectsOf, comparisonsOf } from './plan.ts';

export type SummaryPlan = Pick<
  NegotiationEvaluationPlan,
  'contestants' | 'sets' | 'decodings' | 'pairwiseJudge' | 'ability'
>;

/** @param pieces  each at most once */
export function summariseEvaluation(
  plan: SummaryPlan,
  pieces: readonly EvaluationPiece[],
): NegotiationEvaluationSummary {
  const contests = plan.decodings.flatMap((decoding) => plan.sets.map((set) => ({ set, decoding })));
  const dialogues = pieces.filter((piece) => piece.kind === 'dialogue');
  const comparisons = pieces.filter((piece) => piece.kind === 'pairwise');
  const answers = pieces.filter((piece) => piece.kind === 'ability');
  const isOf = (
    piece: Pick<DialoguePiece, 'set' | 'decoding'>,
    { set, decoding }: Pick<DialoguePiece, 'set' | 'decoding'>,
  ): boolean => piece.set === set && piece.decoding === decoding;
  return {
    contestants: contests.flatMap((contest) =>
      plan.contestants.map(({ name }) =>
        contestantRow(
          { contestant: name, ...contest },
          dialogues.filter((piece) => piece.contestant === name && isOf(piece, contest)),
        ),
      ),
    ),
    winRates: contests.flatMap((contest) =>
      (plan.pairwiseJudge === null ? [] : aspectsOf(contest.set)).flatMap((aspect) =>
        comparisonsOf(plan.contestants).map(({ left, right }) =>
          winRateRow(
            { left, right, aspect, ...contest },
            comparisons.filter(
              (piece) =>
                piece.left === left && piece.right === right && piece.aspect === aspect && isOf(piece, contest),
            ),
          ),
        ),
      ),
    ),
    ability: (plan.ability?.sets ?? []).flatMap((set) =>
      plan.contestants.map(({ name }) =>
        abilityRow(
          { contestant: name, set },
          answers.filter((piece) => piece.contestant === name && piece.set === set),
        ),
      ),
    ),
    perplexity: plan.contestants.flatMap(({ name }) =>
      pieces.flatMap((piece) => {
        if (piece.kind !== 'perplexity' || piece.contestant !== name) return [];
        const { numTokens, natsPerToken } = piece;
        return [{ contestant: name, numTokens, perplexity: Math.exp(natsPerToken) }];
      }),
    ),
  };
}

/** An answer that was written without agreement has a score too. */
export function contestantRow(
  of: Pick<ContestantRow, 'contestant' | 'set' | 'decoding'>,
  pieces: readonly DialoguePiece[],
): ContestantRow {
  const count = pieces.length;
  const scores = pieces.map(({ repetition, record: { verdict } }) => ({
    repetition,
    value: verdict?.state === 'scored' ? verdict.score : null,
  }));
  const agreed = pieces.filter(({ record }) => record.outcome === 'agreed');
  const isNegotiated = of.set === 'conflict';
  const rounds = agreed.map(({ repetition, record }) => ({ repetition, value: record.agreements.length }));
  return {
    ...of,
    count,
    meanScore: repeatedMean(scores),
    unreadable: scores.filter(({ value }) => value === null).length,
    agreement:
      isNegotiated && count > 0
        ? { value: agreed.length / count, interval: wilsonInterval(agreed.length, count) }
        : null,
    rounds: isNegotiated ? repeatedMean(rounds) : null,
  };
}

/**
 * Only comparisons that one side won in both places count:
 *
 *   winRate = wins / (wins + losses)
 */
export function winRateRow(
  of: Pick<WinRateRow, 'left' | 'right' | 'aspect' | 'set' | 'decoding'>,
  pieces: readonly Pick<PairwisePiece, 'repetition' | 'verdict'>[],
): WinRateRow {
  const rates = byRepetition(pieces).map((own) => summarisePairs(own.map(({ verdict }) => verdict)).winRate);
  return {
    ...of,
    ...summarisePairs(pieces.map(({ verdict }) => verdict)),
    perRepetition: repeated(rates.filter((rate) => rate !== null)),
  };
}

function abilityRow(of: Pick<AbilityRow, 'contestant' | 'set'>, pieces: readonly AbilityPiece[]): AbilityRow {
  const count = pieces.length;
  const correct = pieces.filter(({ isCorrect }) => isCorrect).length;
  return { ...of, count, correct, interval: count === 0 ? null : wilsonInterval(correct, count) };
}

/** Of the means of each repetition; repetitions without a value are none. */
function repeatedMean(
  values: readonly { readonly repetition: number; readonly value: number | null }[],
): Repeated | null {
  const known = values.flatMap(({ repetition, value }) => (value === null ? [] : [{ repetition, value }]));
  return repeated(byRepetition(known).map((own) => meanOf(own.map(({ value }) => value))));
}

/** Mean and standard deviation (ddof 1) over repetitions; null for none. */
export function repeated(values: readonly number[]): Repeated | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: count === 1 ? null : Math.sqrt(squares / (count - 1)), count };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function byRepetition<Piece extends { readonly repetition: number }>(
  pieces: readonly Piece[],
): readonly (readonly Piece[])[] {
  const numbers = new Set(pieces.map(({ repetition }) => repetition));
  return [...numbers].map((number) => pieces.filter(({ repetition }) => repetition === number));
}
