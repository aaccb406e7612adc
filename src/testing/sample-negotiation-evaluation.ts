/** A small evaluation of negotiations that is complete and hangs together, for tests of what shows and reads one. */
import { wilsonInterval } from '@/lib/proportions.ts';
import type {
  DialoguePiece,
  EvaluationPiece,
  NegotiationEvaluationReport,
  PairwisePiece,
  WinRateRow,
} from '@/protocol/negotiation-evaluation.ts';
import type { PairwiseAspect } from '@/protocol/negotiation-prompts.ts';
import type { Utterance } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';

/** Texts that the visitor or a model may have written. */
export interface SampleTexts {
  readonly adapter: string;
  readonly dilemma: string;
  readonly answer: string;
}

export const PLAIN_TEXTS: SampleTexts = {
  adapter: 'Pact',
  dilemma: 'Who waters the plants?',
  answer: 'We take turns.',
};

/** Base and one adapter on one dilemma, greedy, with two questions and a text. */
export function sampleEvaluation({ adapter, dilemma, answer }: SampleTexts = PLAIN_TEXTS): NegotiationEvaluationReport {
  const names = ['Base', adapter];
  const pieces: EvaluationPiece[] = [
    ...names.map((contestant) => dialogue(contestant, answer)),
    comparison(adapter, 'caAlignment', 'left'),
    comparison(adapter, 'conflictResolution', 'inconsistent'),
    ...names.map((contestant, index): EvaluationPiece => ({
      kind: 'ability',
      contestant,
      set: 'arithmetic',
      itemId: 'arithmetic-1',
      text: answer,
      extracted: index === 0 ? '4' : null,
      isCorrect: index === 0,
    })),
    ...names.map((contestant): EvaluationPiece => ({
      kind: 'perplexity',
      contestant,
      numTokens: 9,
      natsPerToken: 2,
    })),
  ];
  return {
    format: 'duet-negotiation-evaluation-1',
    createdAt: '2026-03-04T10:20:00.000Z',
    plan: {
      contestants: [
        { name: 'Base', adapterId: null, role: 'base' },
        { name: adapter, adapterId: 'a', role: 'multi' },
      ],
      dilemmas: [
        { id: 'plants', category: 'everyday', goal: 'Water the plants', prompt: dilemma, split: 'test', origin: 'own' },
      ],
      pairs: [
        { id: 'two', theme: 'Duty against rest', persona1: 'Do it.', persona2: 'Rest.', split: 'test', origin: 'own' },
      ],
      sets: ['conflict'],
      decodings: ['greedy'],
      repetitions: 1,
      settings: DEFAULT_NEGOTIATION,
      judge: 'this model, adapter off',
      pairwiseJudge: 'this model, adapter off',
      templates: {},
      ability: { sets: ['arithmetic'], itemsPerSet: 1, text: 'A text.' },
      seed: 1,
    },
    pieces,
    summary: {
      contestants: names.map((contestant, index) => ({
        contestant,
        set: 'conflict',
        decoding: 'greedy',
        count: 1,
        meanScore: { mean: 3 + index, sd: null, count: 1 },
        unreadable: 0,
        agreement: { value: 1, interval: wilsonInterval(1, 1) },
        rounds: { mean: 1, sd: null, count: 1 },
      })),
      winRates: [row(adapter, 'caAlignment', 1, 0), row(adapter, 'conflictResolution', 0, 1)],
      ability: names.map((contestant, index) => ({
        contestant,
        set: 'arithmetic',
        count: 1,
        correct: 1 - index,
        interval: wilsonInterval(1 - index, 1),
      })),
      perplexity: names.map((contestant) => ({ contestant, numTokens: 9, perplexity: Math.exp(2) })),
    },
    model: { name: 'Tiny', key: 'abc' },
    device: 'sample (software)',
  };
}

function utterance(kind: Utterance['kind'], role: Utterance['role'], text: string): Utterance {
  return {
    kind,
    role,
    turn: 1,
    promptIds: [1],
    tokenIds: [2],
    logProbs: [-0.5],
    text,
    stop: 'stopToken',
    isTruncated: false,
    origin: 'model',
  };
}

const where = { set: 'conflict', decoding: 'greedy', repetition: 0, dilemmaId: 'plants' } as const;

function dialogue(contestant: string, answer: string): DialoguePiece {
  return {
    kind: 'dialogue',
    contestant,
    ...where,
    pairId: 'two',
    record: {
      row: 0,
      branch: 0,
      utterances: [utterance('utterance', 'agent1', 'You do it.'), utterance('utterance', 'agent2', answer)],
      agreements: [{ state: 'judged', turn: 1, agreed: true, pYes: 0.8 }],
      outcome: 'agreed',
      completion: utterance('completion', 'agent1', answer),
      verdict: { state: 'scored', score: 3 },
    },
  };
}

function comparison(left: string, aspect: PairwiseAspect, winner: 'left' | 'inconsistent'): PairwisePiece {
  const answer = winner === 'left' ? 'B' : 'A';
  const answers = [
    { state: 'chosen', answer: 'A', pA: 0.7 },
    { state: 'chosen', answer },
  ] as const;
  return { kind: 'pairwise', left, right: 'Base', aspect, ...where, verdict: { winner, answers } };
}

function row(left: string, aspect: PairwiseAspect, wins: number, inconsistent: number): WinRateRow {
  return {
    left,
    right: 'Base',
    aspect,
    set: 'conflict',
    decoding: 'greedy',
    wins,
    losses: 0,
    inconsistent,
    unreadable: 0,
    winRate: wins === 0 ? null : 1,
    interval: wins === 0 ? null : wilsonInterval(wins, wins),
    perRepetition: wins === 0 ? null : { mean: 1, sd: null, count: 1 },
  };
}
