/** Runs a scenario of training; the run and the adapter that it makes are deleted again, however it ends. */
import type { NegotiationTrainingEvent, StartTraining, TrainingRun } from '@/protocol/negotiation-training.ts';
import type { ScenarioOf } from '@/protocol/scenario/scenario.ts';
import type { PanelOutcome, RunContext } from './panel-run.ts';
import { groupOutcome } from './run-negotiation.ts';
import { timingRatio } from './timing-ratios.ts';

type Training = ScenarioOf<'training'>;
type FineTune = Extract<Training['inputs'], { readonly kind: 'fineTune' }>;
type OnDialogues = Exclude<Training['inputs'], FineTune>;

const ADAPTER_NAME = 'Scenario';

export function runTraining(scenario: Training, context: RunContext): Promise<PanelOutcome> {
  const { inputs } = scenario;
  return inputs.kind === 'fineTune'
    ? runFineTune(scenario, inputs, context)
    : runOnDialogues(scenario, inputs, context);
}

async function runFineTune({ settings, seed }: Training, inputs: FineTune, context: RunContext): Promise<PanelOutcome> {
  const { kind: _, adapter = {}, ...request } = inputs;
  const { training } = context.engine;
  const made = await training.createAdapter({ name: ADAPTER_NAME, ...adapter });
  const steps: { step: number; loss: number; gradNorm: number; stepMs: number }[] = [];
  try {
    await training.fineTune(
      { ...request, settings: { ...settings, ...(seed !== undefined && { seed }) }, checkpointEvery: 0 },
      (event) => {
        if (event.kind !== 'stepped') return;
        steps.push(event);
        context.progressed(steps.length, 0);
      },
      { signal: context.signal },
    );
  } finally {
    await forgetAdapter(context, made.id);
  }
  const metrics = steps.flatMap(({ step, loss, gradNorm }) => [
    [`step${step}.loss`, loss] as const,
    [`step${step}.gradNorm`, gradNorm] as const,
  ]);
  const ms = steps.map(({ stepMs }) => stepMs);
  return {
    metrics: { steps: steps.length, ...Object.fromEntries(metrics) },
    ratios: timingRatio('the first step / a later one', ms.slice(0, 1), ms.slice(1)),
  };
}

async function runOnDialogues(
  { settings, seed }: Training,
  inputs: OnDialogues,
  context: RunContext,
): Promise<PanelOutcome> {
  const { negotiation } = context.engine;
  let [numSteps, numTokens] = [0, 0];
  let begun: TrainingRun | null = null;
  const onEvent = (event: NegotiationTrainingEvent): void => {
    if (event.kind === 'prepared') begun = event.run;
    if (event.kind === 'stepped') numSteps = event.step.step;
    else if (event.kind === 'rollout' && event.event.kind === 'stepped') numTokens += event.event.tokens.length;
    else return;
    context.progressed(numSteps, numTokens);
  };
  const wanted: unknown = {
    ...inputs,
    kind: 'start',
    settings: { ...settings, ...(seed !== undefined && { seed }) },
  };
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the schema that the worker uses too
    const run = await negotiation.train(wanted as StartTraining, onEvent, { signal: context.signal });
    return await outcomeOf(run, context);
  } finally {
    if (begun !== null) await forgetRun(context, begun);
  }
}

async function outcomeOf(run: TrainingRun, { engine: { negotiation } }: RunContext): Promise<PanelOutcome> {
  const steps: Required<Pick<PanelOutcome, 'streams' | 'facts' | 'metrics'>>[] = [];
  for (const { step, updates, metrics } of run.steps) {
    const whole = await negotiation.readTrainingStep(run.id, step);
    const groups = (whole?.groups ?? []).map((group, i) => groupOutcome(group, `step${step}.group${i + 1}.`));
    steps.push({
      streams: groups.flatMap(({ streams }) => streams),
      facts: merged(groups.map(({ facts }) => facts)),
      metrics: {
        [`step${step}.updates`]: updates,
        ...Object.fromEntries(
          Object.entries(metrics)
            .filter(([name]) => name !== 'step_time')
            .map(([name, value]) => [`step${step}.${name}`, value]),
        ),
        ...merged(groups.map((group) => group.metrics)),
      },
    });
  }
  const { phaseSeconds } = run.steps.at(-1) ?? {};
  return {
    streams: steps.flatMap(({ streams }) => streams),
    facts: merged(steps.map(({ facts }) => facts)),
    metrics: { steps: run.steps.length, ...merged(steps.map((step) => step.metrics)) },
    ratios: timingRatio(
      'the backward pass / the forward pass',
      present(phaseSeconds?.backward),
      present(phaseSeconds?.forward),
    ),
    training: run,
  };
}

function merged<Value>(records: readonly Readonly<Record<string, Value>>[]): Record<string, Value> {
  return Object.fromEntries(records.flatMap((record) => Object.entries(record)));
}

function present(value: number | undefined): number[] {
  return value === undefined ? [] : [value];
}

/** What cannot be deleted hides nothing of how the run ended. */
async function forgetRun(context: RunContext, { id, adapterId }: TrainingRun): Promise<void> {
  await context.engine.negotiation.deleteTrainingRun(id).catch(() => undefined);
  await forgetAdapter(context, adapterId);
}

/** A device that was lost has taken the model with it: then there is nothing to detach. */
async function forgetAdapter({ engine }: RunContext, id: string): Promise<void> {
  await engine.training.deleteAdapter(id).catch(() => undefined);
}
