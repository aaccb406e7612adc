/** What a scenario does, as a set-up of the panel in which it is done. */
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { withCamelCaseKeys } from '@/protocol/check-input.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import type { Scenario, ScenarioOf, WrittenScenario } from '@/protocol/scenario/scenario.ts';
import { SHARE_FORMAT, type SharedContent, type SharedRules } from '@/protocol/shared-content.ts';
import { DEFAULT_FINE_TUNE } from '@/protocol/training-api.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING } from '@/protocol/training.ts';
import { FORM_NUMBERS } from '../fine-tune-form.ts';
import { isTemplateId } from '../material-templates.ts';
import { TRAINING_CHOICES, TRAINING_NUMBER_NAMES } from '../negotiation-training-form.ts';
import { checkShared } from './shared-content-schema.ts';

/** Asked for with every change of the page's state. */
const known = new WeakMap<WrittenScenario, SharedContent | null>();

/**
 * Times, expectations and what is set up around the page have no place in a panel: they stay with the scenario.
 *
 * @param scenario  checked
 * @returns null where a panel cannot be put so that it would do the same
 */
export function setUpOfScenario(scenario: WrittenScenario): SharedContent | null {
  const found = known.get(scenario);
  if (found !== undefined) return found;
  const setUp = checkedOrNull(checkScenario(scenario));
  known.set(scenario, setUp);
  return setUp;
}

/** A panel's own limits are narrower than a scenario's, here and there. */
function checkedOrNull(scenario: Scenario): SharedContent | null {
  try {
    const setUp = setUpOf(scenario);
    return setUp === null ? null : checkShared({ format: SHARE_FORMAT, ...setUp });
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

function setUpOf(scenario: Scenario): object | null {
  switch (scenario.panel) {
    case 'thinking':
      return scenario.inputs.kind === 'setup'
        ? null
        : { kind: 'thinking', question: scenario.inputs.question, settings: settingsOf(scenario) };
    case 'negotiation': {
      const { dilemma, pair, judge, templates } = scenario.inputs;
      return {
        kind: 'negotiation',
        rules: { dilemma, pair, settings: settingsOf(scenario), ...rulesPart(judge, templates) },
      };
    }
    case 'training':
      return scenario.inputs.kind === 'fineTune'
        ? fineTuneOf(scenario.settings, scenario.seed, scenario.inputs)
        : trainingOf(scenario, scenario.inputs);
    case 'chat':
      return chatOf(scenario);
    case 'model':
      return null;
    default:
      return assertNever(scenario);
  }
}

function settingsOf({ settings, seed }: Pick<Scenario, 'settings' | 'seed'>): object {
  return { ...settings, ...(seed !== undefined && { seed }) };
}

/** A judge that is a server is left out, as in everything that is shared. */
function rulesPart(
  judge: { readonly kind: string } | null | undefined,
  templates: Readonly<Record<string, string>> = {},
): { judge?: unknown; templates: NonNullable<SharedRules['templates']> } {
  const edited = Object.entries(templates).filter(([id, text]) => !isTemplateId(id) || TEMPLATES[id].text !== text);
  return {
    ...(judge !== null && judge !== undefined && judge.kind !== 'endpoint' && { judge }),
    templates: Object.fromEntries(
      edited.map(([id, text]) => [id, { ourVersion: isTemplateId(id) ? TEMPLATES[id].version : 0, text }]),
    ) as Record<TemplateId, { ourVersion: number; text: string }>,
  };
}

type TrainingInputs = ScenarioOf<'training'>['inputs'];
type FineTuneInputs = Extract<TrainingInputs, { readonly kind: 'fineTune' }>;

function fineTuneOf(settings: object | undefined, seed: number | undefined, inputs: FineTuneInputs): object | null {
  const { fields } = withCamelCaseKeys(settings ?? {}, 'settings');
  // The form has no seed: examples are drawn with the default.
  if ((seed ?? fields['seed'] ?? DEFAULT_TRAINING.seed) !== DEFAULT_TRAINING.seed) return null;
  const { kind: _, adapter: _adapter, data, ...numbers } = inputs;
  const keys = [...FORM_NUMBERS, 'lrSchedulerType', 'gradientCheckpointing'];
  if (hasOthers(fields, DEFAULT_TRAINING, keys)) return null;
  const all = { ...DEFAULT_TRAINING, ...DEFAULT_FINE_TUNE, ...fields, ...numbers };
  return { kind: 'fineTune', form: { data, ...some(all, keys) } };
}

/** Of `duet.negotiation.train`; the form begins with others. */
const SCRIPT_DEFAULTS = { method: 'negotiation', groupsPerStep: 1, measuresChange: true, trainsThoughts: false };

/** Only one dilemma with one pair, or all of ours: the form has no place for other lists. */
function trainingOf(scenario: ScenarioOf<'training'>, inputs: Exclude<TrainingInputs, FineTuneInputs>): object | null {
  const { dilemmas, pairs, judge, templates, name, steps, ...others } = inputs;
  const isChosen = dilemmas?.length === 1 && pairs?.length === 1;
  if (!isChosen && (dilemmas !== undefined || pairs !== undefined)) return null;
  const settings = settingsOf(scenario);
  const training = fieldsOf(others.training, DEFAULT_TRAINING);
  const lora = fieldsOf(others.lora, DEFAULT_LORA);
  const keys = ['name', ...TRAINING_NUMBER_NAMES, ...Object.keys(TRAINING_CHOICES)];
  if (hasOthers(training, DEFAULT_TRAINING, keys) || hasOthers(lora, DEFAULT_LORA, keys)) return null;
  const all = {
    ...DEFAULT_NEGOTIATION,
    ...settings,
    ...training,
    ...lora,
    ...SCRIPT_DEFAULTS,
    ...others,
    seed: { ...DEFAULT_NEGOTIATION, ...settings }.seed,
    name,
    steps,
    material: isChosen ? 'chosen' : 'all',
  };
  return {
    kind: 'training',
    plan: some(all, keys),
    rules: {
      settings,
      ...rulesPart(judge ?? { kind: 'engine' }, templates),
      ...(isChosen && { dilemma: dilemmas[0], pair: pairs[0] }),
    },
  };
}

function fieldsOf(given: unknown, defaults: object): object {
  return { ...defaults, ...withCamelCaseKeys(given ?? {}, 'training').fields };
}

/** What follows from the form's own fields. */
const DERIVED = new Set(['epsilonHigh', 'maxSteps', 'seed']);

/** Whether something differs from the defaults that the form has no field for. */
function hasOthers(given: object, defaults: object, keys: readonly string[]): boolean {
  const standard = new Map<string, unknown>(Object.entries(defaults));
  return Object.entries(given).some(
    ([key, value]) =>
      !keys.includes(key) && !DERIVED.has(key) && JSON.stringify(value) !== JSON.stringify(standard.get(key)),
  );
}

/** The first question, as it is asked; a server that only the scenario has cannot be chatted with. */
function chatOf(scenario: ScenarioOf<'chat'>): object | null {
  const { model, questions } = scenario.inputs;
  const [first] = questions;
  if (first === undefined || (model.kind === 'endpoint' && model.url.startsWith('/'))) return null;
  return {
    kind: 'chat',
    question: first.text,
    settings: { ...settingsOf(scenario), ...first.settings },
    chatModel: model.kind === 'endpoint' ? { kind: model.kind, url: model.url, model: model.model } : model,
  };
}

function some(all: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => keys.includes(key) && value !== undefined));
}
