/** `window.duet.negotiation`: rollouts, judges, the generator, training, evaluation. Documented in docs/automation.md. */
import type { Remote } from 'comlink';
import { followRun } from '@/lib/stream.ts';
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
import type {
  NegotiationEvaluationApi,
  NegotiationEvaluationEvent,
  NegotiationEvaluationReport,
  NegotiationEvaluationRequest,
} from '@/protocol/negotiation-evaluation.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import type {
  BranchTraining,
  NegotiationTrainingApi,
  NegotiationTrainingEstimate,
  NegotiationTrainingEvent,
  NegotiationTrainingRequest,
  NegotiationTrainingStep,
  StartTraining,
  StoredTrainingRun,
  TrainingRun,
} from '@/protocol/negotiation-training.ts';
import { proxy } from 'comlink';
import type { FileBytes } from '@/protocol/training-api.ts';
import type { RunOptions } from './duet-api.ts';
import type { TrainingDuet } from './training-duet.ts';

export interface NegotiationDuet {
  /** A group negotiates, and is judged. Ended by its signal after it began, it still gives what was said. */
  rollout(request: RolloutRequest, onEvent?: (event: RolloutEvent) => void, options?: RunOptions): Promise<GroupRecord>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Goes on until every row's utterance, or turn, is over; then pauses. */
  step(unit?: StepUnit): Promise<void>;
  /** A person speaks for this side from its next utterance on. */
  takeOver(side: SideOfRow): Promise<void>;
  /** The model speaks again. */
  release(side: SideOfRow): Promise<void>;
  /** What the person says. */
  say(side: SideOfRow, text: string): Promise<void>;
  /** A person's score for a question that a 'humanAsked' event has named; null: no score. */
  answer(questionId: number, score: number | null): Promise<void>;
  judge(request: JudgeRequest, onEvent?: (event: JudgeEvent) => void, options?: RunOptions): Promise<JudgeReport>;
  /** The same answers by two judges, with the figures of the paper's Table 7. */
  compareJudges(
    request: JudgeComparisonRequest,
    onEvent?: (event: JudgeComparisonEvent) => void,
    options?: RunOptions,
  ): Promise<JudgeComparison>;
  /** Which of two answers is better, asked in both orders. */
  prefer(request: PairwiseRequest, options?: RunOptions): Promise<PairwiseVerdict>;
  /** New dilemmas by a chat model. */
  generate(
    request: GenerateDilemmasRequest,
    onEvent?: (event: GeneratorEvent) => void,
    options?: RunOptions,
  ): Promise<GeneratorReport>;
  /** GRPO on what is negotiated: a new run, one that goes on, or a branch. Ended by its signal, it gives the run as it stands. */
  train(
    request: NegotiationTrainingRequest,
    onEvent?: (event: NegotiationTrainingEvent) => void,
    options?: RunOptions,
  ): Promise<TrainingRun>;
  /** Memory and time of a step, measured by short probes. */
  estimateTraining(request: StartTraining | BranchTraining, options?: RunOptions): Promise<NegotiationTrainingEstimate>;
  /** Newest first. */
  listTrainingRuns(): Promise<readonly StoredTrainingRun[]>;
  /** Groups, rewards, advantages and trained rows of a step; null if there is no such step. */
  readTrainingStep(runId: string, step: number): Promise<NegotiationTrainingStep | null>;
  renameTrainingRun(runId: string, name: string): Promise<void>;
  /**
   * A zip that trains the same method with TRL: data, prompts, settings, code, the run's dialogues and its adapter.
   *
   * @throws {Failure} 'invalidConfig' naming what cannot be expressed there
   */
  exportToTrl(request: TrlExportRequest): Promise<FileBytes>;
  /** With its checkpoints. The adapter stays. */
  deleteTrainingRun(runId: string): Promise<void>;
  /**
   * Adapters compared on held-out dilemmas. Cancelled, the pieces that 'pieceEnded' events brought can be given as `done` of
   * the same request.
   */
  evaluate(
    request: NegotiationEvaluationRequest,
    onEvent?: (event: NegotiationEvaluationEvent) => void,
    options?: RunOptions,
  ): Promise<NegotiationEvaluationReport>;
}

