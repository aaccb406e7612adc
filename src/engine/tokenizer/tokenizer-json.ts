/** Hugging Face's `tokenizer.json` as a vocabulary: byte-level BPE only, checked. */
import type { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { isJsonObject, readFolderJson, type JsonObject } from '@/engine/loading/folder-json.ts';
import { invalidFile, unsupportedModel } from '@/engine/loading/gguf-header.ts';
import type { ModelFolder } from '@/engine/loading/model-folder.ts';
import { ruleOfPreTokenizer } from './hf-pre-tokenizers.ts';
import { readSpecialTokens } from './hf-special-tokens.ts';
import { PRE_TOKENIZERS, type PreTokenizerRule } from './pre-tokenizers.ts';
import { checkMerges, MAX_LITERAL_CHARACTERS, TokenType, type Vocabulary } from './vocabulary.ts';

const FILE = 'tokenizer.json';

/** A folder's tokenizer and chat template. */
export interface FolderTokenizer {
  readonly vocabulary: Vocabulary;
  /** Jinja source; null if the folder has none. */
  readonly chatTemplate: string | null;
}

/**
 * Reads `tokenizer.json`; BOS, EOS, further stop tokens and the chat template from the files beside it (see
 * hf-special-tokens.ts), as far as they are there.
 *
 * @throws {Failure} 'unsupportedModel' for what cannot be done exactly (another kind of tokenizer, pre-tokenizer or
 *                   normalizer); 'invalidFile' naming file and field
 */
export async function readTokenizerJson(folder: ModelFolder): Promise<FolderTokenizer> {
  const json = await readFolderJson(folder, FILE);
  if (json === null) throw invalidFile(FILE, 'file', `${folder.name} has no file of this name`);
  const model = byteLevelBpeOf(json);
  const rule = ruleOf(json, model);
  const normalizer = normalizerOf(json);
  const vocab = vocabOf(model);
  const { pieces, types, idOf } = tableOf(vocab, addedTokensOf(json));
  const merges = mergesOf(model, vocab);
  const special = await readSpecialTokens(folder, { vocabSize: pieces.length, idOf });
  const prefix = templatePrefix(json);
  const bosTokenId = special.bosTokenId ?? (prefix === null ? null : (idOf(prefix) ?? null));
  const { eosTokenId, otherStopTokenIds, chatTemplate } = special;
  const addBos = bosTokenId !== null && (special.addBos ?? prefix !== null);
  return {
    vocabulary: { pieces, types, merges, rule, normalizer, bosTokenId, eosTokenId, otherStopTokenIds, addBos },
    chatTemplate,
  };
}

/** The `model` object, if it is BPE over GPT-2's byte alphabet. Old files do not name its type. */
function byteLevelBpeOf(json: JsonObject): JsonObject {
  const model = json['model'];
  if (!isJsonObject(model)) throw invalid('model', 'an object was expected');
  const type = model['type'] ?? 'BPE';
  if (type !== 'BPE')
    throw unsupported(
      'model.type',
      `${typeof type === 'string' ? `"${type}"` : 'what stands here'} is not supported ("BPE" is)`,
    );
  const decoder = json['decoder'] ?? null;
  if (decoder !== null && !(isJsonObject(decoder) && decoder['type'] === 'ByteLevel'))
    throw unsupported('decoder', 'only tokens of bytes (ByteLevel) are supported');
  for (const field of ['continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback', 'dropout'])
    if (isSet(model[field])) throw unsupported(`model.${field}`, 'tokenizers that use it are not supported');
  return model;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function ruleOf(json: JsonObject, model: JsonObject): PreTokenizerRule {
  const rule = ruleOfPreTokenizer(json['pre_tokenizer']);
  if (rule === null)
    throw unsupported(
      'pre_tokenizer',
      `this way of splitting text is not supported (those of ${[...PRE_TOKENIZERS.keys()].join(', ')} are)`,
    );
  return { ...rule, ignoreMerges: model['ignore_merges'] === true };
}

function normalizerOf(json: JsonObject): Vocabulary['normalizer'] {
  const normalizer = json['normalizer'] ?? null;
  if (normalizer === null) return null;
  if (isJsonObject(normalizer) && normalizer['type'] === 'NFC') return 'NFC';
  throw unsupported('normalizer', 'only NFC, or none, is supported');
}

type Vocab = ReadonlyMap<string, number>;

function vocabOf(model: JsonObject): Vocab {
  const vocab = model['vocab'];
  if (!isJsonObject(vocab)) throw invalid('model.vocab', 'an object of pieces and their ids was expected');
  const ids = new Map<string, number>();
  for (const [piece, id] of Object.entries(vocab)) {
    checkId(id, `model.vocab of "${piece}"`);
    ids.set(piece, id);
  }
  return ids;
}

function checkId(id: unknown, field: string): asserts id is number {
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0)
    throw invalid(field, 'an id was expected, a whole number from 0');
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly isSpecial: boolean;
}

/** @throws {Failure} also for tokens that swallow the space around them or stand for whole words only */
function addedTokensOf(json: JsonObject): AddedToken[] {
  const tokens = json['added_tokens'] ?? [];
  if (!Array.isArray(tokens)) throw invalid('added_tokens', 'a list was expected');
  return tokens.map((token: unknown, i) => {
    const field = `added_tokens[${i}]`;
    if (!isJsonObject(token)) throw invalid(field, 'an object was expected');
    const { id, content, special } = token;
    checkId(id, `${field}.id`);
    if (typeof content !== 'string' || content === '') throw invalid(`${field}.content`, 'text was expected');
    if (content.length > MAX_LITERAL_CHARACTERS)
      throw invalid(
        `${field}.content`,
        `it has ${content.length} characters, and ${MAX_LITERAL_CHARACTERS} are credible for an added token`,
      );
    for (const flag of ['single_word', 'lstrip', 'rstrip'])
      if (token[flag] === true) throw unsupported(`${field}.${flag}`, 'tokens with this property are not supported');
    return { id, content, isSpecial: special === true };
  });
}

interface TokenTable extends Pick<Vocabulary, 'pieces' | 'types'> {
  readonly idOf: (piece: string) => number | undefined;
}

/** Pieces by id; ids that nothing has are unused tokens. */
function tableOf(vocab: Vocab, added: readonly AddedToken[]): TokenTable {
  const count = vocab.size + added.length;
  let vocabSize = 0;
  for (const id of [...vocab.values(), ...added.map(({ id: one }) => one)])
    vocabSize = id >= vocabSize ? id + 1 : vocabSize;
  if (vocabSize === 0) throw invalid('model.vocab', 'the vocabulary is empty');
  // Keeps a damaged id from being believed: real files have next to no holes.
  if (vocabSize > 2 * count)
    throw invalid('model.vocab', `the id ${vocabSize - 1} among ${count} tokens is not credible`);
  const pieces = Array.from({ length: vocabSize }, (_, id) => `[UNUSED${id}]`);
  const types = new Uint8Array(vocabSize).fill(TokenType.unused);
  for (const [piece, id] of vocab) {
    if (types[id] === TokenType.normal)
      throw invalid('model.vocab', `"${piece}" and "${pieces[id]}" have the id ${id}`);
    pieces[id] = piece;
    types[id] = TokenType.normal;
  }
  const addedIds = new Map<string, number>();
  for (const { id, content, isSpecial } of added) {
    if (types[id] !== TokenType.unused && pieces[id] !== content)
      throw invalid('added_tokens', `"${content}" and "${pieces[id]}" have the id ${id}`);
    pieces[id] = content;
    types[id] = isSpecial ? TokenType.control : TokenType.userDefined;
    addedIds.set(content, id);
  }
  const idOf = (piece: string): number | undefined => addedIds.get(piece) ?? vocab.get(piece);
  return { pieces, types, idOf };
}

function mergesOf(model: JsonObject, vocab: Vocab): Vocabulary['merges'] {
  const merges = model['merges'];
  if (!Array.isArray(merges)) throw invalid('model.merges', 'a list was expected');
  return checkMerges(merges, vocab, (problem) => invalid('model.merges', problem));
}

/** The special token that the post-processor puts in front of a text, which is how fast tokenizers add BOS. */
function templatePrefix(json: JsonObject): string | null {
  const processor = json['post_processor'];
  if (!isJsonObject(processor)) return null;
  const parts: unknown = processor['type'] === 'Sequence' ? processor['processors'] : [processor];
  const template = Array.isArray(parts)
    ? (parts as unknown[]).find((part) => isJsonObject(part) && part['type'] === 'TemplateProcessing')
    : undefined;
  const single = isJsonObject(template) ? template['single'] : undefined;
  const first: unknown = Array.isArray(single) ? single[0] : undefined;
  const token = isJsonObject(first) ? first['SpecialToken'] : undefined;
  const name = isJsonObject(token) ? token['id'] : undefined;
  return typeof name === 'string' ? name : null;
}

function invalid(field: string, problem: string): Failure<FailureCode> {
  return invalidFile(FILE, field, problem);
}

function unsupported(field: string, problem: string): Failure<FailureCode> {
  return unsupportedModel(FILE, field, problem);
}
