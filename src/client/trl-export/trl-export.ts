/** A negotiation run as a folder that TRL trains on real clusters, zipped. */
import { strToU8, zipSync } from 'fflate';
import { PAPER_CREDIT } from '@/protocol/negotiation/prompt-template.ts';
import type { FileBytes } from '@/protocol/training-api.ts';
import accelerateYaml from './accelerate.yaml?raw';
import chatPromptsPy from './chat_prompts.py?raw';
import { checkTrlExportInput, type CheckedExport, type TrlExportInput } from './check-trl-export-input.ts';
import readme from './exported-readme.md?raw';
import judgesPy from './judges.py?raw';
import negotiationTrainerPy from './negotiation_trainer.py?raw';
import policyPy from './policy.py?raw';
import { jsonLines, recordedFiles } from './recorded-rollouts.ts';
import requirements from './requirements.txt?raw';
import rewardPy from './reward.py?raw';
import rolloutPy from './rollout.py?raw';
import trainPy from './train.py?raw';
import { trlConfig, trlLoraConfig } from './trl-config.ts';

export type { TrlExportInput } from './check-trl-export-input.ts';

/** Any fixed time, so that equal input gives equal files; the first one a .zip can hold. */
const FILE_TIME = new Date(1980, 0, 1);

/** As the paper's dialogues address each other. */
const NAMES = { agent1: 'Agent A', agent2: 'Agent B' } as const;

const CODE: Readonly<Record<string, string>> = {
  'train.py': trainPy,
  'negotiation_trainer.py': negotiationTrainerPy,
  'rollout.py': rolloutPy,
  'policy.py': policyPy,
  'chat_prompts.py': chatPromptsPy,
  'judges.py': judgesPy,
  'reward.py': rewardPy,
  'requirements.txt': requirements,
  'accelerate.yaml': accelerateYaml,
};

/**
 * Data, prompts, settings and code, for the releases that its requirements.txt pins. Equal input gives equal bytes. Nothing
 * that is held out goes in: neither dilemmas and persona pairs, nor recorded groups about them.
 *
 * @throws {Failure} 'invalidConfig' naming the field that is wrong, or that cannot be expressed in TRL
 */
export function createTrlExport(input: TrlExportInput): FileBytes {
  const checked = checkTrlExportInput(input);
  const texts = { ...CODE, ...dataFiles(checked), ...recordedFiles(checked), 'README.md': readmeOf(checked) };
  const files: Record<string, Uint8Array> = {};
  for (const [name, text] of Object.entries(texts)) files[name] = strToU8(text);
  for (const { name, bytes } of checked.adapter) files[`adapter/${name}`] = bytes;
  const zip = zipSync(files, { level: 6, mtime: FILE_TIME });
  return { name: `${fileName(checked.name)}-trl.zip`, bytes: new Uint8Array(zip) };
}

function dataFiles(checked: CheckedExport): Record<string, string> {
  const { dilemmas, pairs, templates, lora, baseModel } = checked;
  return {
    'dataset.jsonl': jsonLines(dilemmas.map(({ id, category, goal, prompt }) => ({ id, category, goal, prompt }))),
    // The paper's names.
    'personas.jsonl': jsonLines(
      pairs.map(({ id, theme, persona1, persona2 }) => ({ id, theme, persona_1: persona1, persona_2: persona2 })),
    ),
    'prompts.json': json({ names: NAMES, templates, credit: PAPER_CREDIT }),
    'config.json': json(trlConfig(checked)),
    'lora.json': json(trlLoraConfig(lora, baseModel)),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readmeOf({
  name,
  baseModel,
  dilemmas,
  pairs,
  groups,
  adapter,
  settings,
  groupsPerStep,
}: CheckedExport): string {
  const slots: Readonly<Record<string, string>> = {
    NAME: name,
    BASE_MODEL: baseModel,
    NUM_DILEMMAS: String(dilemmas.length),
    NUM_PAIRS: String(pairs.length),
    NUM_DIALOGUES: String(settings.groupSize * groupsPerStep),
    START: adapter.length > 0 ? 'the adapter in `adapter/`' : 'a new adapter, which changes nothing yet',
    RECORDED:
      groups.length > 0
        ? `${groups.length} recorded groups are in the .jsonl files described below.`
        : 'No recorded groups are in it.',
    CREDIT: PAPER_CREDIT,
  };
  return readme.replaceAll(/%([A-Z_]+)%/g, (mark, key: string) => slots[key] ?? mark);
}

function fileName(name: string): string {
  const words =
    name
      .normalize('NFKD')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, 60) || 'negotiation';
}
