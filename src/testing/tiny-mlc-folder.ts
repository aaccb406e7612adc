/** MLC folders of the tiny models, made from their checkpoints. Node only. */
import { readGoldenJson } from './golden-files.ts';
import { readGoldenBytes } from './gguf-golden.ts';
import { readSafetensors } from './read-safetensors.ts';
import type { CheckpointConfig } from './reference-model.ts';
import { tinyTokenizerJson, type TinyVocabulary } from './tiny-tokenizer-json.ts';
import { writeMlcFolder, type MlcFolderToWrite, type WrittenMlcFolder } from './write-mlc-folder.ts';

/** @param options default: q4f16_1 */
export async function writeTinyMlcFolder(
  architecture: 'llama' | 'qwen2' | 'qwen3',
  options: Partial<Omit<MlcFolderToWrite, 'checkpoint' | 'tensors'>> = {},
): Promise<WrittenMlcFolder> {
  return writeMlcFolder({
    checkpoint: await readGoldenJson<CheckpointConfig>(`tiny/${architecture}/config.json`),
    tensors: readSafetensors(readGoldenBytes(`tiny/${architecture}/model.safetensors`)),
    tokenizer: tinyTokenizerJson(await readGoldenJson<TinyVocabulary>('tiny/vocab.json')),
    quantization: 'q4f16_1',
    ...options,
  });
}
