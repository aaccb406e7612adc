/**
 * Training runs of the scripted engine: the invented group of four again and again, with invented log-probabilities. Two
 * runs are stored already, one of them interrupted. `&state=`:
 *
 *   training-fast   forty times as fast      training-fails   the GPU is lost in the second step
 *   training-empty  fast, and no run is stored
 */
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { createRng } from '@/lib/rng.ts';
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { rewardOf, type GroupRecord, type NegotiationEvent } from '@/protocol/negotiation-run.ts';
import type { RolloutEvent } from '@/protocol/negotiation-api.ts';
import type {
  NegotiationTrainingApi,
  NegotiationTrainingEvent,
  NegotiationTrainingPlan,
  NegotiationTrainingStep,
  StepPhase,
  StoredTrainingRun,
  TrainingRun,
  TrainingStepSummary,
} from '@/protocol/negotiation-training.ts';
import { advantagesOf } from '@/protocol/advantages.ts';
import { tasksOfStep } from '@/research/negotiation/negotiation-step.ts';
import { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import { rowsOfGroup } from '@/research/negotiation/rows-of-dialogue.ts';
import { planOf } from './negotiation-training/training-schemas.ts';
import { ScriptedGroup } from './scripted-group.ts';
import { courseOf, piecesOf } from './scripted-negotiation-texts.ts';
import { scriptName } from './scripted-studies.ts';

const PHASES: readonly { readonly phase: StepPhase; readonly ms: number }[] = [
  { phase: 'forward', ms: 900 },
  { phase: 'backward', ms: 1800 },
  { phase: 'update', ms: 60 },
  { phase: 'measure', ms: 800 },
];
const MODEL = { name: 'SmolLM2 135M Instruct', key: 'scripted' };
const FAILS_IN_STEP = 2;

export interface LiveTraining {
  control: RolloutControl | undefined;
}

/** @param live  the controls of what trains, for `negotiation.pause` and its kin */
export function createScriptedNegotiationTraining(live: LiveTraining): NegotiationTrainingApi {
  const runs = new Map<string, StoredTrainingRun>();
  const steps = new Map<string, NegotiationTrainingStep>();
  if (scriptName() !== 'training-empty') for (const run of storedRuns()) runs.set(run.id, run);

  async function train(
    run: TrainingRun,
    signal: AbortSignal,
    emit: (event: NegotiationTrainingEvent) => void,
  ): Promise<TrainingRun> {
    let stored = run;
    const control = new RolloutControl((isPaused) => emit({ kind: 'paceChanged', isPaused }));
    live.control = control;
    keep(stored);
    emit({ kind: 'prepared', run: stored });
    try {
      while (stored.steps.length < stored.plan.steps) {
        const step = await playStep(stored, { control, signal, emit });
        steps.set(`${run.id}/${step.step}`, step);
        stored = { ...stored, steps: [...stored.steps, summaryOf(step)] };
        keep(stored);
        emit({ kind: 'stepped', step, secondsLeft: 6 * (stored.plan.steps - stored.steps.length) });
        const checkpoint = checkpointOf(stored);
        emit({ kind: 'saved', checkpoint, runStep: stored.steps.length });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      live.control = undefined;
    }
    return stored;
  }

  function keep(run: TrainingRun): void {
    const checkpoints = run.steps.length === 0 ? [] : [{ ...checkpointOf(run), runStep: run.steps.length }];
    runs.set(run.id, { ...run, checkpoints, isOfLoadedModel: true });
  }

  return {
    train: (request, onEvent) =>
      Promise.resolve(
        serveRun<TrainingRun, NegotiationTrainingEvent>((signal, emit) => {
          if (request.kind === 'start') return train(newRun(request.name, planOf(request)), signal, emit);
          const parent = runs.get(request.runId);
          if (parent === undefined)
            throw new Failure<FailureCode>('storageFailed', 'There is no such training run.', { reason: 'missing' });
          const plan = { ...parent.plan, steps: request.steps ?? parent.plan.steps };
          if (request.kind === 'resume') return train({ ...parent, plan }, signal, emit);
          const origin = { runId: parent.id, name: parent.name, step: parent.steps.length };
          return train({ ...newRun(request.name, plan), parent: origin, steps: parent.steps }, signal, emit);
        }, onEvent),
      ),
    estimate: (request) =>
      Promise.resolve(
        serveRun(async () => {
          await sleep(150);
          return estimateOf(request.steps);
        }),
      ),
    listRuns: async () => [...runs.values()].toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    readStep: async (runId, step) => steps.get(`${runId}/${step}`) ?? null,
    async renameRun(runId, name) {
      const run = runs.get(runId);
      if (run !== undefined) runs.set(runId, { ...run, name });
    },
    async deleteRun(runId) {
      runs.delete(runId);
    },
  };
}

interface StepIo {
  readonly control: RolloutControl;
  readonly signal: AbortSignal;
  readonly emit: (event: NegotiationTrainingEvent) => void;
}

async function playStep(run: TrainingRun, { control, signal, emit }: StepIo): Promise<NegotiationTrainingStep> {
  const { plan } = run;
  const stepsBefore = run.steps.length;
  const step = stepsBefore + 1;
  emit({ kind: 'stepStarted', step, numGroups: 1 });
  const { seed } = plan.settings;
  const task = at(tasksOfStep(plan.dilemmas, plan.pairs, { seed, stepsBefore, groupsPerStep: 1 }), 0);
  const settings = { ...plan.settings, seed: seed + step };
  emit({ kind: 'groupStarted', group: 0, head: { ...task, settings } });
  const progress = (phase: StepPhase, done: number): void =>
    emit({
      kind: 'progress',
      progress: { phase, done, secondsLeft: step === 1 ? null : 6 * (plan.steps - stepsBefore) },
    });
  let numTokens = 0;
  const starts = Array.from({ length: settings.groupSize }, (_, row) => ({ row }));
  const group = new ScriptedGroup(
    { ...task, settings, judge: plan.judge, starts },
    {
      control,
      signal,
      emit(event) {
        if (!isOfGroup(event)) return;
        emit({ kind: 'rollout', group: 0, event });
        if (event.kind === 'stepped') progress('rollout', Math.min(0.99, ++numTokens / 150));
      },
      verdictOf: (course) => {
        const score = courseOf(course.row).score ?? 2.5;
        return Promise.resolve({ state: 'scored', score: Math.min(5, score + step / 20) });
      },
    },
  );
  const record = await group.play();
  if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The training was stopped.');
  emit({ kind: 'groupEnded', group: 0, record });
  if (scriptName() === 'training-fails' && step === FAILS_IN_STEP)
    throw new Failure<FailureCode>('deviceLost', 'The GPU device was lost: the driver was reset.');
  for (const { phase, ms } of PHASES)
    for (let part = 1; part <= 4; part++) {
      await rest(signal, ms / 4);
      progress(phase, part / 4);
    }
  return inventedStep(step, record);
}

function isOfGroup(event: RolloutEvent): event is NegotiationEvent {
  return event.kind !== 'humanAsked' && event.kind !== 'paceChanged';
}

async function rest(signal: AbortSignal, ms: number): Promise<void> {
  await sleep(scriptName() === 'training-slow' ? ms : ms / 20);
  if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The training was stopped.');
}

function inventedStep(step: number, record: GroupRecord): NegotiationTrainingStep {
  const rewards = record.dialogues.map(rewardOf);
  const { advantages } = advantagesOf(
    rewards.map((reward) => [reward]),
    rewards.map(() => 0),
    { scaleRewards: 'group' },
  );
  const rng = createRng(step);
  const rows = rowsOfGroup(record, { groupId: 0, trainRoles: 'agent1', advantages }).map((row) => {
    const { dialogue, utterance, training } = row;
    const texts = piecesOf(record.dialogues[dialogue]?.utterances[utterance ?? 0]?.text ?? '');
    const tokenIds = training.completionIds;
    const logProbs = tokenIds.map(() => -0.2 - 2 * rng.uniform());
    return {
      group: 0,
      dialogue,
      utterance,
      tokenIds,
      lossMask: training.lossMask,
      advantage: training.advantage,
      texts: tokenIds.map((_, index) => texts[index] ?? ''),
      sampledLogProbs: logProbs,
      logProbs,
      entropies: tokenIds.map(() => 2 * rng.uniform()),
      logProbsAfter: logProbs.map((value) =>
        Math.min(0, value + 0.02 * training.advantage * rng.uniform() + 0.004 * rng.normal()),
      ),
    };
  });
  return {
    ...inventedSummary(step),
    groups: [record],
    rewards: [rewards.map((reward) => (Number.isNaN(reward) ? null : reward))],
    advantages: [advantages],
    rows,
  };
}

function inventedSummary(step: number): TrainingStepSummary {
  const rng = createRng(1000 + step);
  const level = 2.2 + 1.4 * (1 - Math.exp(-step / 15));
  const noise = (size: number): number => size * (rng.uniform() - 0.5);
  const reward = level + noise(0.8);
  return {
    step,
    updates: step,
    metrics: {
      reward,
      'reward/min': Math.max(0, reward - 1.6 + step / 40),
      'reward/max': Math.min(5, reward + 1.1),
      score: reward + 0.4,
      reward_std: 1.2 - step / 60 + noise(0.2),
      frac_reward_zero_std: 0,
      frac_failed: step % 5 === 0 ? 0.25 : 0,
      frac_unreadable: 0,
      frac_informative: 1,
      agreement_rate: step % 5 === 0 ? 0.75 : 1,
      'num_turns/mean': 2.3 - step / 100 + noise(0.3),
      'num_turns/min': 1,
      'num_turns/max': 3,
      entropy: 1.9 - step / 80 + noise(0.1),
      kl: 0,
      'clip_ratio/low_mean': 0,
      'clip_ratio/high_mean': 0,
      'clip_ratio/region_mean': 0,
      loss: noise(0.02),
      grad_norm: 0.6 + noise(0.3),
      learning_rate: 5e-5,
      'completions/mean_length': 38 + noise(8),
      'completions/min_length': 20,
      'completions/max_length': 60,
      'completions/clipped_ratio': 0.1,
      num_tokens: 240 * step,
      step_time: 6.2 + noise(1),
      'sampling/sampling_logp_difference/mean': 2e-6,
      'sampling/sampling_logp_difference/max': 2e-5,
      'change/mean_abs': 0.012 + noise(0.004),
      'change/agreement': 0.81 + noise(0.1),
      'monitor/aspect_words': 0.4 + noise(0.3),
      'monitor/agreed_in_round_1': 0.25,
      'monitor/mean_words': 31 + noise(6),
      'monitor/distinct_answers': 1,
    },
    phaseSeconds: { rollout: 3.1, judge: 0.6, forward: 0.8, backward: 1.6, update: 0.05, measure: 0.7 },
    tasks: [
      { dilemma: at(DILEMMAS, step % DILEMMAS.length).id, pair: at(PERSONA_PAIRS, step % PERSONA_PAIRS.length).id },
    ],
  };
}

function summaryOf({ step, updates, metrics, phaseSeconds, tasks }: NegotiationTrainingStep): TrainingStepSummary {
  return { step, updates, metrics, phaseSeconds, tasks };
}

function newRun(name: string, plan: NegotiationTrainingPlan): TrainingRun {
  const now = new Date().toISOString();
  return {
    format: 'duet-negotiation-training-1',
    id: crypto.randomUUID(),
    name,
    adapterId: 'scripted-adapter',
    model: MODEL,
    device: 'scripted',
    createdAt: now,
    updatedAt: now,
    plan,
    parent: null,
    steps: [],
  };
}

function storedRuns(): StoredTrainingRun[] {
  const make = (name: string, createdAt: string, steps: number, made: number): StoredTrainingRun => {
    const plan = planOf({ kind: 'start', name, steps });
    const summaries = Array.from({ length: made }, (_, index) => inventedSummary(index + 1));
    const run = { ...newRun(name, plan), id: name.toLowerCase().replaceAll(' ', '-'), createdAt, steps: summaries };
    return { ...run, checkpoints: [{ ...checkpointOf(run), runStep: made }], isOfLoadedModel: true };
  };
  return [
    make('Fair words', '2026-11-20T09:00:00.000Z', 40, 40),
    make('Interrupted', '2026-11-21T09:00:00.000Z', 30, 12),
  ];
}

function checkpointOf(run: TrainingRun): StoredTrainingRun['checkpoints'][number] {
  const step = run.steps.length;
  return {
    id: `${run.id}-${step}`,
    adapterId: run.adapterId,
    runId: run.id,
    step,
    dataPosition: step,
    createdAt: '2026-11-21T10:00:00.000Z',
    sizeBytes: 29_300_000,
    runStep: step,
  };
}

function estimateOf(
  steps: number,
): Awaited<ReturnType<Awaited<ReturnType<NegotiationTrainingApi['estimate']>>['done']>> {
  return {
    update: {
      fits: true,
      reasons: [],
      bytes: {
        adapter: 9_800_000,
        gradients: 9_800_000,
        optimizer: 19_600_000,
        activations: 96_000_000,
        total: 135_200_000,
      },
      largestBufferBytes: 24_000_000,
      largestBufferLimitBytes: 134_217_728,
      numTokens: 2900,
      numPasses: 2,
      secondsPerStep: 2.6,
      probeMs: 12,
      suggestions: [],
    },
    seconds: { rollout: 3.2, judge: 0.6, update: 3.4, step: 7.2, run: 7.2 * steps },
    tokens: { read: 6100, written: 2432, trained: 960 },
    context: { needed: 700, free: 3600 },
  };
}
