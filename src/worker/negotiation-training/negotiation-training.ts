import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { RunHandle } from '@/lib/stream.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { AskPage } from '@/protocol/chat.ts';
import {
  withoutKey,
  type BranchTraining,
  type NegotiationTrainingApi,
  type NegotiationTrainingEstimate,
  type NegotiationTrainingEvent,
  type NegotiationTrainingPlan,
  type NegotiationTrainingRequest,
  type NegotiationTrainingStep,
  type ResumeTraining,
  type StartTraining,
  type StoredTrainingRun,
  type TrainingRun,
} from '@/protocol/negotiation-training.ts';
import { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import type { HumanDesk } from '../negotiation/judges.ts';
import type { RolloutSeat } from '../negotiation/rollout-seat.ts';
import type { Checkpoints } from '../training/checkpoints.ts';
import type { TrainableModel, TrainingStores } from '../training/trainable-model.ts';
import type { Training, TrainingHost } from '../training/training.ts';
import { describeAdapter } from '../describe-adapter.ts';
import { estimateNegotiationTraining } from './estimate-training.ts';
import { runTraining } from './run-training.ts';
import { branchedPlan, checkTrainingRequest, planOf, resumedPlan } from './training-schemas.ts';

export interface NegotiationTrainingParts {
  readonly host: TrainingHost;
  readonly training: Training;
  readonly stores: () => Promise<TrainingStores>;
  readonly checkpoints: Checkpoints;
  readonly seat: RolloutSeat;
  readonly desk: HumanDesk;
}

/** A run that is about to go on: as it is stored, and its plan with what is not. */
interface PreparedRun {
  readonly run: TrainingRun;
  readonly plan: NegotiationTrainingPlan;
}

/** Training runs of the loaded model; at most one at a time. */
export class NegotiationTraining implements NegotiationTrainingApi {
  readonly #parts: NegotiationTrainingParts;

  constructor(parts: NegotiationTrainingParts) {
    this.#parts = parts;
  }

  train(
    request: NegotiationTrainingRequest,
    onEvent: (event: NegotiationTrainingEvent) => void,
    ask: AskPage,
  ): Promise<RunHandle<TrainingRun>> {
    const { host, seat, desk, checkpoints } = this.#parts;
    return host.serve<TrainingRun, NegotiationTrainingEvent>(async (model, signal, emit) => {
      const checked = checkTrainingRequest(request);
      const control = new RolloutControl((isPaused) => emit({ kind: 'paceChanged', isPaused }));
      return seat.hold(control, async () => {
        const { run, plan } = await this.#prepare(checked, model);
        const { runs } = await this.#parts.stores();
        const { training } = this.#parts;
        const stored = await runTraining(
          run,
          plan,
          { model, desk, ask, control, signal, runs, checkpoints },
          emit,
        ).catch(async (error: unknown) => {
          // A run that never began leaves no adapter that was made for it.
          const isNew = checked.kind === 'branch' || (checked.kind === 'start' && checked.adapterId === undefined);
          if (isNew && error instanceof Failure && error.code === 'doesNotFit')
            await training.deleteAdapter(run.adapterId);
          throw error;
        });
        // A lost device ends the run as stopping does, and is no stop.
        const { failure } = model.gpuModel.gpu;
        if (failure !== null) throw failure;
        return stored;
      });
    }, onEvent);
  }

  estimate(request: StartTraining | BranchTraining): Promise<RunHandle<NegotiationTrainingEstimate>> {
    const { host } = this.#parts;
    return host.serve<NegotiationTrainingEstimate>(async (model, signal) => {
      const checked = checkTrainingRequest(request);
      const plan = checked.kind === 'start' ? planOf(checked) : await this.#branchOf(checked);
      return estimateNegotiationTraining(plan, model, signal);
    });
  }

  async listRuns(): Promise<readonly StoredTrainingRun[]> {
    const { runs } = await this.#parts.stores();
    const { key } = this.#parts.host.model();
    const found: StoredTrainingRun[] = [];
    for (const run of await runs.list()) {
      const saved = (await this.#parts.checkpoints.list(run.adapterId)).filter(({ runId }) => runId === run.id);
      const checkpoints = saved.map((info) => ({ ...info, runStep: runStepOf(run, info.dataPosition) }));
      found.push({ ...run, checkpoints, isOfLoadedModel: run.model.key === key });
    }
    return found.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  async readStep(runId: string, step: number): Promise<NegotiationTrainingStep | null> {
    const { runs } = await this.#parts.stores();
    return runs.readStep(runId, step);
  }

  async renameRun(runId: string, name: string): Promise<void> {
    const { runs } = await this.#parts.stores();
    const run = await this.#stored(runId);
    const trimmed = name.trim();
    if (trimmed === '' || trimmed.length > 80)
      throw new Failure<FailureCode>('invalidConfig', 'name: A run’s name has 1 to 80 characters.');
    await runs.save({ ...run, name: trimmed });
  }

  async deleteRun(runId: string): Promise<void> {
    const { runs, checkpoints } = await this.#parts.stores();
    const run = await this.#stored(runId);
    for (const { id } of await checkpoints.list(run.adapterId, runId)) await checkpoints.delete(id);
    await runs.delete(runId);
  }

  #prepare(request: NegotiationTrainingRequest, model: TrainableModel): Promise<PreparedRun> {
    switch (request.kind) {
      case 'start':
        return this.#start(request, model);
      case 'resume':
        return this.#resume(request, model);
      case 'branch':
        return this.#branch(request, model);
      default:
        return assertNever(request);
    }
  }

  async #start(request: StartTraining, model: TrainableModel): Promise<PreparedRun> {
    const { training } = this.#parts;
    const plan = planOf(request);
    const name = request.name.trim();
    if (request.adapterId === undefined) {
      const adapter = await training.createAdapter({ name, config: plan.lora, seed: plan.settings.seed });
      return { run: newRun(name, adapter.id, plan, model, null), plan };
    }
    await training.attachAdapter(request.adapterId);
    const { config: lora } = await model.training.read();
    const own = { ...plan, lora };
    return { run: newRun(name, request.adapterId, own, model, null), plan: own };
  }

  /** Back to the newest checkpoint; steps behind it are forgotten, and will be the same again. */
  async #resume(request: ResumeTraining, model: TrainableModel): Promise<PreparedRun> {
    const { training } = this.#parts;
    const { runs } = await this.#parts.stores();
    const stored = await this.#stored(request.runId);
    this.#refuseOther(stored, model);
    await training.attachAdapter(stored.adapterId);
    const checkpoint = (await this.#parts.checkpoints.list(stored.adapterId)).find(({ runId }) => runId === stored.id);
    if (checkpoint === undefined) throw gone(`The run "${stored.name}" has no checkpoint to go on from.`);
    await training.resume(checkpoint.id);
    const made = runStepOf(stored, checkpoint.dataPosition);
    const plan = resumedPlan(stored, request);
    const run = { ...stored, plan: storable(plan), steps: stored.steps.slice(0, made) };
    await runs.deleteStepsBehind(run.id, made);
    return { run, plan };
  }

  async #branch(request: BranchTraining, model: TrainableModel): Promise<PreparedRun> {
    const { training, checkpoints } = this.#parts;
    const stores = await this.#parts.stores();
    const parent = await this.#stored(request.runId);
    this.#refuseOther(parent, model);
    const plan = branchedPlan(parent, request);
    const known = await checkpoints.list(parent.adapterId);
    const info = known.find(({ id, runId }) => id === request.checkpointId && runId === parent.id);
    const checkpoint = info === undefined ? null : await stores.checkpoints.read(info.id, model.gpuModel.config);
    if (info === undefined || checkpoint === null)
      throw gone(`The run "${parent.name}" has no such checkpoint. Choose one of those that are kept.`);
    const made = runStepOf(parent, info.dataPosition);
    const name = request.name.trim();
    const adapter = await training.createAdapter({ name, config: plan.lora, seed: plan.settings.seed });
    await model.training.exclusively(async (trainer) => {
      trainer.restore(checkpoint.params, checkpoint);
      await model.training.setStep(checkpoint.step);
    });
    const run = newRun(name, adapter.id, plan, model, { runId: parent.id, name: parent.name, step: made });
    const steps = parent.steps.slice(0, made);
    for (const { step } of steps) {
      const record = await stores.runs.readStep(parent.id, step);
      if (record !== null) await stores.runs.saveStep(run.id, record);
    }
    return { run: { ...run, steps }, plan };
  }

  async #branchOf(request: BranchTraining): Promise<NegotiationTrainingPlan> {
    return branchedPlan(await this.#stored(request.runId), request);
  }

  async #stored(runId: string): Promise<TrainingRun> {
    const { runs } = await this.#parts.stores();
    const run = await runs.read(runId);
    if (run === null) throw gone('There is no such training run. It may have been deleted in another tab.');
    return run;
  }

  #refuseOther(run: TrainingRun, { key }: TrainableModel): void {
    if (run.model.key === key) return;
    throw new Failure<FailureCode>(
      'invalidConfig',
      `The run "${run.name}" was made with ${run.model.name}. Load that model to go on.`,
    );
  }
}

function runStepOf({ plan }: TrainingRun, dataPosition = 0): number {
  return Math.floor(dataPosition / plan.groupsPerStep);
}

function newRun(
  name: string,
  adapterId: string,
  plan: NegotiationTrainingPlan,
  model: TrainableModel,
  parent: TrainingRun['parent'],
): TrainingRun {
  const now = new Date().toISOString();
  return {
    format: 'duet-negotiation-training-1',
    id: crypto.randomUUID(),
    name,
    adapterId,
    model: model.madeBy,
    device: describeAdapter(model.gpuModel.gpu.adapterInfo),
    createdAt: now,
    updatedAt: now,
    plan: storable(plan),
    parent,
    steps: [],
  };
}

/** Without keys of servers. */
function storable(plan: NegotiationTrainingPlan): NegotiationTrainingPlan {
  const { agreement } = plan;
  const kept = agreement == null || agreement.kind === 'rule' ? (agreement ?? null) : withoutKey(agreement);
  return { ...plan, judge: withoutKey(plan.judge), agreement: kept };
}

function gone(message: string): Failure<FailureCode> {
  return new Failure<FailureCode>('storageFailed', message, { reason: 'missing' });
}
