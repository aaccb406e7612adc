/** An evaluation from its plan to its tables, one piece after the other. */
import { assertNever, at } from '@/lib/assert.ts';
import { answerOf, type JudgedAnswer, type PairwiseVerdict } from '@/protocol/negotiation-api.ts';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import type {
  Contestant,
  DialoguePiece,
  EvaluationPiece,
  NegotiationEvaluationEvent,
  NegotiationEvaluationPlan,
  NegotiationEvaluationReport,
  PerplexityPiece,
} from '@/protocol/negotiation-evaluation.ts';
import { type Dilemma, NO_PAIR, type PersonaPair } from '@/protocol/negotiation.ts';
import type { DialogueRecord, JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { gradeAnswer } from '../evaluation/grade-answer.ts';
import type { PairwiseQuestion } from '../negotiation/pairwise.ts';
import {
  type DialogueJob,
  type Job,
  jobsOf,
  keyOfJob,
  keyOfSide,
  labelOf,
  type PairwiseJob,
  piecesByJob,
} from './jobs.ts';
import { settingsOf } from './plan.ts';
import { summariseEvaluation } from './summary.ts';

/** Who speaks, and with what. The contestant's adapter is for the implementation to attach. */
export interface Speaking {
  readonly contestant: Contestant;
  readonly dilemma: Dilemma;
  readonly settings: NegotiationSettings;
}

/** What an evaluation lets others do. Each may be stopped by the signal. */
export interface EvaluationParts {
  /** A dialogue of one row, with its answer. */
  negotiate(task: Speaking & { readonly pair: PersonaPair }, signal: AbortSignal): Promise<DialogueRecord>;
  /** The answer to an open question, as a dialogue without utterances. */
  answerAlone(task: Speaking, signal: AbortSignal): Promise<DialogueRecord>;
  score(answer: JudgedAnswer, signal: AbortSignal): Promise<JudgeVerdict>;
  compare(question: PairwiseQuestion, signal: AbortSignal): Promise<PairwiseVerdict>;
  /** The contestant's text. */
  answerItem(contestant: Contestant, item: EvaluationItem, signal: AbortSignal): Promise<string>;
  perplexity(
    contestant: Contestant,
    text: string,
    signal: AbortSignal,
  ): Promise<Pick<PerplexityPiece, 'numTokens' | 'natsPerToken'>>;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
}

export interface EvaluationOptions {
  /** Pieces of an evaluation that was interrupted; they are not made again. */
  readonly done?: readonly EvaluationPiece[];
  readonly signal: AbortSignal;
}

/** Where and when it was made is for the caller to add. */
export type EvaluationResult = Pick<NegotiationEvaluationReport, 'format' | 'plan' | 'pieces' | 'summary'>;

/**
 * Pieces are in the order of the plan, those of `done` in their places: what comes out does not depend on where an
 * evaluation was interrupted.
 *
 * @throws {Failure} 'invalidConfig' if a piece of `done` belongs to no part of the plan, or is there twice
 * @throws {DOMException} 'AbortError' once the signal has fired; of what was being made there is no piece
 * @throws whatever the parts throw
 */
export async function* runNegotiationEvaluation(
  plan: NegotiationEvaluationPlan,
  parts: EvaluationParts,
  { done = [], signal }: EvaluationOptions,
): AsyncGenerator<NegotiationEvaluationEvent, EvaluationResult> {
  const jobs = jobsOf(plan);
  const made = piecesByJob(done, jobs);
  const pieces = (): EvaluationPiece[] => jobs.flatMap((job) => made.get(keyOfJob(job)) ?? []);
  const pace = new Pace();
  const total = jobs.length;
  yield { kind: 'started', total, done: made.size };
  for (const [index, job] of jobs.entries()) {
    if (made.has(keyOfJob(job))) continue;
    signal.throwIfAborted();
    yield { kind: 'pieceStarted', what: { kind: job.kind, label: labelOf(job) } };
    const begun = parts.now();
    const piece = await makePiece(job, plan, parts, made, signal);
    pace.add(job, parts.now() - begun);
    made.set(keyOfJob(job), piece);
    yield {
      kind: 'pieceEnded',
      piece,
      summary: summariseEvaluation(plan, pieces()),
      done: made.size,
      total,
      secondsLeft: pace.secondsOf(jobs.slice(index + 1).filter((other) => !made.has(keyOfJob(other)))),
    };
  }
  return {
    format: 'duet-negotiation-evaluation-1',
    plan,
    pieces: pieces(),
    summary: summariseEvaluation(plan, pieces()),
  };
}

async function makePiece(
  job: Job,
  plan: NegotiationEvaluationPlan,
  parts: EvaluationParts,
  made: ReadonlyMap<string, EvaluationPiece>,
  signal: AbortSignal,
): Promise<EvaluationPiece> {
  switch (job.kind) {
    case 'dialogue':
      return dialogueOf(job, plan, parts, signal);
    case 'pairwise': {
      const { left, right, aspect, set, decoding, repetition } = job;
      const verdict = await parts.compare(questionOf(job, plan, made), signal);
      const dilemmaId = job.dilemma.id;
      return { kind: 'pairwise', left, right, aspect, set, decoding, repetition, dilemmaId, verdict };
    }
    case 'ability': {
      const { contestant, set, item } = job;
      const text = await parts.answerItem(contestant, item, signal);
      const grade = gradeAnswer(item, text);
      return { kind: 'ability', contestant: contestant.name, set, itemId: item.id, text, ...grade };
    }
    case 'perplexity': {
      const { numTokens, natsPerToken } = await parts.perplexity(job.contestant, job.text, signal);
      return { kind: 'perplexity', contestant: job.contestant.name, numTokens, natsPerToken };
    }
    default:
      return assertNever(job);
  }
}

async function dialogueOf(
  job: DialogueJob,
  plan: NegotiationEvaluationPlan,
  parts: EvaluationParts,
  signal: AbortSignal,
): Promise<DialoguePiece> {
  const { contestant, set, decoding, repetition, dilemma, pair } = job;
  const task = { contestant, dilemma, settings: settingsOf(plan, job) };
  const record = await (pair === null ? parts.answerAlone(task, signal) : parts.negotiate({ ...task, pair }, signal));
  // A dialogue that was stopped has a record too, and is none of this evaluation's.
  signal.throwIfAborted();
  const answer = answerOf({ dilemma, pair: pair ?? NO_PAIR }, record);
  if (answer === undefined) throw new RangeError('A dialogue of an evaluation has no answer.');
  const verdict = await parts.score(answer, signal);
  return {
    kind: 'dialogue',
    contestant: contestant.name,
    set,
    decoding,
    repetition,
    dilemmaId: dilemma.id,
    pairId: pair?.id ?? null,
    record: { ...record, verdict },
  };
}

function questionOf(
  job: PairwiseJob,
  { contestants }: NegotiationEvaluationPlan,
  made: ReadonlyMap<string, EvaluationPiece>,
): PairwiseQuestion {
  const { aspect, dilemma, pair } = job;
  const textOf = (name: string): string => {
    const contestant = at(
      contestants.filter((other) => other.name === name),
      0,
    );
    const piece = made.get(keyOfSide(job, contestant));
    return piece?.kind === 'dialogue' ? (piece.record.completion?.text ?? '') : '';
  };
  return {
    aspect,
    dilemma: dilemma.prompt,
    ...(pair !== null && { persona1: pair.persona1, persona2: pair.persona2 }),
    left: textOf(job.left),
    right: textOf(job.right),
  };
}

/** How long the rest takes, by what pieces of its kind took in this run. */
class Pace {
  readonly #times = new Map<string, { ms: number; count: number }>();

  add(job: Job, ms: number): void {
    for (const key of [kindOf(job), '']) {
      const time = this.#times.get(key) ?? { ms: 0, count: 0 };
      this.#times.set(key, { ms: time.ms + ms, count: time.count + 1 });
    }
  }

  /** A kind of which none was made yet counts as long as the mean of the others. @returns null while none was made */
  secondsOf(jobs: readonly Job[]): number | null {
    const overall = this.#times.get('');
    if (overall === undefined) return null;
    const ms = jobs.reduce((sum, job) => {
      const time = this.#times.get(kindOf(job)) ?? overall;
      return sum + time.ms / time.count;
    }, 0);
    return ms / 1000;
  }
}

function kindOf(job: Job): string {
  return 'set' in job ? `${job.kind} ${job.set}` : job.kind;
}
