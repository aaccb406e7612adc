/** The pieces of an evaluation in the order in which they are made. */
import { assertNever, at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type {
  AbilityPiece,
  Contestant,
  DialoguePiece,
  EvaluationPiece,
  NegotiationEvaluationPlan,
  PairwisePiece,
} from '@/protocol/negotiation-evaluation.ts';
import { gradeAnswer } from '../evaluation/grade-answer.ts';
import { itemsOf } from '../evaluation/items-of.ts';
import { aspectsOf, comparisonsOf, repetitionsOf } from './plan.ts';

interface Contest extends Pick<DialoguePiece, 'set' | 'decoding' | 'repetition'> {
  readonly dilemma: Dilemma;
  /** Null: nobody negotiates. */
  readonly pair: PersonaPair | null;
}

export interface DialogueJob extends Contest {
  readonly kind: 'dialogue';
  readonly contestant: Contestant;
}

export interface PairwiseJob extends Contest, Pick<PairwisePiece, 'left' | 'right' | 'aspect'> {
  readonly kind: 'pairwise';
}

export interface AbilityJob extends Pick<AbilityPiece, 'set'> {
  readonly kind: 'ability';
  readonly contestant: Contestant;
  readonly item: EvaluationItem;
}

export interface PerplexityJob {
  readonly kind: 'perplexity';
  readonly contestant: Contestant;
  readonly text: string;
}

/** A piece that is to be made. */
export type Job = DialogueJob | PairwiseJob | AbilityJob | PerplexityJob;

/**
 * By decoding, repetition, set and dilemma: first what every contestant says, then the comparisons; ability and perplexity
 * at the end. An evaluation that is ended early has heard all contestants on the same dilemmas.
 */
export function jobsOf(plan: NegotiationEvaluationPlan): readonly Job[] {
  return [...contestsOf(plan).flatMap((contest) => jobsOfContest(contest, plan)), ...abilityJobs(plan)];
}

function contestsOf(plan: NegotiationEvaluationPlan): Contest[] {
  const { decodings, sets, dilemmas, pairs } = plan;
  return decodings.flatMap((decoding) =>
    Array.from({ length: repetitionsOf(decoding, plan) }, (_, repetition) => repetition).flatMap((repetition) =>
      sets.flatMap((set) =>
        dilemmas.map((dilemma, index) => {
          const pair = set === 'conflict' ? at(pairs, index) : null;
          return { set, decoding, repetition, dilemma, pair };
        }),
      ),
    ),
  );
}

function jobsOfContest(contest: Contest, { contestants, pairwiseJudge }: NegotiationEvaluationPlan): Job[] {
  const dialogues = contestants.map((contestant) => ({ kind: 'dialogue' as const, contestant, ...contest }));
  if (pairwiseJudge === null) return dialogues;
  const comparisons = comparisonsOf(contestants).flatMap((sides) =>
    aspectsOf(contest.set).map((aspect) => ({ kind: 'pairwise' as const, ...sides, aspect, ...contest })),
  );
  return [...dialogues, ...comparisons];
}

function abilityJobs({ ability, contestants, seed }: NegotiationEvaluationPlan): Job[] {
  if (ability === null) return [];
  const { sets, itemsPerSet, text = '' } = ability;
  const items = sets.flatMap((set) =>
    itemsOf({ kind: 'builtIn', set, numItems: itemsPerSet, seed }).flatMap((item) =>
      contestants.map((contestant) => ({ kind: 'ability' as const, contestant, set, item })),
    ),
  );
  if (text === '') return items;
  return [...items, ...contestants.map((contestant) => ({ kind: 'perplexity' as const, contestant, text }))];
}

/** What is the same of a job and of the piece that comes of it, and of no other. */
export function keyOfJob(job: Job): string {
  switch (job.kind) {
    case 'dialogue':
      return JSON.stringify([job.kind, job.contestant.name, ...contestKey(job), job.dilemma.id, job.pair?.id ?? null]);
    case 'pairwise':
      return JSON.stringify([job.kind, job.left, job.right, job.aspect, ...contestKey(job), job.dilemma.id]);
    case 'ability':
      return JSON.stringify([job.kind, job.contestant.name, job.set, job.item.id]);
    case 'perplexity':
      return JSON.stringify([job.kind, job.contestant.name]);
    default:
      return assertNever(job);
  }
}

function keyOfPiece(piece: EvaluationPiece): string {
  switch (piece.kind) {
    case 'dialogue':
      return JSON.stringify([piece.kind, piece.contestant, ...contestKey(piece), piece.dilemmaId, piece.pairId]);
    case 'pairwise':
      return JSON.stringify([piece.kind, piece.left, piece.right, piece.aspect, ...contestKey(piece), piece.dilemmaId]);
    case 'ability':
      return JSON.stringify([piece.kind, piece.contestant, piece.set, piece.itemId]);
    case 'perplexity':
      return JSON.stringify([piece.kind, piece.contestant]);
    default:
      return assertNever(piece);
  }
}

function contestKey({ set, decoding, repetition }: Pick<DialoguePiece, 'set' | 'decoding' | 'repetition'>): unknown[] {
  return [set, decoding, repetition];
}

/** The key of what a side of a comparison said. */
export function keyOfSide(
  { kind: _kind, left: _left, right: _right, aspect: _aspect, ...contest }: PairwiseJob,
  contestant: Contestant,
): string {
  return keyOfJob({ ...contest, kind: 'dialogue', contestant });
}

/**
 * Pieces that there are already, by job. Answers to items are read and graded again.
 *
 * @throws {Failure} 'invalidConfig' if one belongs to no job of this plan, or is there twice
 */
export function piecesByJob(done: readonly EvaluationPiece[], jobs: readonly Job[]): Map<string, EvaluationPiece> {
  const byKey = new Map(jobs.map((job) => [keyOfJob(job), job]));
  const pieces = new Map<string, EvaluationPiece>();
  for (const [index, piece] of done.entries()) {
    const key = keyOfPiece(piece);
    const job = byKey.get(key);
    if (job === undefined || pieces.has(key)) {
      const fault = job === undefined ? 'belongs to no part of this evaluation' : 'is there twice';
      throw new Failure<FailureCode>(
        'invalidConfig',
        `evaluate: done.${index}: This piece ${fault}. Give the pieces of an evaluation with the same request.`,
      );
    }
    pieces.set(key, piece.kind === 'ability' && job.kind === 'ability' ? graded(piece, job) : piece);
  }
  return pieces;
}

function graded(piece: AbilityPiece, { item }: AbilityJob): AbilityPiece {
  return { ...piece, ...gradeAnswer(item, piece.text) };
}

const ASPECT_NAMES = { caAlignment: 'CA alignment', conflictResolution: 'conflict resolution' } as const;

/** For a line of progress. */
export function labelOf(job: Job): string {
  switch (job.kind) {
    case 'dialogue':
      return `${job.contestant.name}: ${job.dilemma.id}${drawOf(job)}`;
    case 'pairwise':
      return `${job.left} against ${job.right} (${ASPECT_NAMES[job.aspect]}): ${job.dilemma.id}${drawOf(job)}`;
    case 'ability':
      return `${job.contestant.name}: ${job.item.id}`;
    case 'perplexity':
      return `${job.contestant.name}: perplexity`;
    default:
      return assertNever(job);
  }
}

function drawOf({ set, decoding, repetition }: Contest): string {
  const asked = set === 'open' ? ', open question' : '';
  return `${asked}, ${decoding === 'greedy' ? decoding : `${decoding} ${repetition + 1}`}`;
}
