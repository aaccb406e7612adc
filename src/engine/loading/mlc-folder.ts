import { readTokenizerJson } from '@/engine/tokenizer/tokenizer-json.ts';
import type { Vocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { readFolderJson } from './folder-json.ts';
import { invalidFile } from './gguf-header.ts';
import { checkTensors } from './gguf-tensors.ts';
import { chatTemplateOfMlc } from './mlc-chat-template.ts';
import { MLC_CONFIG_NAME, parseMlcConfig, type MlcConfig } from './mlc-config.ts';
import { MLC_INDEX_NAMES, readMlcIndex } from './mlc-index.ts';
import type { OpenFolderOptions } from './mlc-shards.ts';
import { MlcWeights } from './mlc-weights.ts';
import type { FolderModel, ModelFolder } from './model-folder.ts';

/**
 * Opens a folder with MLC weights: configuration, tokenizer and index first, then all shards, so that nothing large is
 * fetched for a model that cannot be run.
 *
 * @returns its `weights` are owned by the caller
 * @throws {Failure} 'invalidFile' naming the file that is missing or damaged, with its field; 'unsupportedModel';
 *                   'integrityFailed' naming a shard that is not what the index says; 'downloadFailed', 'cancelled'
 */
export async function openMlcFolder(folder: ModelFolder, options: OpenFolderOptions = {}): Promise<FolderModel> {
  const config = await readConfig(folder);
  const { vocabulary, chatTemplate } = await readTokenizerJson(folder);
  checkVocabulary(vocabulary, config);
  const weights = await readTensorTable(folder, config);
  await weights.open(folder, options);
  return {
    weights,
    config: config.model,
    vocabulary: withStopTokens(vocabulary, config),
    chatTemplate: chatTemplate ?? chatTemplateOfMlc(config.conversation),
    name: null,
    license: null,
  };
}

/** The table of tensors without the shards: what an estimate needs. Its tensors cannot be read. */
export async function readMlcHeader(folder: ModelFolder): Promise<Pick<FolderModel, 'weights' | 'config'>> {
  const config = await readConfig(folder);
  return { weights: await readTensorTable(folder, config), config: config.model };
}

async function readConfig(folder: ModelFolder): Promise<MlcConfig> {
  const json = await readFolderJson(folder, MLC_CONFIG_NAME);
  if (json === null) throw invalidFile(MLC_CONFIG_NAME, 'file', `the folder ${folder.name} lacks it`);
  return parseMlcConfig(json);
}

async function readTensorTable(folder: ModelFolder, config: MlcConfig): Promise<MlcWeights> {
  const index = await readMlcIndex(folder);
  if (index === null)
    throw invalidFile(MLC_INDEX_NAMES[0], 'file', `the folder ${folder.name} has neither it nor ${MLC_INDEX_NAMES[1]}`);
  const weights = new MlcWeights(index, config.model);
  checkTensors(weights, config.model);
  return weights;
}

function checkVocabulary({ pieces }: Vocabulary, { model }: MlcConfig): void {
  if (pieces.length > model.vocabSize)
    throw invalidFile(
      'tokenizer.json',
      'model.vocab',
      `${pieces.length} tokens, but the embedding has ${model.vocabSize} rows: it belongs to another model`,
    );
}

/** MLC's configuration names every id that ends a turn; the tokenizer's files often only one. */
function withStopTokens(vocabulary: Vocabulary, { stopTokenIds }: MlcConfig): Vocabulary {
  const known = stopTokenIds.filter((id) => id < vocabulary.pieces.length);
  const eosTokenId = vocabulary.eosTokenId ?? known[0] ?? null;
  const others = new Set([...vocabulary.otherStopTokenIds, ...known].filter((id) => id !== eosTokenId));
  return { ...vocabulary, eosTokenId, otherStopTokenIds: [...others] };
}
