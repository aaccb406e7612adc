import { csvText } from '@/lib/write-csv.ts';
import type {
  ContestantRow,
  EvaluationPiece,
  NegotiationEvaluationReport,
  WinRateRow,
} from '@/protocol/negotiation-evaluation.ts';
import {
  findPaperWinRate,
  PAPER_ROUNDS,
  PAPER_WIN_RATES,
  type PaperWinRate,
} from '@/protocol/negotiation-paper-evaluation.ts';
import { contestPairs, orderedWinRates } from './win-rates.ts';

type Cell = string | number | null;

interface Line {
  readonly measure: string;
  readonly left: string;
  readonly right?: string;
  readonly set?: string;
  readonly decoding?: string;
  readonly value: number | null;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly count?: number;
  readonly wins?: number;
  readonly losses?: number;
  readonly inconsistent?: number;
  readonly unreadable?: number;
  readonly mean?: number | undefined;
  readonly sd?: number | null | undefined;
  readonly repetitions?: number | undefined;
  readonly paper?: number | undefined;
  readonly paperSd?: number | undefined;
}

const COLUMNS: readonly (readonly [head: string, key: keyof Line])[] = [
  ['measure', 'measure'],
  ['left', 'left'],
  ['right', 'right'],
  ['set', 'set'],
  ['decoding', 'decoding'],
  ['value', 'value'],
  ['low', 'low'],
  ['high', 'high'],
  ['count', 'count'],
  ['wins', 'wins'],
  ['losses', 'losses'],
  ['inconsistent', 'inconsistent'],
  ['unreadable', 'unreadable'],
  ['mean_over_repetitions', 'mean'],
  ['sd_over_repetitions', 'sd'],
  ['repetitions', 'repetitions'],
  ['paper', 'paper'],
  ['paper_sd', 'paperSd'],
];

/** One line per number of the tables: what was measured, its interval, and the paper's where it has one. */
export function tablesCsv({ plan, summary }: NegotiationEvaluationReport): string {
  const compared = orderedWinRates(summary.winRates, plan.contestants);
  const lines: Line[] = [
    ...compared.map(({ pair, row }) => winRateLine(row, pair.paper)),
    ...paperOnly(plan.contestants, compared).map(paperLine),
    ...summary.contestants.flatMap((row) => contestantLines(row, plan.contestants)),
    ...summary.ability.map(({ contestant, set, count, correct, interval }): Line => ({
      measure: 'accuracy',
      left: contestant,
      set,
      value: count === 0 ? null : correct / count,
      low: interval?.low,
      high: interval?.high,
      count,
      wins: correct,
    })),
    ...summary.perplexity.map(({ contestant, numTokens, perplexity }): Line => ({
      measure: 'perplexity',
      left: contestant,
      value: perplexity,
      count: numTokens,
    })),
  ];
  return csvText([COLUMNS.map(([head]) => head), ...lines.map((line) => COLUMNS.map(([, key]) => line[key] ?? null))]);
}

type Compared = ReturnType<typeof orderedWinRates>;

function winRateLine(row: WinRateRow, pair: Compared[number]['pair']['paper']): Line {
  const { left, right, aspect, set, decoding, wins, losses, inconsistent, unreadable } = row;
  const paper = pair === null ? undefined : findPaperWinRate({ left: pair[0], right: pair[1], aspect, set, decoding });
  return {
    measure: `win rate, ${aspect}`,
    left,
    right,
    set,
    decoding,
    value: row.winRate,
    low: row.interval?.low,
    high: row.interval?.high,
    count: wins + losses,
    wins,
    losses,
    inconsistent,
    unreadable,
    mean: row.perRepetition?.mean,
    sd: row.perRepetition?.sd,
    repetitions: row.perRepetition?.count,
    paper: paper?.mean,
    paperSd: paper?.sd,
  };
}

/** What the paper compared, and this evaluation did not. */
function paperOnly(
  contestants: NegotiationEvaluationReport['plan']['contestants'],
  compared: Compared,
): readonly PaperWinRate[] {
  const pairs = contestPairs(contestants);
  return PAPER_WIN_RATES.filter(({ left, right, aspect, set, decoding }) => {
    const pair = pairs.find(({ paper }) => paper?.[0] === left && paper[1] === right);
    return !compared.some(
      ({ row }) => row.left === pair?.left && row.right === pair.right && isSameCell(row, aspect, set, decoding),
    );
  });
}

