/** What can be exported to TRL. Everything wrong is named by its field, with what to do about it. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { checkInput } from '@/protocol/check-input.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { HELD_OUT_DILEMMAS, HELD_OUT_PERSONA_PAIRS } from '@/protocol/negotiation/held-out.ts';
import { dilemmaSchema, personaPairSchema } from '@/protocol/negotiation/schema.ts';
import { checkTemplateText, TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { checkNegotiationSettings, type NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { FileBytes } from '@/protocol/training-api.ts';
import { checkLoraConfig, checkTrainingSettings } from '@/protocol/training-schema.ts';
import type { LoraConfig, TrainingSettings } from '@/protocol/training.ts';

export interface TrlExportInput {
  readonly name: string;
  /** What transformers loads: the name of a repository, or a folder. */
  readonly baseModel: string;
  readonly dilemmas: readonly Dilemma[];
  readonly pairs: readonly PersonaPair[];
  readonly settings: NegotiationSettings;
  readonly training: TrainingSettings;
  readonly lora: LoraConfig;
  /** Edited texts; the others are ours. */
  readonly templates: Readonly<Partial<Record<TemplateId, string>>>;
  readonly groupsPerStep: number;
  /** Batches of dialogues; each makes `numIterations` updates. */
  readonly steps: number;
  /** Recorded rollouts, in the order in which they were made. */
  readonly groups?: readonly GroupRecord[];
  /** adapter_config.json and adapter_model.safetensors of an adapter to begin from. */
  readonly adapter?: readonly FileBytes[];
}

/** Checked, and without anything that is held out. */
export type CheckedExport = Required<Omit<TrlExportInput, 'templates'>> & {
  /** Final texts of those in use, by id. */
  readonly templates: Readonly<Record<string, string>>;
};

const CALL = 'TRL export';
const ADAPTER_CONFIG = 'adapter_config.json';
const ADAPTER_FILES = [ADAPTER_CONFIG, 'adapter_model.safetensors'] as const;

/** What the exported code fills in. */
const EXPORTED_TEMPLATES = [
  'agent',
  'opening',
  'turn',
  'completion',
  'agreement',
  'caJudge',
  'caJudgeDialogue',
] as const satisfies readonly TemplateId[];

const count = z.int().min(1);
const planSchema = z.object({
  name: z.string().trim().min(1).max(200),
  baseModel: z.string().trim().min(1).max(400),
  groupsPerStep: count.max(1024),
  steps: count.max(1_000_000),
  dilemmas: z.array(dilemmaSchema),
  pairs: z.array(personaPairSchema),
});

/** @throws {Failure} 'invalidConfig' naming the field */
export function checkTrlExportInput(input: TrlExportInput): CheckedExport {
  const { name, baseModel, groupsPerStep, steps, dilemmas, pairs } = input;
  const plan = checkInput(planSchema, { name, baseModel, groupsPerStep, steps, dilemmas, pairs }, CALL);
  const settings = checkNegotiationSettings(input.settings, `${CALL}: settings`);
  const training = checkTrainingSettings(input.training, `${CALL}: training`);
  const lora = checkLoraConfig(input.lora, `${CALL}: lora`);
  refuseUntrainable(settings, training);
  refuseUnequalParts(settings, training, groupsPerStep);
  const { adapter = [], groups = [] } = input;
  refuseOtherAdapter(adapter, lora);
  return {
    ...plan,
    dilemmas: inTraining(plan.dilemmas, HELD_OUT_DILEMMAS, 'dilemmas'),
    pairs: inTraining(plan.pairs, HELD_OUT_PERSONA_PAIRS, 'pairs'),
    settings,
    training,
    lora,
    templates: finalTexts(input.templates),
    groups: groups.filter(
      ({ dilemma, pair }) => !isHeldOut(dilemma, HELD_OUT_DILEMMAS) && !isHeldOut(pair, HELD_OUT_PERSONA_PAIRS),
    ),
    adapter,
  };
}

function refused(field: string, fault: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidConfig', `${CALL}: ${field}: ${fault}`);
}

/** By its own word and by the list: a copy of ours that calls itself 'train' is held out all the same. */
function isHeldOut({ id, split }: Pick<Dilemma, 'id' | 'split'>, list: ReadonlySet<string>): boolean {
  return split === 'test' || list.has(id);
}