export interface TrlExportRequest {
  readonly run: TrainingRun;
  /** What transformers loads: the name of a repository, or a folder. */
  readonly baseModel: string;
  /** To begin from; its model has to be loaded. Default false. */
  readonly withAdapter?: boolean;
}

const ignore = (): void => undefined;

/** The engine's sides of it. */
export interface NegotiationRemotes {
  readonly negotiation: Remote<NegotiationApi>;
  readonly training: Remote<NegotiationTrainingApi>;
  readonly evaluation: Remote<NegotiationEvaluationApi>;
}

/**
 * @param askPage   answers for models that live on the page's side
 * @param adapters  tells the page which there are, after something made or attached one
 */
export function createNegotiationDuet(
  { negotiation, training, evaluation }: NegotiationRemotes,
  askPage: AskPage,
  adapters: Pick<TrainingDuet, 'listAdapters' | 'exportAdapter'>,
): NegotiationDuet {
  const ask = (): AskPage => proxy(askPage);
  return {
    rollout: (request, onEvent = ignore, { signal } = {}) =>
      followRun<GroupRecord, RolloutEvent>((emit) => negotiation.rollout(request, emit, ask()), onEvent, signal),
    pause: () => negotiation.pause(),
    resume: () => negotiation.resume(),
    step: (unit = 'turn') => negotiation.step(unit),
    takeOver: (side) => negotiation.takeOver(side),
    release: (side) => negotiation.release(side),
    say: (side, text) => negotiation.say(side, text),
    answer: (questionId, score) => negotiation.answer(questionId, score),
    judge: (request, onEvent = ignore, { signal } = {}) =>
      followRun<JudgeReport, JudgeEvent>((emit) => negotiation.judge(request, emit, ask()), onEvent, signal),
    compareJudges: (request, onEvent = ignore, { signal } = {}) =>
      followRun<JudgeComparison, JudgeComparisonEvent>(
        (emit) => negotiation.compareJudges(request, emit, ask()),
        onEvent,
        signal,
      ),
    prefer: (request, { signal } = {}) =>
      followRun<PairwiseVerdict, never>(() => negotiation.prefer(request, ask()), ignore, signal),
    generate: (request, onEvent = ignore, { signal } = {}) =>
      followRun<GeneratorReport, GeneratorEvent>((emit) => negotiation.generate(request, emit, ask()), onEvent, signal),
    async train(request, onEvent = ignore, { signal } = {}) {
      try {
        return await followRun<TrainingRun, NegotiationTrainingEvent>(
          (emit) => training.train(request, emit, ask()),
          (event) => {
            // The adapter of a run is attached by then.
            if (event.kind === 'prepared' || event.kind === 'saved') adapters.listAdapters().catch(ignore);
            onEvent(event);
          },
          signal,
        );
      } finally {
        await adapters.listAdapters().catch(ignore);
      }
    },
    estimateTraining: (request, { signal } = {}) =>
      followRun<NegotiationTrainingEstimate, never>(() => training.estimate(request), ignore, signal),
    listTrainingRuns: () => training.listRuns(),
    readTrainingStep: (runId, step) => training.readStep(runId, step),
    renameTrainingRun: (runId, name) => training.renameRun(runId, name),
    async exportToTrl({ run, baseModel, withAdapter = false }) {
      const { name, plan, steps, adapterId, id } = run;
      const groups: GroupRecord[] = [];
      for (const { step } of steps) groups.push(...((await training.readStep(id, step))?.groups ?? []));
      const adapter = withAdapter ? await adapters.exportAdapter(adapterId, 'files') : [];
      // The code is fetched when it is wanted.
      const { createTrlExport } = await import('./trl-export/trl-export.ts');
      return createTrlExport({ ...plan, name, baseModel, groups, adapter });
    },
    deleteTrainingRun: (runId) => training.deleteRun(runId),
    async evaluate(request, onEvent = ignore, { signal } = {}) {
      try {
        return await followRun<NegotiationEvaluationReport, NegotiationEvaluationEvent>(
          (emit) => evaluation.evaluate(request, emit, ask()),
          onEvent,
          signal,
        );
      } finally {
        // Contestants' adapters came and went.
        await adapters.listAdapters().catch(ignore);
      }
    },
  };
}
