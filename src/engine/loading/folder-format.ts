/** What kind of model some files are, by their names. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { HF_CONFIG } from './hf-folder.ts';
import { MLC_CONFIG_NAME } from './mlc-config.ts';
import type { ModelFolder } from './model-folder.ts';

export type FolderFormat = 'safetensors' | 'mlc';

/**
 * @param mlcFolder  the same folder as it is read if it has MLC weights
 * @returns          null if the folder holds no model of a known kind
 */
export async function formatOfFolder(folder: ModelFolder, mlcFolder = folder): Promise<FolderFormat | null> {
  if (await hasFile(mlcFolder, MLC_CONFIG_NAME)) return 'mlc';
  return (await hasFile(folder, HF_CONFIG)) ? 'safetensors' : null;
}

async function hasFile(folder: ModelFolder, fileName: string): Promise<boolean> {
  using source = await folder.open(fileName);
  return source !== null;
}

/**
 * @param names  of the files that the user chose; what is not needed, such as a README, may be among them
 * @throws {Failure} 'invalidFile' that says which files are needed
 */
export function formatOfFiles(names: readonly string[]): FolderFormat | 'gguf' {
  if (names.includes(MLC_CONFIG_NAME)) return 'mlc';
  const hasSafetensors = names.some((name) => name.endsWith('.safetensors'));
  if (names.includes(HF_CONFIG) && hasSafetensors) return 'safetensors';
  if (names.some((name) => name.endsWith('.gguf')) && !hasSafetensors) return 'gguf';
  const chosen = names.length === 1 ? names[0] : `${names[0]} and ${names.length - 1} more`;
  throw new Failure<FailureCode>(
    'invalidFile',
    `${chosen}: this is no complete model. Choose all .gguf files of one model; or config.json, tokenizer.json, tokenizer_config.json and all .safetensors files of a folder; or all files of a folder with mlc-chat-config.json.`,
  );
}