function isSameCell(row: WinRateRow, aspect: string, set: string, decoding: string): boolean {
  return row.aspect === aspect && row.set === set && row.decoding === decoding;
}

function paperLine({ left, right, aspect, set, decoding, mean, sd }: PaperWinRate): Line {
  return { measure: `win rate, ${aspect}`, left, right, set, decoding, value: null, paper: mean, paperSd: sd };
}

function contestantLines(
  row: ContestantRow,
  contestants: NegotiationEvaluationReport['plan']['contestants'],
): readonly Line[] {
  const { contestant: left, set, decoding, count, meanScore, unreadable, agreement, rounds } = row;
  const common = { left, set, decoding };
  const role = contestants.find(({ name }) => name === left)?.role;
  return [
    {
      ...common,
      measure: 'mean CA',
      value: meanScore?.mean ?? null,
      sd: meanScore?.sd,
      repetitions: meanScore?.count,
      count,
      unreadable,
    },
    ...(agreement === null
      ? []
      : [
          {
            ...common,
            measure: 'agreement',
            value: agreement.value,
            low: agreement.interval.low,
            high: agreement.interval.high,
            count,
          },
          {
            ...common,
            measure: 'rounds',
            value: rounds?.mean ?? null,
            sd: rounds?.sd,
            repetitions: rounds?.count,
            paper: role == null ? undefined : PAPER_ROUNDS[role][decoding],
          },
        ]),
  ];
}

const PIECE_HEAD = [
  'kind',
  'left',
  'right',
  'aspect',
  'set',
  'decoding',
  'repetition',
  'dilemma',
  'pair',
  'outcome',
  'turns',
  'score',
  'winner',
  'left_read_first',
  'right_read_first',
  'item',
  'extracted',
  'correct',
  'tokens',
  'nats_per_token',
  'text',
] as const;

type PieceLine = Readonly<Partial<Record<(typeof PIECE_HEAD)[number], Cell>>>;

/** One line per dialogue, comparison, question and text. */
export function piecesCsv({ pieces }: NegotiationEvaluationReport): string {
  const lines = pieces.map(pieceLine);
  return csvText([PIECE_HEAD, ...lines.map((line) => PIECE_HEAD.map((column) => line[column] ?? null))]);
}

function pieceLine(piece: EvaluationPiece): PieceLine {
  switch (piece.kind) {
    case 'dialogue':
      return dialogueLine(piece);
    case 'pairwise': {
      const { kind, left, right, aspect, set, decoding, repetition, dilemmaId, verdict } = piece;
      const [first, second] = verdict.answers.map((answer) =>
        answer.state === 'chosen' ? answer.answer : `not read: ${answer.reason}`,
      );
      return {
        kind,
        left,
        right,
        aspect,
        set,
        decoding,
        repetition,
        dilemma: dilemmaId,
        winner: verdict.winner,
        left_read_first: first ?? null,
        right_read_first: second ?? null,
      };
    }
    case 'ability': {
      const { kind, contestant, set, itemId, extracted, isCorrect, text } = piece;
      return { kind, left: contestant, set, item: itemId, extracted, correct: String(isCorrect), text };
    }
    case 'perplexity': {
      const { kind, contestant, numTokens, natsPerToken } = piece;
      return { kind, left: contestant, tokens: numTokens, nats_per_token: natsPerToken };
    }
    default:
      return piece satisfies never;
  }
}

function dialogueLine(piece: Extract<EvaluationPiece, { kind: 'dialogue' }>): PieceLine {
  const { kind, contestant, set, decoding, repetition, dilemmaId, pairId, record } = piece;
  const { outcome, utterances, verdict, completion } = record;
  return {
    kind,
    left: contestant,
    set,
    decoding,
    repetition,
    pair: pairId,
    dilemma: dilemmaId,
    outcome: set === 'conflict' ? outcome : null,
    turns: utterances.at(-1)?.turn ?? null,
    score: verdict?.state === 'scored' ? verdict.score : null,
    text: completion?.text ?? null,
  };
}
