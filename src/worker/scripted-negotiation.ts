/**
 * Negotiations of the scripted engine: invented texts at some thirty tokens a second. Of four rows one agrees in the
 * second turn, one agrees at once and its verdict cannot be read, one fails, one agrees in the third turn. `&state=`:
 *
 *   negotiation-fast   the same, at twelve times the speed     negotiation-fails   the GPU is lost in the middle
 *   negotiation-slow-judge   eight seconds for each answer
 */
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type {
  AnswerJudgement,
  GenerateDilemmasRequest,
  GeneratorEvent,
  GeneratorReport,
  HumanQuestion,
  JudgeComparison,
  JudgeComparisonEvent,
  JudgeConfig,
  JudgedAnswer,
  JudgeEvent,
  JudgeReport,
  JudgeRequest,
  NegotiationApi,
  PairwiseAnswer,
  PairwiseVerdict,
  RolloutEvent,
  RolloutRequest,
} from '@/protocol/negotiation-api.ts';
import { answerOf } from '@/protocol/negotiation-api.ts';
import { DILEMMA_CATEGORIES, type Dilemma } from '@/protocol/negotiation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import type { GroupRecord, JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { checkNegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { expectedScore } from '@/research/negotiation/judge.ts';
import { judgeAgreement } from '@/research/negotiation/judge-calibration.ts';
import { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import { ScriptedGroup } from './scripted-group.ts';
import { courseOf, INVENTED_DILEMMAS } from './scripted-negotiation-texts.ts';
import { scriptName } from './scripted-studies.ts';

const UNREADABLE: JudgeVerdict = {
  state: 'unreadable',
  reason: 'The judge gave no score from 0 to 5.',
  raw: 'The answer is good because',
};

const ASPECTS = ['Knowledge', 'Benevolence', 'Power', 'Vitality'];

async function rest(signal: AbortSignal, ms: number): Promise<void> {
  await sleep(scriptName() === 'negotiation-fast' ? ms / 12 : ms);
  if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The operation was cancelled.');
}

/** A score with the spread of a small model's judgement around it. */
function verdictAround(score: number, judge: JudgeConfig): JudgeVerdict {
  if (judge.kind === 'rule') return { state: 'scored', score: Math.min(5, Math.round(score)) };
  if (judge.kind === 'endpoint' || judge.kind === 'webLlm') {
    const rounded = Math.max(0, Math.min(5, Math.round(score)));
    return { state: 'scored', score: rounded, raw: `It widens what both can do.\nScore: ${rounded}` };
  }
  const logits = [0, 1, 2, 3, 4, 5].map((digit) => -((digit - score) ** 2) / 1.6);
  return { state: 'scored', ...expectedScore(logits), answerMass: 0.83 };
}

/** @param reading  the first one is 0 */
function inventedVerdict({ completion }: JudgedAnswer, judge: JudgeConfig, reading = 0): JudgeVerdict {
  const hash = fnv1a32(`${completion} ${reading}`);
  if (hash % 11 === 0) return UNREADABLE;
  const base = 1.2 + (fnv1a32(completion) % 300) / 100;
  return verdictAround(base + ((hash % 100) - 50) / 60, judge);
}

/** Questions to a person, oldest first. */
class OpenQuestions {
  readonly #open = new Map<number, { question: HumanQuestion; settle: (verdict: JudgeVerdict) => void }>();
  #nextId = 1;

  ask(
    answer: JudgedAnswer,
    signal: AbortSignal,
    tell: (open: readonly HumanQuestion[]) => void,
  ): Promise<JudgeVerdict> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const close = (): void => {
        this.#open.delete(id);
        tell([...this.#open.values()].map(({ question }) => question));
      };
      signal.addEventListener('abort', () => {
        close();
        reject(new Failure<FailureCode>('cancelled', 'The operation was cancelled.'));
      });
      const settle = (verdict: JudgeVerdict): void => {
        close();
        resolve(verdict);
      };
      this.#open.set(id, { question: { id, answer }, settle });
      tell([...this.#open.values()].map(({ question }) => question));
    });
  }

  answer(id: number, score: number | null): void {
    const asked = this.#open.get(id);
    if (asked === undefined) throw new Failure<FailureCode>('invalidConfig', `id: No question ${id} is open.`);
    asked.settle(
      score === null
        ? { state: 'unreadable', reason: 'The person gave no score.', raw: '' }
        : { state: 'scored', score },
    );
  }
}

/** @param training  a group that trains has the same controls */
export function createScriptedNegotiation(training: { readonly control: RolloutControl | undefined }): NegotiationApi {
  const questions = new OpenQuestions();
  let live: { readonly control: RolloutControl; readonly emit: (event: RolloutEvent) => void } | undefined;

  async function playGroup(
    request: RolloutRequest,
    signal: AbortSignal,
    emit: (event: RolloutEvent) => void,
  ): Promise<GroupRecord> {
    const { dilemma, pair, judge = { kind: 'engine' }, pace = 'running' } = request;
    const settings = checkNegotiationSettings(request.settings);
    const starts = request.starts ?? Array.from({ length: settings.groupSize }, (_, row) => ({ row }));
    const control = new RolloutControl();
    if (pace !== 'running') control.step(pace);
    for (const { row, role } of request.takenOver ?? []) control.takeOver(row, role);
    live = { control, emit };
    const asked = {
      dilemma:
        typeof dilemma === 'string'
          ? at(
              DILEMMAS.filter(({ id }) => id === dilemma),
              0,
            )
          : dilemma,
      pair:
        typeof pair === 'string'
          ? at(
              PERSONA_PAIRS.filter(({ id }) => id === pair),
              0,
            )
          : pair,
      settings,
      judge,
      starts,
    };
    const group = new ScriptedGroup(asked, {
      control,
      signal,
      emit,
      verdictOf: async (course, record) => {
        const answer = answerOf(record, course.record());
        if (judge?.kind === 'human' && answer !== undefined)
          return questions.ask(answer, signal, (open) => emit({ kind: 'humanAsked', open }));
        const { score } = courseOf(course.row);
        if (score === null) return UNREADABLE;
        return verdictAround(score + (course.branch === 0 ? 0 : 0.6), judge ?? { kind: 'engine' });
      },
    });
    try {
      return await group.play();
    } finally {
      live = undefined;
    }
  }

  async function judgeAll(
    { answers, judge = { kind: 'engine' }, readings = 1, notes = false }: JudgeRequest,
    signal: AbortSignal,
    emit: (event: JudgeEvent) => void,
  ): Promise<JudgeReport> {
    const judgements: AnswerJudgement[] = [];
    for (const [index, answer] of answers.entries()) {
      const verdicts: JudgeVerdict[] = [];
      for (let reading = 0; reading < readings; reading++) {
        await rest(signal, 500);
        verdicts.push(
          judge.kind === 'human'
            ? await questions.ask(answer, signal, (open) => emit({ kind: 'humanAsked', open }))
            : inventedVerdict(answer, judge, reading),
        );
      }
      const judgement = {
        ...summaryOf(verdicts),
        ...(notes && { notes: ASPECTS.map((aspect) => ({ aspect, text: `Says something for ${aspect}.` })) }),
      };
      judgements.push(judgement);
      emit({ kind: 'answerJudged', index, total: answers.length, judgement });
    }
    return { judge: judge.kind, judgements };
  }

  return {
    rollout: (request, onEvent) =>
      Promise.resolve(serveRun<GroupRecord, RolloutEvent>((signal, emit) => playGroup(request, signal, emit), onEvent)),
    async pause() {
      (live?.control ?? training.control)?.pause();
      live?.emit({ kind: 'paceChanged', isPaused: true });
    },
    async resume() {
      (live?.control ?? training.control)?.resume();
      live?.emit({ kind: 'paceChanged', isPaused: false });
    },
    async step(unit) {
      (live?.control ?? training.control)?.step(unit);
      live?.emit({ kind: 'paceChanged', isPaused: false });
    },
    takeOver: async ({ row, role }) => live?.control.takeOver(row, role),
    release: async ({ row, role }) => live?.control.release(row, role),
    say: async ({ row, role }, text) => live?.control.say(row, role, text),
    answer: async (questionId, score) => questions.answer(questionId, score),
    judge: (request, onEvent) =>
      Promise.resolve(serveRun<JudgeReport, JudgeEvent>((signal, emit) => judgeAll(request, signal, emit), onEvent)),
    compareJudges: (request, onEvent) =>
      Promise.resolve(
        serveRun<JudgeComparison, JudgeComparisonEvent>(async (signal, emit) => {
          const verdicts: (readonly [JudgeVerdict, JudgeVerdict])[] = [];
          for (const [index, answer] of request.answers.entries()) {
            await rest(signal, 400);
            const [first, second] = request.judges;
            const both = [inventedVerdict(answer, first), inventedVerdict(answer, second, 1)] as const;
            verdicts.push(both);
            emit({
              kind: 'compared',
              index,
              total: request.answers.length,
              verdicts: both,
              agreement: judgeAgreement(scoredBoth(verdicts)),
            });
          }
          const unreadableBy = (judge: 0 | 1): number =>
            verdicts.filter((both) => both[judge].state === 'unreadable').length;
          return {
            judges: [request.judges[0].kind, request.judges[1].kind],
            verdicts,
            agreement: judgeAgreement(scoredBoth(verdicts)),
            numUnreadable: [unreadableBy(0), unreadableBy(1)],
          };
        }, onEvent),
      ),
    prefer: ({ left, right, aspect }) =>
      Promise.resolve(
        serveRun<PairwiseVerdict>(async (signal) => {
          await rest(signal, 900);
          return preferred(left, right, aspect);
        }),
      ),
    generate: (request, onEvent) =>
      Promise.resolve(
        serveRun<GeneratorReport, GeneratorEvent>((signal, emit) => invent(request, signal, emit), onEvent),
      ),
  };
}

function summaryOf(verdicts: readonly JudgeVerdict[]): AnswerJudgement {
  const scores = verdicts.flatMap((verdict) => (verdict.state === 'scored' ? [verdict.score] : []));
  const mean = scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - (mean ?? 0)) ** 2, 0);
  return { verdicts, mean, spread: scores.length < 2 ? null : Math.sqrt(squares / (scores.length - 1)) };
}

