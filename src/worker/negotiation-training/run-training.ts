/** A training run from its first step, or its last checkpoint, to its end. */
import { follow } from '@/lib/follow.ts';
import { assertNever } from '@/lib/assert.ts';
import type { ModelTrainer } from '@/engine/generation/model-trainer.ts';
import type { Trainer } from '@/engine/generation/trainer.ts';
import type {
  NegotiationTrainingEvent,
  NegotiationTrainingPlan,
  StepPhase,
  TrainingRun,
} from '@/protocol/negotiation-training.ts';
import type { GroupMaker, GroupRecord } from '@/protocol/negotiation-run.ts';
import { longestStep } from '@/research/negotiation/longest-rows.ts';
import {
  negotiationStep,
  tasksOfStep,
  type NegotiationStepEvent,
  type NegotiationStepResult,
} from '@/research/negotiation/negotiation-step.ts';
import { stepMetrics } from '@/research/negotiation/step-metrics.ts';
import { templatePrompts } from '@/research/negotiation/template-prompts.ts';
import { chatTokenizerOf } from '../chat/chat-tokenizer-of.ts';
import { Judges } from '../negotiation/judges.ts';
import { agreementBy, agreementJudge, makerOf, type RolloutHost } from '../negotiation/run-rollout.ts';
import type { Checkpoints } from '../training/checkpoints.ts';
import { refuseUnlessFits } from '../training/estimate-step.ts';
import { progressOf } from '../training/step-progress.ts';
import type { TrainableModel } from '../training/trainable-model.ts';
import { recordOfStep } from './trained-rows.ts';
import type { RunStore } from './run-store.ts';
import { RolloutProgress, StepClock } from './step-clock.ts';

export interface TrainingRunHost extends Omit<RolloutHost, 'model'> {
  readonly model: TrainableModel;
  readonly runs: RunStore;
  readonly checkpoints: Checkpoints;
}

/**
 * Makes the steps that the run lacks. However it ends, finished steps are kept, with a checkpoint behind the last of them,
 * unless a step fails behind its own update: then the run goes back to its newest checkpoint. Ended by its signal, it
 * returns the run as it stands.
 *
 * @param run   as it is stored, or will be; the adapter is attached, and is where the run's last step left it
 * @param plan  of the run, with the keys that are not stored
 * @throws {Failure} 'doesNotFit' before the first step; what a step throws
 */
export async function runTraining(
  run: TrainingRun,
  plan: NegotiationTrainingPlan,
  host: TrainingRunHost,
  emit: (event: NegotiationTrainingEvent) => void,
): Promise<TrainingRun> {
  const { training } = host.model;
  return training.exclusively(async (trainer) => {
    const course = new TrainingCourse(run, plan, host, trainer, emit);
    await course.begin();
    try {
      await course.run();
    } catch (error) {
      // Stopped or failed: what was trained is not lost with the page. A lost device has nothing to save.
      await course.settle().catch(() => undefined);
      if (!host.signal.aborted) throw error;
    }
    return course.stored;
  });
}

class TrainingCourse {
  stored: TrainingRun;
  readonly #plan: NegotiationTrainingPlan;
  readonly #host: TrainingRunHost;
  readonly #trainer: ModelTrainer;
  readonly #emit: (event: NegotiationTrainingEvent) => void;
  readonly #firstStep: number;
  readonly #startMs = performance.now();
  #savedStep: number;
  #clock = new StepClock();
  #rollouts: RolloutProgress;
  #phase: StepPhase | null = null;
  #isMeasuring = false;
  /** The step under way has changed the adapter. */
  #hasUpdated = false;

  constructor(
    run: TrainingRun,
    plan: NegotiationTrainingPlan,
    host: TrainingRunHost,
    trainer: ModelTrainer,
    emit: (event: NegotiationTrainingEvent) => void,
  ) {
    this.stored = run;
    this.#plan = plan;
    this.#host = host;
    this.#trainer = trainer;
    this.#emit = emit;
    this.#firstStep = run.steps.length;
    this.#savedStep = run.steps.length;
    this.#rollouts = new RolloutProgress(plan);
  }

