/** What the files beside `tokenizer.json` say of a model's special tokens and chat template. */
import { isJsonObject, readFolderJson, readFolderText, type JsonObject } from '@/engine/loading/folder-json.ts';
import { invalidFile } from '@/engine/loading/gguf-header.ts';
import type { ModelFolder } from '@/engine/loading/model-folder.ts';
import type { Vocabulary } from './vocabulary.ts';

const TOKENIZER_CONFIG = 'tokenizer_config.json';
/** In the order in which their stop tokens count. */
const ID_FILES = ['generation_config.json', 'config.json'] as const;

/** Pieces of the vocabulary and their number, to check names and ids. */
export interface TokenIndex {
  readonly vocabSize: number;
  readonly idOf: (piece: string) => number | undefined;
}

export interface SpecialTokens extends Pick<Vocabulary, 'bosTokenId' | 'eosTokenId' | 'otherStopTokenIds'> {
  /** null if no file says. */
  readonly addBos: boolean | null;
  readonly chatTemplate: string | null;
}

/**
 * BOS and EOS by name from `tokenizer_config.json`, else by id from `generation_config.json` or `config.json`; every
 * further stop token that these two list; the template named "default", or `chat_template.jinja`, which goes before it.
 *
 * @throws {Failure} 'invalidFile' naming file and field
 */
export async function readSpecialTokens(folder: ModelFolder, index: TokenIndex): Promise<SpecialTokens> {
  const config = await readFolderJson(folder, TOKENIZER_CONFIG);
  const [bos, eos] = [named(config, 'bos_token', index), named(config, 'eos_token', index)];
  const [bosIds, eosIds]: [number[], number[]] = [[], []];
  for (const file of ID_FILES) {
    const json = await readFolderJson(folder, file);
    bosIds.push(...idsIn(json, 'bos_token_id', file, index));
    eosIds.push(...idsIn(json, 'eos_token_id', file, index));
  }
  const eosTokenId = eos ?? eosIds[0] ?? null;
  return {
    // A config that says that there is none goes before an id elsewhere.
    bosTokenId: bos === undefined ? (bosIds[0] ?? null) : bos,
    eosTokenId,
    otherStopTokenIds: [...new Set(eosIds)].filter((id) => id !== eosTokenId),
    addBos: flagIn(config, 'add_bos_token'),
    chatTemplate: (await readFolderText(folder, 'chat_template.jinja')) ?? templateIn(config),
  };
}

/** @returns undefined if the file or field is missing, null if the field says that there is no such token */
function named(config: JsonObject | null, field: string, index: TokenIndex): number | null | undefined {
  const value = config?.[field];
  if (value === undefined || value === null) return value;
  const piece = isJsonObject(value) ? value['content'] : value;
  if (typeof piece !== 'string') throw invalidFile(TOKENIZER_CONFIG, field, 'the text of a token was expected');
  const id = index.idOf(piece);
  if (id === undefined) throw invalidFile(TOKENIZER_CONFIG, field, `"${piece}" is not in the vocabulary`);
  return id;
}

function idsIn(json: JsonObject | null, field: string, file: string, { vocabSize }: TokenIndex): number[] {
  const value = json?.[field] ?? [];
  const ids: unknown[] = Array.isArray(value) ? value : [value];
  return ids.map((id) => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= vocabSize)
      throw invalidFile(file, field, `an id from 0 to ${vocabSize - 1} was expected, or a list of them`);
    return id;
  });
}

function flagIn(config: JsonObject | null, field: string): boolean | null {
  const value = config?.[field] ?? null;
  if (value !== null && typeof value !== 'boolean')
    throw invalidFile(TOKENIZER_CONFIG, field, 'true or false was expected');
  return value;
}

function templateIn(config: JsonObject | null): string | null {
  const field = 'chat_template';
  const value = config?.[field] ?? null;
  const entries: unknown[] = Array.isArray(value) ? value : [{ name: 'default', template: value }];
  const entry = entries.find((one) => isJsonObject(one) && one['name'] === 'default');
  const template = isJsonObject(entry) ? (entry['template'] ?? null) : null;
  if (template !== null && typeof template !== 'string')
    throw invalidFile(TOKENIZER_CONFIG, field, 'a template as text was expected');
  return template === '' ? null : template;
}