function inTraining<Item extends Pick<Dilemma, 'id' | 'split'>>(
  items: readonly Item[],
  list: ReadonlySet<string>,
  field: string,
): readonly Item[] {
  const kept = items.filter((item) => !isHeldOut(item, list));
  if (kept.length === 0)
    throw refused(field, 'none of them is for training. Choose at least one that is not held out.');
  return kept;
}

/** What Duet can do and the exported code cannot, or what would train nothing. */
function refuseUntrainable(settings: NegotiationSettings, training: TrainingSettings): void {
  if (settings.groupSize < 2)
    throw refused('settings: groupSize', 'TRL compares dialogues of a group. Take at least 2.');
  if (settings.thinking !== 'none')
    throw refused('settings: thinking', 'private thoughts while listening cannot be exported. Set it to "none".');
  if (settings.utteranceTemperature === 0)
    throw refused('settings: utteranceTemperature', 'log-probabilities need a temperature above 0.');
  const isTrained =
    settings.adapterAgent1 === 'on' || (training.trainRoles === 'both' && settings.adapterAgent2 === 'on');
  if (!isTrained)
    throw refused('settings: adapterAgent1', 'no side that is trained speaks with the adapter. Set it to "on".');
  if (training.lossType === 'sft')
    throw refused('training: lossType', '"sft" is no loss of TRL’s GRPO trainer. Choose another one.');
}

function refuseUnequalParts(settings: NegotiationSettings, training: TrainingSettings, groupsPerStep: number): void {
  const { gradientAccumulationSteps, beta, normalizeOver } = training;
  const numDialogues = settings.groupSize * groupsPerStep;
  if (numDialogues % gradientAccumulationSteps !== 0)
    throw refused(
      'training: gradientAccumulationSteps',
      `TRL cuts a batch into equal parts, and ${gradientAccumulationSteps} does not divide its ${numDialogues} dialogues.`,
    );
  if (beta !== 0 && normalizeOver === 'group' && groupsPerStep > 1)
    throw refused(
      'training: normalizeOver',
      '"group" can be exported without a KL term only. Set it to "batch", or beta to 0.',
    );
}

function finalTexts(edited: TrlExportInput['templates']): CheckedExport['templates'] {
  for (const [id, text] of Object.entries(edited)) {
    if (!isTemplateId(id)) throw refused(`templates: ${id}`, 'there is no such template.');
    const [fault] = checkTemplateText(id, text);
    if (fault !== undefined) throw refused(`templates: ${id}`, fault);
  }
  return Object.fromEntries(EXPORTED_TEMPLATES.map((id) => [id, edited[id] ?? TEMPLATES[id].text]));
}

function isTemplateId(id: string): id is TemplateId {
  return Object.hasOwn(TEMPLATES, id);
}

const adapterSchema = z.object({
  r: z.number(),
  lora_alpha: z.number(),
  use_rslora: z.boolean().default(false),
  target_modules: z.array(z.string()),
});

/** The exported code builds the adapter from `lora` and puts the weights in, so both must have one shape. */
function refuseOtherAdapter(adapter: readonly FileBytes[], lora: LoraConfig): void {
  if (adapter.length === 0) return;
  const names = adapter.map(({ name }) => name).toSorted();
  const config = adapter.find(({ name }) => name === ADAPTER_CONFIG);
  if (config === undefined || names.join() !== ADAPTER_FILES.join())
    throw refused('adapter', `give ${ADAPTER_FILES.join(' and ')}, and nothing else.`);
  const found = checkInput(adapterSchema, jsonOf(config.bytes), `${CALL}: adapter: ${ADAPTER_CONFIG}`);
  const isSame =
    found.r === lora.r &&
    found.lora_alpha === lora.loraAlpha &&
    found.use_rslora === lora.useRslora &&
    found.target_modules.toSorted().join() === lora.targetModules.toSorted().join();
  if (!isSame)
    throw refused('adapter', 'its rank, alpha or modules are others than those of lora. Make them the same.');
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw refused('adapter', `${ADAPTER_CONFIG} is no JSON.`);
  }
}
