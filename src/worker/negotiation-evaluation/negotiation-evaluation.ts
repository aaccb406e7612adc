import { Failure } from '@/lib/failure.ts';
import { follow } from '@/lib/follow.ts';
import type { RunHandle } from '@/lib/stream.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { AskPage } from '@/protocol/chat.ts';
import type {
  Contestant,
  NegotiationEvaluationApi,
  NegotiationEvaluationEvent,
  NegotiationEvaluationReport,
  NegotiationEvaluationRequest,
} from '@/protocol/negotiation-evaluation.ts';
import { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import { planEvaluation } from '@/research/negotiation-evaluation/plan.ts';
import { runNegotiationEvaluation } from '@/research/negotiation-evaluation/run-negotiation-evaluation.ts';
import { describeAdapter } from '../describe-adapter.ts';
import { type HumanDesk, Judges } from '../negotiation/judges.ts';
import { openComparer } from '../negotiation/judging.ts';
import type { RolloutSeat } from '../negotiation/rollout-seat.ts';
import type { TrainableModel } from '../training/trainable-model.ts';
import type { Training, TrainingHost } from '../training/training.ts';
import { EngineParts } from './engine-parts.ts';
import { checkEvaluation, type CheckedEvaluation } from './evaluation-schemas.ts';

export interface NegotiationEvaluationHost {
  readonly host: TrainingHost;
  readonly training: Training;
  /** Taken for as long as an evaluation runs; its control pauses it. */
  readonly seat: RolloutSeat;
  readonly desk: HumanDesk;
}

/** Evaluations on the loaded model; at most one at a time, and none beside a rollout or a training. */
export class NegotiationEvaluation implements NegotiationEvaluationApi {
  readonly #parts: NegotiationEvaluationHost;

  constructor(parts: NegotiationEvaluationHost) {
    this.#parts = parts;
  }

  evaluate(
    request: NegotiationEvaluationRequest,
    onEvent: (event: NegotiationEvaluationEvent) => void,
    ask: AskPage,
  ): Promise<RunHandle<NegotiationEvaluationReport>> {
    const { host, seat } = this.#parts;
    return host.serve<NegotiationEvaluationReport, NegotiationEvaluationEvent>(async (model, signal, emit) => {
      const checked = checkEvaluation(request);
      const control = new RolloutControl();
      return seat.hold(control, () =>
        this.#keepingAdapter(model, () => this.#run(checked, { model, control, ask, signal }, emit)),
      );
    }, onEvent);
  }

  async #run(
    { wishes, judge: judgeConfig, pairwiseJudge, done }: CheckedEvaluation,
    { model, control, ask, signal }: RunningEvaluation,
    emit: (event: NegotiationEvaluationEvent) => void,
  ): Promise<NegotiationEvaluationReport> {
    const { training, desk } = this.#parts;
    const { templates, settings } = wishes;
    await this.#refuseUnknown(wishes.contestants);
    const options = { templates, seesDialogue: settings.judgeSeesDialogue, onHumanAsked: () => undefined };
    using judge = new Judges(model, desk, ask).open(judgeConfig, options);
    using comparer = pairwiseJudge === null ? null : openComparer(pairwiseJudge, templates, model, ask);
    const plan = planEvaluation({ ...wishes, judge: judge.name, pairwiseJudge: comparer?.name ?? null });
    const attach = async (adapterId: string): Promise<void> => {
      await training.attachAdapter(adapterId);
    };
    const parts = new EngineParts({ model, plan, judgeConfig, judge, comparer, attach, control, desk, ask });
    const result = await follow(runNegotiationEvaluation(plan, parts, { done, signal }), emit);
    return {
      ...result,
      createdAt: new Date().toISOString(),
      model: { name: model.name, key: model.key },
      device: describeAdapter(model.gpuModel.gpu.adapterInfo),
    };
  }

  /** Before the first contestant has spoken for minutes. */
  async #refuseUnknown(contestants: readonly Contestant[]): Promise<void> {
    const { adapters } = await this.#parts.training.listAdapters();
    for (const { name, adapterId } of contestants)
      if (adapterId !== null && !adapters.some(({ id }) => id === adapterId))
        throw new Failure<FailureCode>(
          'invalidConfig',
          `evaluate: contestants: The loaded model has no such adapter for "${name}". Choose one of its list.`,
        );
  }

  /** Whatever the body attaches, and however it ends. */
  async #keepingAdapter<Result>(model: TrainableModel, body: () => Promise<Result>): Promise<Result> {
    const before = model.training.current;
    try {
      return await body();
    } finally {
      if (this.#isLoaded(model))
        await this.#parts.training.attachAdapter(before?.id ?? null, { blend: before?.blend ?? 1 });
    }
  }

  #isLoaded(model: TrainableModel): boolean {
    try {
      return this.#parts.host.model() === model;
    } catch {
      return false;
    }
  }
}

interface RunningEvaluation {
  readonly model: TrainableModel;
  readonly control: RolloutControl;
  readonly ask: AskPage;
  readonly signal: AbortSignal;
}
