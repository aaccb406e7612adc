/** The tokenizer tables of a GGUF file, checked. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { PRE_TOKENIZERS, type PreTokenizerRule } from './pre-tokenizers.ts';

/** GGUF metadata by key; arrays as strings or numbers. */
export type GgufMetadata = ReadonlyMap<string, unknown>;

/** Values of `tokenizer.ggml.token_type`. */
export const TokenType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface Vocabulary {
  /** By id, in GPT-2's byte alphabet (literal text for control and user-defined tokens). */
  readonly pieces: readonly string[];
  /** By id, values of TokenType. */
  readonly types: ArrayLike<number>;
  /** In order of rank. */
  readonly merges: readonly Merge[];
  readonly rule: PreTokenizerRule;
  /** What is done to a text in front of the pre-tokenizer. llama.cpp, and so every GGUF file, knows none. */
  readonly normalizer: 'NFC' | null;
  readonly bosTokenId: number | null;
  readonly eosTokenId: number | null;
  /** Ids besides `eosTokenId` that end a turn. */
  readonly otherStopTokenIds: readonly number[];
  readonly addBos: boolean;
}

/**
 * A choice: control and user-defined tokens in use have up to some 50 characters. They are looked for at each place of a
 * text, which takes time in proportion to their length.
 */
export const MAX_LITERAL_CHARACTERS = 256;

export type Merge = readonly [left: string, right: string];

/** @throws {Failure} 'unsupportedModel' or 'invalidFile', naming file and key */
export function readVocabulary(metadata: GgufMetadata, fileName: string): Vocabulary {
  const reader = new Reader(metadata, fileName);
  const model = reader.text('tokenizer.ggml.model');
  if (model !== 'gpt2')
    throw reader.fault('unsupportedModel', 'tokenizer.ggml.model', `"${model}" is not supported (gpt2 is)`);
  const label = reader.text('tokenizer.ggml.pre');
  const rule = PRE_TOKENIZERS.get(label);
  if (rule === undefined)
    throw reader.fault(
      'unsupportedModel',
      'tokenizer.ggml.pre',
      `"${label}" is not supported (supported are ${[...PRE_TOKENIZERS.keys()].join(', ')})`,
    );
  const pieces = reader.strings('tokenizer.ggml.tokens');
  if (pieces.length === 0) throw reader.fault('invalidFile', 'tokenizer.ggml.tokens', 'the vocabulary is empty');
  const types = reader.types(pieces.length);
  checkLiterals(reader, pieces, types);
  return {
    pieces,
    types,
    merges: mergesOf(reader, pieces, types),
    rule,
    normalizer: null,
    bosTokenId: reader.tokenId('tokenizer.ggml.bos_token_id', pieces.length),
    eosTokenId: reader.tokenId('tokenizer.ggml.eos_token_id', pieces.length),
    otherStopTokenIds: [],
    addBos: reader.flag('tokenizer.ggml.add_bos_token') ?? rule.addBosByDefault,
  };
}

function checkLiterals(reader: Reader, pieces: readonly string[], types: ArrayLike<number>): void {
  const literal: readonly number[] = [TokenType.unknown, TokenType.control, TokenType.userDefined];
  const id = pieces.findIndex((piece, at) => piece.length > MAX_LITERAL_CHARACTERS && literal.includes(types[at] ?? 1));
  if (id >= 0)
    throw reader.fault(
      'invalidFile',
      'tokenizer.ggml.tokens',
      `entry ${id} is a special token of ${pieces[id]?.length} characters, and ${MAX_LITERAL_CHARACTERS} are credible`,
    );
}

function mergesOf(reader: Reader, pieces: readonly string[], types: ArrayLike<number>): Merge[] {
  const key = 'tokenizer.ggml.merges';
  // A vocabulary of single bytes has no merges.
  const isBytesOnly = pieces.every((piece, id) => piece.length === 1 || types[id] !== TokenType.normal);
  if (isBytesOnly && !reader.has(key)) return [];
  return checkMerges(reader.strings(key), new Set(pieces), (problem) => reader.fault('invalidFile', key, problem));
}

/**
 * A merge into something that is no token would lose text without a word, so it is refused.
 *
 * @param merges  by rank: "left right", or a pair
 */
export function checkMerges(
  merges: readonly unknown[],
  known: { has(piece: string): boolean },
  fault: (problem: string) => Error,
): Merge[] {
  return merges.map((merge, rank) => {
    const pair = typeof merge === 'string' ? splitMerge(merge) : merge;
    if (!isMerge(pair)) throw fault(`entry ${rank} is not a pair of pieces`);
    const [left, right] = pair;
    if (!known.has(left + right)) throw fault(`entry ${rank} makes "${left + right}", which is not in the vocabulary`);
    return pair;
  });
}

function splitMerge(merge: string): Merge {
  const space = merge.indexOf(' ', 1);
  return space < 0 ? ['', ''] : [merge.slice(0, space), merge.slice(space + 1)];
}

function isMerge(pair: unknown): pair is Merge {
  return Array.isArray(pair) && pair.length === 2 && pair.every((piece) => typeof piece === 'string' && piece !== '');
}

class Reader {
  readonly #metadata: GgufMetadata;
  readonly #fileName: string;

  constructor(metadata: GgufMetadata, fileName: string) {
    this.#metadata = metadata;
    this.#fileName = fileName;
  }

  has(key: string): boolean {
    return this.#metadata.get(key) !== undefined;
  }

  text(key: string): string {
    const value = this.#metadata.get(key);
    if (typeof value !== 'string') throw this.fault('invalidFile', key, 'text was expected');
    return value;
  }

  strings(key: string): readonly string[] {
    const value = this.#metadata.get(key);
    const isStrings = Array.isArray(value) && value.every((item) => typeof item === 'string');
    if (!isStrings) throw this.fault('invalidFile', key, 'an array of strings was expected');
    return value;
  }

  flag(key: string): boolean | undefined {
    const value = this.#metadata.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.fault('invalidFile', key, 'true or false was expected');
  }

  tokenId(key: string, vocabSize: number): number | null {
    const value = this.#metadata.get(key);
    if (value === undefined) return null;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= vocabSize)
      throw this.fault('invalidFile', key, `an id from 0 to ${vocabSize - 1} was expected`);
    return value;
  }

  types(vocabSize: number): ArrayLike<number> {
    const key = 'tokenizer.ggml.token_type';
    const value = this.#metadata.get(key);
    if (value === undefined) return new Uint8Array(vocabSize).fill(TokenType.normal);
    const isNumbers = value instanceof Int32Array || value instanceof Uint32Array;
    if (!isNumbers || value.length !== vocabSize)
      throw this.fault('invalidFile', key, `${vocabSize} numbers were expected, one for each token`);
    return value;
  }

  fault(code: FailureCode, key: string, problem: string): Failure<FailureCode> {
    return new Failure<FailureCode>(code, `${this.#fileName}: ${key}: ${problem}.`, {
      file: this.#fileName,
      field: key,
    });
  }
}
