/** What a training may be asked for, checked and completed before anything starts. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { checkInput } from '@/protocol/check-input.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { judgeConfigSchema, templatesSchema } from '@/protocol/negotiation-request-schema.ts';
import { runName, runSteps, startTrainingSchema } from '@/protocol/negotiation-training-schema.ts';
import { checkNegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type {
  BranchTraining,
  NegotiationTrainingPlan,
  NegotiationTrainingRequest,
  ResumeTraining,
  StartTraining,
  TrainingRun,
} from '@/protocol/negotiation-training.ts';
import { NEGOTIATION_TRAINING_DEFAULTS } from '@/protocol/negotiation-training-presets.ts';
import { checkLoraConfig, checkTrainingSettings } from '@/protocol/training-schema.ts';
import { refuseHeldOut } from '@/research/negotiation/rows-of-dialogue.ts';
import { checkTemplates, dilemmaOf, pairOf } from '../negotiation/negotiation-schemas.ts';

const CALL = 'train';
const runId = z.string().min(1).max(100);

const requestSchema = z.discriminatedUnion('kind', [
  startTrainingSchema,
  z.strictObject({
    kind: z.literal('resume'),
    runId,
    steps: runSteps.optional(),
    judge: judgeConfigSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('branch'),
    runId,
    checkpointId: z.string().min(1).max(400),
    name: runName,
    steps: runSteps,
    settings: z.unknown().optional(),
    training: z.unknown().optional(),
    judge: judgeConfigSchema.optional(),
    templates: templatesSchema,
  }),
]);

/** @throws {Failure} 'invalidConfig' naming the field */
export function checkTrainingRequest<Request extends NegotiationTrainingRequest>(request: Request): Request {
  checkInput(requestSchema, request, CALL);
  return request;
}

/** @throws {Failure} 'invalidConfig' naming the field, also for what is held out */
export function planOf(request: StartTraining): NegotiationTrainingPlan {
  const { method = 'negotiation', judge = { kind: 'engine' }, agreement = null, steps: numSteps } = request;
  const settings = settingsOf(request.settings);
  return {
    method,
    ...materialOf(request),
    settings,
    training: trainingOf(request.training, settings, method, numSteps),
    lora: checkLoraConfig(request.lora, `${CALL}: lora`),
    judge,
    agreement,
    templates: checkTemplates(request.templates, CALL),
    ...rhythmOf(request),
  };
}

function rhythmOf({
  groupsPerStep = 1,
  checkpointEvery = 1,
  checkpointsKept = 5,
  measuresChange = true,
  trainsThoughts = false,
  steps: numSteps,
}: StartTraining): Pick<
  NegotiationTrainingPlan,
  'groupsPerStep' | 'steps' | 'checkpointEvery' | 'checkpointsKept' | 'measuresChange' | 'trainsThoughts'
> {
  return { groupsPerStep, steps: numSteps, checkpointEvery, checkpointsKept, measuresChange, trainsThoughts };
}

function settingsOf(given: unknown): NegotiationTrainingPlan['settings'] {
  const settings = checkNegotiationSettings(given, `${CALL}: settings`);
  if (settings.adapterAgent1 === 'off')
    throw invalid('settings: adapterAgent1: It must be on: what is said without the adapter trains nothing.');
  if (settings.utteranceTemperature === 0)
    throw invalid('settings: utteranceTemperature: It must be above 0, or all dialogues of a group are the same.');
  if (settings.groupSize < 2)
    throw invalid('settings: groupSize: It must be at least 2: an advantage compares dialogues of one group.');
  return settings;
}

function materialOf({
  method,
  dilemmas: given,
  pairs: givenPairs,
}: StartTraining): Pick<NegotiationTrainingPlan, 'dilemmas' | 'pairs'> {
  const dilemmas = given?.map((one) => dilemmaOf(one, CALL)) ?? trainable(DILEMMAS);
  if (method === 'singleAgent') {
    refuseAllHeldOut(dilemmas, []);
    return { dilemmas, pairs: [] };
  }
  const pairs = givenPairs?.map((one) => pairOf(one, CALL)) ?? trainable(PERSONA_PAIRS);
  refuseAllHeldOut(dilemmas, pairs);
  return { dilemmas, pairs };
}

/** What goes on is what was there, but for its end and the judge's key. */
export function resumedPlan({ plan }: TrainingRun, { steps: end, judge }: ResumeTraining): NegotiationTrainingPlan {
  return { ...plan, steps: end ?? plan.steps, ...(judge && { judge }) };
}

/** @throws {Failure} 'invalidConfig' naming the field */
export function branchedPlan(parent: TrainingRun, request: BranchTraining): NegotiationTrainingPlan {
  const { plan } = parent;
  const changed = (old: object, changes: unknown): unknown =>
    changes === undefined ? old : { ...old, ...(changes as object) };
  const settings = settingsOf(changed(plan.settings, request.settings));
  return {
    ...plan,
    settings,
    training: trainingOf(changed(plan.training, request.training), settings, plan.method, request.steps),
    templates: request.templates === undefined ? plan.templates : checkTemplates(request.templates, CALL),
    steps: request.steps,
    ...(request.judge && { judge: request.judge }),
  };
}

/** Lengths and temperature are those of the dialogues, and a schedule ends with the run, unless they are given. */
function trainingOf(
  given: unknown,
  settings: NegotiationTrainingPlan['settings'],
  method: NegotiationTrainingPlan['method'],
  numSteps: number,
): NegotiationTrainingPlan['training'] {
  const longest = method === 'singleAgent' ? settings.maxCompletionTokens : settings.maxUtteranceTokens;
  const numIterations = checkTrainingSettings(given, `${CALL}: training`).numIterations;
  const defaults = {
    ...NEGOTIATION_TRAINING_DEFAULTS,
    maxCompletionLength: longest,
    maxSteps: numSteps * numIterations,
  };
  const checked = checkTrainingSettings({ ...camelDefaults(defaults, given) }, `${CALL}: training`);
  if (checked.lossType === 'sft')
    throw invalid('training: lossType: "sft" imitates examples; choose one of the losses with advantages.');
  return { ...checked, temperature: settings.utteranceTemperature };
}

/** Defaults for what is not given, in either spelling. */
function camelDefaults(defaults: Readonly<Record<string, unknown>>, given: unknown): Record<string, unknown> {
  const own = (given ?? {}) as Readonly<Record<string, unknown>>;
  const snake = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const missing = Object.entries(defaults).filter(([key]) => !(key in own) && !(snake(key) in own));
  return { ...Object.fromEntries(missing), ...own };
}

function trainable<Item extends Dilemma | PersonaPair>(items: readonly Item[]): readonly Item[] {
  return items.filter(({ split }) => split === 'train');
}

function refuseAllHeldOut(dilemmas: readonly Dilemma[], pairs: readonly PersonaPair[]): void {
  for (const dilemma of dilemmas) refuseHeldOut({ dilemma });
  for (const pair of pairs) refuseHeldOut({ pair });
}

function invalid(message: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidConfig', `${CALL}: ${message}`);
}
