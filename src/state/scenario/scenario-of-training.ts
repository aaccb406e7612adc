/** A training as the scenario that repeats it. */
import type { NegotiationTrainingStep, TrainingRun } from '@/protocol/negotiation-training.ts';
import { toleranceOf } from '@/protocol/scenario/is-close.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import { dialogueStreams } from '@/protocol/scenario/stream-names.ts';
import type { AppState } from '../app-store.ts';
import { nameOfText, SCENARIO_HEAD } from './scenario-file.ts';
import { modelPart, notRepeatable } from './scenario-model.ts';

type Metric = NonNullable<WrittenScenario['expect']['metrics']>[number];

/** What a step comes to; the others follow from these and the dialogues. */
const KEPT_METRICS = ['reward', 'loss', 'grad_norm'];

/**
 * @param step  the run's shown one, whose dialogues are known
 * @throws {Failure} 'invalidConfig' with the reason if a file cannot repeat it
 */
export function scenarioOfTraining(
  { model }: Pick<AppState, 'model'>,
  { name, plan, steps, parent, model: made }: TrainingRun,
  step: NegotiationTrainingStep | null,
): WrittenScenario {
  if (parent !== null) throw notRepeatable('This run is a branch: it goes on from an adapter that a scenario lacks.');
  if (steps.length === 0) throw notRepeatable('The run has no finished step.');
  const { settings, dilemmas, pairs, judge, agreement, training, lora, method, templates, ...rhythm } = plan;
  if (judge.kind !== 'engine' && judge.kind !== 'rule')
    throw notRepeatable('The judge of this run does not repeat itself; only the model and rules do.');
  const { note, ...part } = modelPart(model, made);
  const { seed, ...others } = settings;
  const { groupsPerStep, measuresChange, trainsThoughts } = rhythm;
  return {
    ...SCENARIO_HEAD,
    name: nameOfText(name, 'A training'),
    description: `Saved from the training of the Negotiation panel: ${steps.length} steps with a new adapter.${note}`,
    panel: 'training',
    ...part,
    inputs: {
      kind: 'negotiation',
      name,
      method,
      dilemmas: dilemmas.map((dilemma) => ({ ...dilemma })),
      ...(pairs.length > 0 && { pairs: pairs.map((pair) => ({ ...pair })) }),
      training: { ...training },
      lora: { ...lora },
      judge,
      ...(agreement?.kind === 'rule' && { agreement: { kind: 'rule', ...phrasesOf(agreement) } }),
      templates: { ...templates },
      groupsPerStep,
      measuresChange,
      trainsThoughts,
      steps: steps.length,
    },
    settings: { ...others },
    seed,
    expect: {
      metrics: steps.flatMap((one) =>
        KEPT_METRICS.flatMap((key) => metricOf(`step${one.step}.${key}`, one.metrics[key])),
      ),
      ...(step !== null && { tokenIds: tokenIdsOf(step) }),
    },
  };
}

/** Fine-tuning of a new adapter. @throws {Failure} as above */
export function scenarioOfFineTune({
  model,
  fineTune,
  adapters,
}: Pick<AppState, 'model' | 'fineTune' | 'adapters'>): WrittenScenario {
  const { request, adapterId, points, madeBy } = fineTune;
  const adapter = adapters?.adapters.find(({ id }) => id === adapterId);
  if (request === null || adapter === undefined || points.length === 0)
    throw notRepeatable('There is no finished step of a fine-tuning with an adapter that is still there.');
  if (adapter.step !== points.length)
    throw notRepeatable('The adapter had been trained before. Only the training of a new one can be repeated.');
  const { note, ...part } = modelPart(model, madeBy ?? undefined);
  const { data, examplesPerStep, maxTokens, settings } = request;
  return {
    ...SCENARIO_HEAD,
    name: nameOfText(adapter.name, 'A fine-tuning'),
    description: `Saved from the Adapters dialog: ${points.length} steps with a new adapter.${note}`,
    panel: 'training',
    ...part,
    inputs: {
      kind: 'fineTune',
      adapter: { config: { ...adapter.config }, seed: 0 },
      data,
      steps: points.length,
      ...(examplesPerStep !== undefined && { examplesPerStep }),
      ...(maxTokens !== undefined && { maxTokens }),
    },
    settings: { ...settings },
    expect: { metrics: points.flatMap(({ step, loss }) => metricOf(`step${step}.loss`, loss)) },
  };
}

function phrasesOf({ phrases }: { readonly phrases?: readonly string[] }): { phrases?: string[] } {
  return phrases === undefined ? {} : { phrases: [...phrases] };
}

function metricOf(name: string, value: number | undefined): Metric[] {
  if (value === undefined || !Number.isFinite(value)) return [];
  const tolerance = toleranceOf(value);
  return [{ name, min: value - tolerance, max: value + tolerance }];
}

function tokenIdsOf({ step, groups }: NegotiationTrainingStep): Record<string, number[]> {
  return Object.fromEntries(
    groups.flatMap(({ dialogues }, group) =>
      dialogues
        .flatMap(dialogueStreams)
        .map(({ name, said }) => [`step${step}.group${group + 1}.${name}`, [...said.tokenIds]]),
    ),
  );
}
