/** A small evaluation, and parts that answer at once. */
import type { Contestant, EvaluationPiece, NegotiationEvaluationPlan } from '@/protocol/negotiation-evaluation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import type { DialogueRecord, Utterance } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import type { EvaluationParts } from '@/research/negotiation-evaluation/run-negotiation-evaluation.ts';

export const HELD_OUT = DILEMMAS.filter(({ split }) => split === 'test');
export const OUR_PAIRS = PERSONA_PAIRS.filter(({ split }) => split === 'test');

const BASE: Contestant = { name: 'base', adapterId: null, role: 'base' };
const TUNED: Contestant = { name: 'tuned', adapterId: 'adapter-1', role: 'multi' };

/** Two contestants and two dilemmas, greedy. */
export function evaluationPlan(): NegotiationEvaluationPlan {
  return {
    contestants: [BASE, TUNED],
    dilemmas: HELD_OUT.slice(0, 2),
    pairs: OUR_PAIRS.slice(0, 2),
    sets: ['conflict'],
    decodings: ['greedy'],
    repetitions: 1,
    settings: DEFAULT_NEGOTIATION,
    judge: 'fake judge',
    pairwiseJudge: 'fake judge',
    templates: {},
    ability: null,
    seed: 7,
  };
}

function completion(text: string): Utterance {
  return {
    kind: 'completion',
    role: 'agent1',
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

/** A dialogue that agrees in the given turn, or fails in its only one. */
export function dialogue(text: string, agreedIn: number | null): DialogueRecord {
  const turns = agreedIn ?? 1;
  return {
    row: 0,
    branch: 0,
    utterances: [],
    agreements: Array.from({ length: turns }, (_, index) => ({
      state: 'judged',
      turn: index + 1,
      agreed: index + 1 === agreedIn,
    })),
    outcome: agreedIn === null ? 'failed' : 'agreed',
    completion: completion(text),
  };
}

/** Longer answers are better; every call takes a second. Calls are written down. */
export class FakeParts implements EvaluationParts {
  readonly calls: string[] = [];
  #seconds = 0;

  negotiate({
    contestant,
    dilemma,
    pair,
    settings,
  }: Parameters<EvaluationParts['negotiate']>[0]): Promise<DialogueRecord> {
    this.#note(`negotiate ${contestant.name} ${dilemma.id} ${pair.id} ${settings.seed}`);
    return Promise.resolve(dialogue(`${contestant.name} settles ${dilemma.id} by ${settings.seed}`, 2));
  }

  answerAlone({ contestant, dilemma }: Parameters<EvaluationParts['answerAlone']>[0]): Promise<DialogueRecord> {
    this.#note(`answer ${contestant.name} ${dilemma.id}`);
    const { agreements: _agreements, ...rest } = dialogue(`${contestant.name} answers ${dilemma.id}`, 1);
    return Promise.resolve({ ...rest, agreements: [] });
  }

  score({ completion: text }: Parameters<EvaluationParts['score']>[0]): ReturnType<EvaluationParts['score']> {
    this.#note(`score ${text}`);
    return Promise.resolve({ state: 'scored', score: text.length % 6 });
  }

  compare({ left, right, aspect }: Parameters<EvaluationParts['compare']>[0]): ReturnType<EvaluationParts['compare']> {
    this.#note(`compare ${aspect} "${left}" "${right}"`);
    const isLeft = left.length > right.length;
    const chosen = (answer: 'A' | 'B') => ({ state: 'chosen', answer }) as const;
    return Promise.resolve({
      winner: isLeft ? 'left' : 'right',
      answers: isLeft ? [chosen('A'), chosen('B')] : [chosen('B'), chosen('A')],
    });
  }

  answerItem({ name }: Contestant, item: Parameters<EvaluationParts['answerItem']>[1]): Promise<string> {
    this.#note(`item ${name} ${item.id}`);
    return Promise.resolve(`The answer is ${name === 'base' ? item.answer : '?'}.`);
  }

  perplexity({ name }: Contestant, text: string): ReturnType<EvaluationParts['perplexity']> {
    this.#note(`perplexity ${name} ${text}`);
    return Promise.resolve({ numTokens: 3, natsPerToken: Math.LN2 });
  }

  now(): number {
    return this.#seconds * 1000;
  }

  #note(call: string): void {
    this.calls.push(call);
    this.#seconds++;
  }
}

/** The same pieces, read from a file. */
export function fromFile(pieces: readonly EvaluationPiece[]): EvaluationPiece[] {
  return JSON.parse(JSON.stringify(pieces)) as EvaluationPiece[];
}