  /** Stores a run that is new, with a checkpoint to go back to before its first step; a branch has one of its own too. */
  async begin(): Promise<void> {
    const { model, runs, checkpoints } = this.#host;
    const tasks = this.#tasks(this.#firstStep);
    const { rows } = longestStep(
      this.#plan,
      tasks,
      chatTokenizerOf(model.opened),
      templatePrompts(this.#plan.templates),
    );
    refuseUnlessFits(model, this.#trainer, rows, this.#plan.training);
    await runs.save(this.stored);
    const known = await checkpoints.list(this.stored.adapterId);
    if (!known.some(({ runId }) => runId === this.stored.id)) await this.#saveCheckpoint();
    this.#emit({ kind: 'prepared', run: this.stored });
  }

  async run(): Promise<void> {
    const { steps, checkpointEvery } = this.#plan;
    while (this.stored.steps.length < steps) {
      await this.#host.control.pass('token', this.#host.signal);
      await this.#step();
      const made = this.stored.steps.length;
      if (made % checkpointEvery === 0 || made === steps) await this.save();
    }
  }

  /** A checkpoint behind the last step, if there is none yet. */
  async save(): Promise<void> {
    if (this.#savedStep === this.stored.steps.length) return;
    await this.#saveCheckpoint();
    this.#savedStep = this.stored.steps.length;
  }

  /** A checkpoint behind the last step; where a step left an update without being whole, back to the newest there is. */
  async settle(): Promise<void> {
    if (!this.#hasUpdated) return this.save();
    const { model, checkpoints, runs } = this.#host;
    const newest = (await checkpoints.list(this.stored.adapterId)).find(({ runId }) => runId === this.stored.id);
    await checkpoints.resume(model.training, this.#trainer, model.gpuModel.config, newest?.id);
    const made = Math.floor((newest?.dataPosition ?? 0) / this.#plan.groupsPerStep);
    this.stored = { ...this.stored, steps: this.stored.steps.slice(0, made) };
    await runs.deleteStepsBehind(this.stored.id, made);
    return runs.save(this.stored);
  }

  async #step(): Promise<void> {
    const { model, desk, ask, control, signal, runs } = this.#host;
    const { templates, judge: judgeConfig, settings, method, measuresChange, trainsThoughts } = this.#plan;
    const { training } = model;
    const step = this.stored.steps.length + 1;
    this.#clock = new StepClock();
    this.#rollouts = new RolloutProgress(this.#plan);
    this.#isMeasuring = false;
    this.#hasUpdated = false;
    // What else is encoded would change how a group is laid out, and a step that is repeated must be the same.
    await training.setStep(training.step);
    this.#emit({ kind: 'stepStarted', step, numGroups: this.#plan.groupsPerStep });
    this.#enter('rollout');
    const prompts = templatePrompts(templates);
    using judge = new Judges(model, desk, ask).open(judgeConfig, {
      templates,
      seesDialogue: settings.judgeSeesDialogue,
      onHumanAsked: (open) => this.#emit({ kind: 'humanAsked', open }),
    });
    const decided = this.#plan.agreement ?? agreementBy(settings, judgeConfig);
    const agreement = agreementJudge(decided, model, ask, templates);
    const tokenizer = chatTokenizerOf(model.opened);
    const tasks = this.#tasks(step - 1);
    const result = await follow(
      negotiationStep(
        { decoder: model.gpuModel.decoder, trainer: this.#observed(), judge },
        {
          method,
          tasks,
          settings,
          training: this.#plan.training,
          measuresChange,
          trainsThoughts,
          stepsBefore: step - 1,
          updatesBefore: training.step,
        },
        { tokenizer, prompts, control, signal, ...(agreement && { agreement }) },
      ),
      (event) => this.#take(event),
    );
    const lastUpdate = result.reports.at(-1)?.step;
    if (lastUpdate !== undefined) await training.setStep(lastUpdate);
    this.#enter('save');
    await this.#keep(step, withMaker(result, makerOf(model, judge, judgeConfig, templates)), runs);
  }

  async #keep(step: number, result: NegotiationStepResult, runs: RunStore): Promise<void> {
    const { model } = this.#host;
    const before = this.stored.steps.at(-1)?.metrics['num_tokens'] ?? 0;
    this.#clock.enter(null);
    // The step is stored with this record, so it cannot say how long that takes.
    const { save: _save, ...phaseSeconds } = this.#clock.seconds;
    const stepTime = Object.values(phaseSeconds).reduce((sum, seconds) => sum + seconds, 0);
    const summary = {
      step,
      updates: model.training.step,
      metrics: { ...stepMetrics(result, before), step_time: stepTime },
      phaseSeconds,
      tasks: result.groups.map(({ dilemma, pair }) => ({ dilemma: dilemma.id, pair: pair.id })),
    };
    const record = recordOfStep(summary, result, chatTokenizerOf(model.opened));
    await runs.saveStep(this.stored.id, record);
    const steps = [...this.stored.steps, summary];
    this.stored = { ...this.stored, steps, updatedAt: new Date().toISOString() };
    await runs.save(this.stored);
    this.#hasUpdated = false;
    this.#emit({ kind: 'stepped', step: record, secondsLeft: this.#secondsLeft() });
  }

  #tasks(stepsBefore: number): ReturnType<typeof tasksOfStep> {
    const { dilemmas, pairs, settings, groupsPerStep } = this.#plan;
    return tasksOfStep(dilemmas, pairs, { seed: settings.seed, stepsBefore, groupsPerStep });
  }

  /** The trainer, which says how far its passes are. */
  #observed(): Trainer {
    const { model } = this.#host;
    return progressOf(this.#trainer, model, this.#plan.training, ({ phase, done }) => {
      this.#progress(this.#isMeasuring ? 'measure' : phase, done);
    });
  }

  #take(event: NegotiationStepEvent): void {
    switch (event.kind) {
      case 'groupStarted':
        this.#enter('rollout');
        this.#emit(event);
        return;
      case 'rollout':
        this.#rollouts.take(event.group, event.event);
        this.#emit(event);
        if (event.event.kind === 'stepped') this.#progress('rollout', this.#rollouts.done);
        return;
      case 'judging':
        this.#rollouts.endGroup(event.group);
        this.#enter('judge');
        return;
      case 'groupEnded':
        this.#emit(event);
        return;
      case 'training':
        this.#enter('forward');
        return;
      case 'updated':
        this.#hasUpdated = true;
        this.#progress('update', 1);
        return;
      case 'measuring':
        this.#isMeasuring = true;
        this.#enter('measure');
        return;
      default:
        assertNever(event);
    }
  }

  #enter(phase: StepPhase): void {
    this.#phase = phase;
    this.#clock.enter(phase);
    this.#progress(phase, phase === 'rollout' ? this.#rollouts.done : 0);
  }

