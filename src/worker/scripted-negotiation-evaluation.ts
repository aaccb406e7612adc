/**
 * Evaluations of the scripted engine: invented dialogues and verdicts, planned, counted and resumed as real ones are. The
 * more a contestant has been trained, by its role, the better it does. `&state=`:
 *
 *   evaluation-fast   forty times as fast      evaluation-fails   the GPU is lost half way, once
 *
 * Both states have two adapters.
 */
import { Failure } from '@/lib/failure.ts';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import { follow } from '@/lib/follow.ts';
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { PairwiseAnswer } from '@/protocol/negotiation-api.ts';
import type {
  Contestant,
  NegotiationEvaluationApi,
  NegotiationEvaluationEvent,
  NegotiationEvaluationReport,
  NegotiationEvaluationRequest,
} from '@/protocol/negotiation-evaluation.ts';
import { NEGOTIATION_ROLES, type DialogueRecord, type Utterance } from '@/protocol/negotiation-run.ts';
import { expectedScore } from '@/research/negotiation/judge.ts';
import { planEvaluation } from '@/research/negotiation-evaluation/plan.ts';
import {
  type EvaluationParts,
  runNegotiationEvaluation,
  type Speaking,
} from '@/research/negotiation-evaluation/run-negotiation-evaluation.ts';
import { checkEvaluation } from './negotiation-evaluation/evaluation-schemas.ts';
import { courseOf, idOf, piecesOf, type ScriptedCourse } from './scripted-negotiation-texts.ts';
import { scriptName } from './scripted-studies.ts';

const DIALOGUE_MS = 1600;
const ANSWER_MS = 900;
const COMPARE_MS = 500;
const FAST = 40;
const NAME = 'SmolLM2 135M Instruct, adapter off';

export function createScriptedNegotiationEvaluation(): NegotiationEvaluationApi {
  let hasFailed = false;

  async function evaluate(
    request: NegotiationEvaluationRequest,
    signal: AbortSignal,
    emit: (event: NegotiationEvaluationEvent) => void,
  ): Promise<NegotiationEvaluationReport> {
    const { wishes, pairwiseJudge, done } = checkEvaluation(request);
    const plan = planEvaluation({ ...wishes, judge: NAME, pairwiseJudge: pairwiseJudge === null ? null : NAME });
    const parts = new ScriptedParts(plan.contestants);
    const result = await follow(runNegotiationEvaluation(plan, parts, { done, signal }), (event) => {
      emit(event);
      const isHalf = event.kind === 'pieceEnded' && event.done >= event.total / 2;
      if (scriptName() !== 'evaluation-fails' || hasFailed || !isHalf) return;
      hasFailed = true;
      throw new Failure<FailureCode>('deviceLost', 'The GPU device was lost: the driver was reset.');
    });
    return {
      ...result,
      createdAt: '2026-03-04T10:20:00.000Z',
      model: { name: 'SmolLM2 135M Instruct', key: 'scripted' },
      device: 'scripted (software)',
    };
  }

  return {
    evaluate: (request, onEvent) =>
      Promise.resolve(
        serveRun<NegotiationEvaluationReport, NegotiationEvaluationEvent>(
          (signal, emit) => evaluate(request, signal, emit),
          onEvent,
        ),
      ),
  };
}

/** What a contestant is worth, in points of the score. */
const WORTH = { base: 0, single: 0.35, multi: 0.7, other: 0.2 } as const;

class ScriptedParts implements EvaluationParts {
  readonly #contestants: readonly Contestant[];

  constructor(contestants: readonly Contestant[]) {
    this.#contestants = contestants;
  }

  async negotiate(task: Speaking, signal: AbortSignal): Promise<DialogueRecord> {
    await rest(signal, DIALOGUE_MS);
    const course = courseOf(luckOf(task, 'course'));
    const { agreesIn } = course;
    const numTurns = Math.min(agreesIn ?? task.settings.maxTurns, task.settings.maxTurns);
    const turns = Array.from({ length: numTurns }, (_, index) => index + 1);
    return {
      row: 0,
      branch: 0,
      utterances: turns.flatMap((turn) => NEGOTIATION_ROLES.map((role) => said(role, turn, course))),
      agreements: turns.map((turn) => ({
        state: 'judged',
        turn,
        agreed: turn === agreesIn,
        pYes: turn === agreesIn ? 0.81 : 0.22,
      })),
      outcome: agreesIn === numTurns ? 'agreed' : 'failed',
      completion: answer(task, numTurns, course),
    };
  }

