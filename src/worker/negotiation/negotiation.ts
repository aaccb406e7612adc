import { follow } from '@/lib/follow.ts';
import { Failure } from '@/lib/failure.ts';
import type { RunHandle } from '@/lib/stream.ts';
import { checkInput } from '@/protocol/check-input.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { AskPage } from '@/protocol/chat.ts';
import type {
  GenerateDilemmasRequest,
  GeneratorEvent,
  GeneratorReport,
  JudgeComparison,
  JudgeComparisonEvent,
  JudgeComparisonRequest,
  JudgeEvent,
  JudgeReport,
  JudgeRequest,
  NegotiationApi,
  PairwiseRequest,
  PairwiseVerdict,
  RolloutEvent,
  RolloutRequest,
  SideOfRow,
  StepUnit,
} from '@/protocol/negotiation-api.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { dilemmaFaults } from '@/protocol/negotiation/material-rules.ts';
import { OverlapIndex } from '@/protocol/negotiation/word-overlap.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { sideSchema } from '@/protocol/negotiation-request-schema.ts';
import { generateDilemmas } from '@/research/negotiation/dilemma-generator.ts';
import { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import { generatorPrompts } from '@/research/negotiation/template-prompts.ts';
import { createChatModel, type NegotiatingModel } from './chat-models.ts';
import type { HumanDesk } from './judges.ts';
import { compareTwoJudges, judgeAnswers, preferAnswer } from './judging.ts';
import { checkComparison, checkGenerate, checkJudge, checkPairwise, checkRollout } from './negotiation-schemas.ts';
import type { RolloutSeat } from './rollout-seat.ts';
import { runRollout } from './run-rollout.ts';

/** How the engine runs an operation on its model. */
export interface NegotiationHost {
  serve<Result, Event = never>(
    start: (model: NegotiatingModel, signal: AbortSignal, emit: (event: Event) => void) => Promise<Result>,
    onEvent?: (event: Event) => void,
  ): Promise<RunHandle<Result>>;
}

/** Negotiations on the loaded model; at most one rollout at a time. */
export class Negotiation implements NegotiationApi {
  readonly #host: NegotiationHost;
  readonly #seat: RolloutSeat;
  readonly #desk: HumanDesk;

  constructor(host: NegotiationHost, seat: RolloutSeat, desk: HumanDesk) {
    this.#host = host;
    this.#seat = seat;
    this.#desk = desk;
  }

  rollout(
    request: RolloutRequest,
    onEvent: (event: RolloutEvent) => void,
    ask: AskPage,
  ): Promise<RunHandle<GroupRecord>> {
    return this.#host.serve<GroupRecord, RolloutEvent>(async (model, signal, emit) => {
      const { takenOver = [], pace = 'running', ...checked } = checkRollout(request);
      const control = new RolloutControl((isPaused) => emit({ kind: 'paceChanged', isPaused }));
      for (const { row, role } of takenOver) control.takeOver(row, role);
      if (pace !== 'running') control.step(pace);
      return this.#seat.hold(control, async () => {
        const group = await runRollout(checked, { model, desk: this.#desk, ask, control, signal }, emit);
        // A lost device ends the run as stopping does, and is no stop.
        const { failure } = model.gpuModel.gpu;
        if (failure !== null) throw failure;
        return group;
      });
    }, onEvent);
  }

  async pause(): Promise<void> {
    this.#seat.control?.pause();
  }

  async resume(): Promise<void> {
    this.#seat.control?.resume();
  }

  async step(unit: StepUnit): Promise<void> {
    if (unit !== 'utterance' && unit !== 'turn')
      throw new Failure<FailureCode>('invalidConfig', "step: It must be 'utterance' or 'turn'.");
    this.#seat.control?.step(unit);
  }

  async takeOver(side: SideOfRow): Promise<void> {
    const { row, role } = checkInput(sideSchema, side, 'takeOver');
    this.#seat.control?.takeOver(row, role);
  }

  async release(side: SideOfRow): Promise<void> {
    const { row, role } = checkInput(sideSchema, side, 'release');
    this.#seat.control?.release(row, role);
  }

  async say(side: SideOfRow, text: string): Promise<void> {
    const { row, role } = checkInput(sideSchema, side, 'say');
    if (typeof text !== 'string' || text.trim() === '')
      throw new Failure<FailureCode>('invalidConfig', 'say: text: It must not be empty.');
    this.#seat.control?.say(row, role, text);
  }

  async answer(questionId: number, score: number | null): Promise<void> {
    const judge = this.#desk.find(questionId);
    if (judge === undefined)
      throw new Failure<FailureCode>('invalidConfig', `answer: No question ${questionId} is open.`);
    if (score === null) judge.decline(questionId);
    else judge.answer(questionId, score);
  }

  judge(request: JudgeRequest, onEvent: (event: JudgeEvent) => void, ask: AskPage): Promise<RunHandle<JudgeReport>> {
    return this.#host.serve<JudgeReport, JudgeEvent>(
      async (model, signal, emit) => judgeAnswers(checkJudge(request), { model, desk: this.#desk, ask, signal }, emit),
      onEvent,
    );
  }

  compareJudges(
    request: JudgeComparisonRequest,
    onEvent: (event: JudgeComparisonEvent) => void,
    ask: AskPage,
  ): Promise<RunHandle<JudgeComparison>> {
    return this.#host.serve<JudgeComparison, JudgeComparisonEvent>(
      async (model, signal, emit) =>
        compareTwoJudges(checkComparison(request), { model, desk: this.#desk, ask, signal }, emit),
      onEvent,
    );
  }

  prefer(request: PairwiseRequest, ask: AskPage): Promise<RunHandle<PairwiseVerdict>> {
    return this.#host.serve<PairwiseVerdict>(async (model, signal) =>
      preferAnswer(checkPairwise(request), { model, desk: this.#desk, ask, signal }),
    );
  }

  generate(
    request: GenerateDilemmasRequest,
    onEvent: (event: GeneratorEvent) => void,
    ask: AskPage,
  ): Promise<RunHandle<GeneratorReport>> {
    return this.#host.serve<GeneratorReport, GeneratorEvent>(async (model, signal, emit) => {
      const { count, category, maxAttempts, templates, known = [], model: wanted } = checkGenerate(request);
      const run = generateDilemmas(
        createChatModel(wanted ?? { kind: 'engine' }, model, ask),
        {
          count,
          known: [...DILEMMAS, ...known],
          prompts: generatorPrompts(templates),
          rules: { faultsOf: dilemmaFaults, createIndex: () => new OverlapIndex() },
          ...(category && { category }),
          ...(maxAttempts !== undefined && { maxAttempts }),
        },
        signal,
      );
      return follow(run, emit);
    }, onEvent);
  }
}