  #progress(phase: StepPhase, done: number): void {
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#clock.enter(phase);
    }
    this.#emit({ kind: 'progress', progress: { phase, done, secondsLeft: this.#secondsLeft() } });
  }

  /** By the mean of the steps that this run has made here. */
  #secondsLeft(): number | null {
    const made = this.stored.steps.slice(this.#firstStep);
    if (made.length === 0) return null;
    const total = made.reduce((sum, { metrics }) => sum + (metrics['step_time'] ?? 0), 0);
    const spent = (performance.now() - this.#startMs) / 1000;
    const wanted = (total / made.length) * (this.#plan.steps - this.#firstStep);
    return Math.max(0, wanted - Math.min(spent, wanted));
  }

  async #saveCheckpoint(): Promise<void> {
    const { model, checkpoints } = this.#host;
    const { settings, groupsPerStep, checkpointsKept } = this.#plan;
    const runStep = this.stored.steps.length;
    const state = {
      rngState: [settings.seed],
      dataPosition: runStep * groupsPerStep,
      settings: { ...this.#plan.training },
      metrics: [],
    };
    const checkpoint = await checkpoints.save(model.training, this.#trainer, this.stored.id, state, checkpointsKept);
    this.#emit({ kind: 'saved', checkpoint, runStep });
  }
}

function withMaker(result: NegotiationStepResult, madeWith: GroupMaker): NegotiationStepResult {
  return { ...result, groups: result.groups.map((group): GroupRecord => ({ ...group, madeWith })) };
}
