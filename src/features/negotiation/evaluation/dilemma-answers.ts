/** What was answered to each dilemma, and what the judge said of it: side by side. */
import type { DialoguePiece, NegotiationEvaluationReport, PairwisePiece } from '@/protocol/negotiation-evaluation.ts';
import type { PairwiseAnswer } from '@/protocol/negotiation-api.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { ASPECT_NAMES, SET_NAMES } from './win-rates.ts';

/** One set under one decoding in one repetition. */
export interface AnswerRun {
  readonly key: string;
  readonly name: string;
  readonly pair: PersonaPair | null;
  /** In the contestants' order. */
  readonly answers: readonly DialoguePiece[];
  readonly verdicts: readonly PairwisePiece[];
}

export interface DilemmaAnswers {
  readonly dilemma: Dilemma;
  readonly runs: readonly AnswerRun[];
}

type Answered = Pick<NegotiationEvaluationReport, 'plan' | 'pieces'>;

/** In the plan's order; dilemmas without an answer yet are left out. */
export function dilemmaAnswers({ plan, pieces }: Answered): readonly DilemmaAnswers[] {
  const dialogues = pieces.filter((piece) => piece.kind === 'dialogue');
  const pairwise = pieces.filter((piece) => piece.kind === 'pairwise');
  const order = new Map(plan.contestants.map(({ name }, index) => [name, index]));
  return plan.dilemmas.flatMap((dilemma) => {
    const answered = dialogues.filter(({ dilemmaId }) => dilemmaId === dilemma.id);
    if (answered.length === 0) return [];
    const judged = pairwise.filter(({ dilemmaId }) => dilemmaId === dilemma.id);
    const runs = [...new Set(answered.map(runKey))].toSorted().map((key): AnswerRun => {
      const answers = answered.filter((piece) => runKey(piece) === key);
      const [first] = answers;
      return {
        key,
        name: runName(first),
        pair: plan.pairs.find(({ id }) => id === first?.pairId) ?? null,
        answers: answers.toSorted((a, b) => (order.get(a.contestant) ?? 0) - (order.get(b.contestant) ?? 0)),
        verdicts: judged.filter((piece) => runKey(piece) === key),
      };
    });
    return [{ dilemma, runs }];
  });
}

type Run = Pick<DialoguePiece, 'set' | 'decoding' | 'repetition'>;

function runKey({ set, decoding, repetition }: Run): string {
  return `${set} ${decoding} ${String(repetition).padStart(4, '0')}`;
}

function runName(run: Run | undefined): string {
  if (run === undefined) return '';
  const repetition = run.decoding === 'sampling' ? `, run ${run.repetition + 1}` : '';
  return `${run.set === 'conflict' ? 'Negotiated' : 'Answered alone'} (${SET_NAMES[run.set]}), ${run.decoding}${repetition}`;
}

/** How a dialogue ended, and what its answer is worth. */
export function outcomeText({ set, record }: DialoguePiece): string {
  const score =
    record.verdict === undefined
      ? ''
      : record.verdict.state === 'scored'
        ? `CA ${record.verdict.score.toFixed(1)}`
        : 'score not read';
  if (set === 'open') return score;
  const turn = record.utterances.at(-1)?.turn ?? 0;
  const end = { agreed: `agreed in turn ${turn}`, failed: `no agreement in ${turn} turns`, stopped: 'stopped' };
  return [end[record.outcome], score].filter(Boolean).join(', ');
}

export interface VerdictText {
  readonly aspect: string;
  readonly pair: string;
  readonly result: string;
  readonly isCounted: boolean;
  /** The left answer first, then the right one. */
  readonly orders: readonly [string, string];
}

export function verdictText({ left, right, aspect, verdict }: PairwisePiece): VerdictText {
  const [first, second] = verdict.answers;
  return {
    aspect: ASPECT_NAMES[aspect],
    pair: `${left} against ${right}`,
    result: resultText(verdict.winner, left, right),
    isCounted: verdict.winner === 'left' || verdict.winner === 'right',
    orders: [
      `${left} read first: ${chosen(first, left, right)}`,
      `${right} read first: ${chosen(second, right, left)}`,
    ],
  };
}

function resultText(winner: PairwisePiece['verdict']['winner'], left: string, right: string): string {
  const results = {
    left: `${left} won`,
    right: `${right} won`,
    inconsistent: 'dropped, the place decided',
    unreadable: 'dropped, not read',
  };
  return results[winner];
}

function chosen(answer: PairwiseAnswer, a: string, b: string): string {
  if (answer.state === 'unreadable') return `not read. ${answer.reason}`;
  const probability = answer.pA === undefined ? '' : `, p(first) ${answer.pA.toFixed(2)}`;
  return `chose ${answer.answer === 'A' ? a : b}${probability}`;
}
