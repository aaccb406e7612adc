import type { ModelConfig } from '@/engine/model/model-config.ts';
import { readTokenizerJson } from '@/engine/tokenizer/tokenizer-json.ts';
import { readFolderJson } from './folder-json.ts';
import { invalidFile } from './gguf-header.ts';
import { checkTensors } from './gguf-tensors.ts';
import { readHfConfig } from './hf-config.ts';
import type { FolderModel, ModelFolder } from './model-folder.ts';
import { openSafetensorsWeights } from './safetensors-weights.ts';
import type { WeightSource } from './weight-source.ts';

/** The file by which such a folder is known. */
export const HF_CONFIG = 'config.json';

/**
 * Opens a model as Hugging Face publishes it: `config.json`, `tokenizer.json` with the files beside it, and safetensors.
 * The small files are read first, so that a model that cannot be run costs no download of weights.
 *
 * @throws {Failure} 'invalidFile' or 'unsupportedModel', naming file and field, tensor or missing file
 */
export async function openHfFolder(folder: ModelFolder): Promise<FolderModel> {
  const config = await readConfig(folder);
  const tokenizer = await readTokenizerJson(folder);
  const weights = await openWeights(folder, config);
  return { weights, config, ...tokenizer, name: null, license: null };
}

/** The same without the tokenizer: what an estimate needs. */
export async function readHfHeader(folder: ModelFolder): Promise<Pick<FolderModel, 'weights' | 'config'>> {
  const config = await readConfig(folder);
  return { weights: await openWeights(folder, config), config };
}

async function readConfig(folder: ModelFolder): Promise<ModelConfig> {
  const json = await readFolderJson(folder, HF_CONFIG);
  if (json === null) throw invalidFile(HF_CONFIG, 'file', `${folder.name} has no file of this name`);
  return readHfConfig(json, HF_CONFIG);
}

async function openWeights(folder: ModelFolder, config: ModelConfig): Promise<WeightSource> {
  const weights = await openSafetensorsWeights(folder, config.tieWordEmbeddings);
  try {
    checkTensors(weights, config);
    return weights;
  } catch (error) {
    weights[Symbol.dispose]();
    throw error;
  }
}