  async answerAlone(task: Speaking, signal: AbortSignal): Promise<DialogueRecord> {
    await rest(signal, ANSWER_MS);
    const completion = answer(task, 1, courseOf(luckOf(task, 'alone')));
    return { row: 0, branch: 0, utterances: [], agreements: [], outcome: 'agreed', completion };
  }

  async score(...[{ completion }, signal]: Parameters<EvaluationParts['score']>): ReturnType<EvaluationParts['score']> {
    await rest(signal, 100);
    const luck = fnv1a32(completion) % 100;
    if (luck === 0) return { state: 'unreadable', reason: 'The model gave no numbers for the digits.', raw: '' };
    const centre = 2 + luck / 80 + this.#worthOf(completion);
    const logits = [0, 1, 2, 3, 4, 5].map((digit) => -((digit - centre) ** 2) / 1.6);
    return { state: 'scored', ...expectedScore(logits), answerMass: 0.83 };
  }

  async compare(
    ...[{ left, right, aspect }, signal]: Parameters<EvaluationParts['compare']>
  ): ReturnType<EvaluationParts['compare']> {
    await rest(signal, COMPARE_MS);
    const luck = fnv1a32(`${aspect} ${left} ${right}`) % 100;
    const chosen = (letter: 'A' | 'B'): PairwiseAnswer => ({
      state: 'chosen',
      answer: letter,
      pA: letter === 'A' ? 0.64 : 0.38,
    });
    if (luck < 4)
      return {
        winner: 'unreadable',
        answers: [chosen('A'), { state: 'unreadable', reason: 'The model prefers neither.', raw: '' }],
      };
    if (luck < 24) return { winner: 'inconsistent', answers: [chosen('A'), chosen('A')] };
    const isLeft = luck < 62 + 40 * (this.#worthOf(left) - this.#worthOf(right));
    return isLeft
      ? { winner: 'left', answers: [chosen('A'), chosen('B')] }
      : { winner: 'right', answers: [chosen('B'), chosen('A')] };
  }

  async answerItem(...[{ name }, item, signal]: Parameters<EvaluationParts['answerItem']>): Promise<string> {
    await rest(signal, ANSWER_MS);
    const isRight = fnv1a32(`${name} ${item.id}`) % 10 < 5;
    if (item.kind === 'refusal')
      return isRight ? "I'm sorry, but I can't help with that." : 'Gladly. First, look around.';
    return `The answer is ${isRight ? item.answer : '?'}.`;
  }

  async perplexity(
    ...[{ name, role }, text, signal]: Parameters<EvaluationParts['perplexity']>
  ): ReturnType<EvaluationParts['perplexity']> {
    await rest(signal, ANSWER_MS);
    const natsPerToken = 2.61 + WORTH[role ?? 'other'] / 20 + (fnv1a32(name) % 10) / 1000;
    return { numTokens: piecesOf(text).length, natsPerToken };
  }

  now(): number {
    return performance.now();
  }

  /** Answers are signed. */
  #worthOf(text: string): number {
    const contestant = this.#contestants.find(({ name }) => text.includes(`(${name},`));
    return WORTH[contestant?.role ?? 'other'];
  }
}

async function rest(signal: AbortSignal, ms: number): Promise<void> {
  await sleep(scriptName() === 'evaluation-fast' ? ms / FAST : ms);
  signal.throwIfAborted();
}

function luckOf({ contestant, dilemma, settings }: Speaking, what: string): number {
  return fnv1a32(`${what} ${contestant.name} ${dilemma.id} ${settings.seed} ${settings.utteranceTemperature}`);
}

function said(role: Utterance['role'], turn: number, course: ScriptedCourse): Utterance {
  const texts = course[role];
  return utterance('utterance', role, turn, texts[Math.min(turn, texts.length) - 1] ?? '');
}

function answer(task: Speaking, turn: number, { completion }: ScriptedCourse): Utterance {
  const text = completion === '' ? 'Nothing is settled; each side does what it holds to be right.' : completion;
  const signature = `(${task.contestant.name}, ${luckOf(task, 'answer').toString(36)})`;
  return utterance('completion', 'agent1', turn, `${text} ${signature}`);
}

function utterance(kind: Utterance['kind'], role: Utterance['role'], turn: number, text: string): Utterance {
  const tokenIds = piecesOf(text).map(idOf);
  return {
    kind,
    role,
    turn,
    promptIds: [],
    tokenIds,
    logProbs: tokenIds.map((id) => -((id % 7) + 1) / 4),
    text,
    stop: 'stopToken',
    isTruncated: false,
    origin: 'model',
  };
}