function scoredBoth(verdicts: readonly (readonly [JudgeVerdict, JudgeVerdict])[]): (readonly [number, number])[] {
  return verdicts.flatMap(([first, second]) =>
    first.state === 'scored' && second.state === 'scored' ? [[first.score, second.score] as const] : [],
  );
}

function preferred(left: string, right: string, aspect: string): PairwiseVerdict {
  const chosen = (answer: 'A' | 'B'): PairwiseAnswer => ({
    state: 'chosen',
    answer,
    pA: answer === 'A' ? 0.71 : 0.26,
    raw: `Verdict: ${answer}`,
  });
  const hash = fnv1a32(`${left} ${right} ${aspect}`) % 5;
  if (hash === 0) return { winner: 'inconsistent', answers: [chosen('A'), chosen('A')] };
  if (hash === 1) {
    const silent: PairwiseAnswer = { state: 'unreadable', reason: 'It named neither A nor B.', raw: 'Both are good.' };
    return { winner: 'unreadable', answers: [silent, chosen('B')] };
  }
  return left.length >= right.length
    ? { winner: 'left', answers: [chosen('A'), chosen('B')] }
    : { winner: 'right', answers: [chosen('B'), chosen('A')] };
}

async function invent(
  { category, count }: GenerateDilemmasRequest,
  signal: AbortSignal,
  emit: (event: GeneratorEvent) => void,
): Promise<GeneratorReport> {
  const categories = Object.keys(DILEMMA_CATEGORIES) as (keyof typeof DILEMMA_CATEGORIES)[];
  const dilemmas: Dilemma[] = [];
  for (let index = 0; index < count; index++) {
    const chosen = category ?? at(categories, index % categories.length);
    const { goal, prompt } = at(INVENTED_DILEMMAS, index % INVENTED_DILEMMAS.length);
    await rest(signal, 600);
    const rejected = [{ goal: 'Decide', faults: ['A goal has three to five words.'] }];
    emit({ kind: 'goalsProposed', category: chosen, goals: [goal], rejected: index === 0 ? rejected : [] });
    await rest(signal, 700);
    if (index % 2 === 1) {
      const faults = ['The last sentence is no question.'];
      emit({ kind: 'rejected', goal, text: prompt.slice(0, 120), faults, attempt: 1 });
      await rest(signal, 700);
    }
    const dilemma: Dilemma = {
      id: `generated-${index + 1}`,
      category: chosen,
      goal,
      prompt,
      split: 'train',
      origin: 'generated',
    };
    dilemmas.push(dilemma);
    emit({ kind: 'accepted', dilemma, done: index + 1, total: count });
  }
  return { dilemmas, missing: 0, numCalls: 2 * count };
}
