import { readTokenizerJson } from '@/engine/tokenizer/tokenizer-json.ts';
import { readFolderJson } from './folder-json.ts';
import { invalidFile } from './gguf-header.ts';
import { checkTensors } from './gguf-tensors.ts';
import { readHfConfig } from './hf-config.ts';
import type { FolderModel, ModelFolder } from './model-folder.ts';
import { openSafetensorsWeights } from './safetensors-weights.ts';

/** The file by which such a folder is known. */
export const HF_CONFIG = 'config.json';

/**
 * Opens a model as Hugging Face publishes it: `config.json`, `tokenizer.json` with the files beside it, and safetensors.
 * The small files are read first, so that a model that cannot be run costs no download of weights.
 *
 * @throws {Failure} 'invalidFile' or 'unsupportedModel', naming file and field, tensor or missing file
 */
export async function openHfFolder(folder: ModelFolder): Promise<FolderModel> {
  const json = await readFolderJson(folder, HF_CONFIG);
  if (json === null) throw invalidFile(HF_CONFIG, 'file', `${folder.name} has no file of this name`);
  const config = readHfConfig(json, HF_CONFIG);
  const tokenizer = await readTokenizerJson(folder);
  const weights = await openSafetensorsWeights(folder, config.tieWordEmbeddings);
  try {
    checkTensors(weights, config);
    return { weights, config, ...tokenizer, name: null, license: null };
  } catch (error) {
    weights[Symbol.dispose]();
    throw error;
  }
}
