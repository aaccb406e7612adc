import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { bytesOfPiece } from './byte-alphabet.ts';
import type { PreTokenizerRule } from './pre-tokenizers.ts';
import { TokenType, type Vocabulary } from './vocabulary.ts';

/** Text as tokens arrive; text of an incomplete character is held back. */
export interface TextStream {
  /** @returns new text; empty while a character is incomplete */
  push(tokenId: number): string;
  /** @returns what is still held back, as U+FFFD, and starts anew */
  flush(): string;
}

/**
 * Byte-level BPE as a model's files describe it, run by @huggingface/tokenizers.
 *
 * No prefix space; Unicode normalisation only where the vocabulary asks for it.
 */
export class Tokenizer {
  /** Number of pieces. The model's logits can have more rows (padding). */
  readonly vocabSize: number;
  readonly bosTokenId: number | null;
  readonly eosTokenId: number | null;
  /** Every id that ends a turn, the EOS token first. */
  readonly stopTokenIds: readonly number[];
  /** Whether the model expects the BOS token in front of a text; `encode` never adds it. */
  readonly addBos: boolean;
  /** Control tokens, parsed from text only with `parseSpecial`. */
  readonly specialTokenIds: ReadonlySet<number>;
  /** Tokens such as `<think>`, parsed from text always. */
  readonly userDefinedTokenIds: ReadonlySet<number>;
  /** Padding of the vocabulary: never to be sampled. */
  readonly unusedTokenIds: ReadonlySet<number>;
  readonly #vocabulary: Vocabulary;
  readonly #plain: LibraryTokenizer;
  readonly #parsing: LibraryTokenizer;

  constructor(vocabulary: Vocabulary) {
    const { types } = vocabulary;
    this.#vocabulary = vocabulary;
    this.vocabSize = vocabulary.pieces.length;
    this.bosTokenId = vocabulary.bosTokenId;
    this.eosTokenId = vocabulary.eosTokenId;
    const ends = vocabulary.eosTokenId === null ? [] : [vocabulary.eosTokenId];
    this.stopTokenIds = [...new Set([...ends, ...vocabulary.otherStopTokenIds])];
    this.addBos = vocabulary.addBos;
    this.specialTokenIds = idsOfTypes(types, [TokenType.control, TokenType.unknown]);
    this.userDefinedTokenIds = idsOfTypes(types, [TokenType.userDefined]);
    this.unusedTokenIds = idsOfTypes(types, [TokenType.unused]);
    this.#plain = createLibraryTokenizer(vocabulary, this.userDefinedTokenIds);
    const parsed = new Set([...this.specialTokenIds, ...this.userDefinedTokenIds]);
    this.#parsing = createLibraryTokenizer({ ...vocabulary, pieces: [], merges: [] }, parsed, vocabulary.pieces);
    // Both parse different tokens out of the text and share one table of pieces and merges.
    this.#parsing.model = this.#plain.model;
  }

  /** @param options.parseSpecial whether control tokens in the text become tokens or stay text */
  encode(text: string, { parseSpecial }: { readonly parseSpecial: boolean }): number[] {
    return text === '' ? [] : (parseSpecial ? this.#parsing : this.#plain).encode(text).ids;
  }

  /**
   * Text of the tokens' concatenated bytes; malformed UTF-8 becomes U+FFFD as the WHATWG standard says.
   *
   * @param options.skipSpecial leaves control tokens out
   */
  decode(tokenIds: readonly number[], { skipSpecial = false }: { readonly skipSpecial?: boolean } = {}): string {
    const stream = this.createTextStream({ skipSpecial });
    return tokenIds.map((tokenId) => stream.push(tokenId)).join('') + stream.flush();
  }

  createTextStream({ skipSpecial = false }: { readonly skipSpecial?: boolean } = {}): TextStream {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return {
      push: (tokenId) =>
        skipSpecial && this.specialTokenIds.has(tokenId)
          ? ''
          : decoder.decode(this.tokenBytes(tokenId), { stream: true }),
      flush: () => decoder.decode(),
    };
  }

  /**
   * The bytes that a token stands for; not always whole characters. Owned.
   *
   * @throws {Failure} 'invalidConfig' if there is no such token
   */
  tokenBytes(tokenId: number): Uint8Array<ArrayBuffer> {
    const piece = this.#vocabulary.pieces[tokenId];
    if (piece === undefined)
      throw new Failure<FailureCode>(
        'invalidConfig',
        `Token id ${tokenId} does not exist: ids are whole numbers from 0 to ${this.vocabSize - 1}.`,
      );
    return this.#isText(tokenId) ? bytesOfPiece(piece) : new TextEncoder().encode(piece);
  }

  /** Id of a piece as the vocabulary spells it: `<think>`, or `Ġyes` for " yes". */
  idOf(piece: string): number | undefined {
    const id = this.#plain.token_to_id(piece);
    return id !== undefined && this.#vocabulary.pieces[id] === piece ? id : undefined;
  }

  /** The piece as the vocabulary spells it; undefined outside the vocabulary. */
  pieceOf(tokenId: number): string | undefined {
    return this.#vocabulary.pieces[tokenId];
  }

  /** Pieces of the other types are literal text, not in the byte alphabet. */
  #isText(tokenId: number): boolean {
    return !this.specialTokenIds.has(tokenId) && !this.userDefinedTokenIds.has(tokenId);
  }
}

function idsOfTypes(types: ArrayLike<number>, wanted: readonly number[]): Set<number> {
  const ids = new Set<number>();
  for (let id = 0; id < types.length; id++) if (wanted.includes(types[id] ?? TokenType.normal)) ids.add(id);
  return ids;
}

/** @param literalPieces where the literal tokens' pieces stand, if not in the vocabulary itself */
function createLibraryTokenizer(
  { pieces, merges, rule, normalizer }: Pick<Vocabulary, 'pieces' | 'merges' | 'rule' | 'normalizer'>,
  literalIds: ReadonlySet<number>,
  literalPieces: readonly string[] = pieces,
): LibraryTokenizer {
  // Without a prototype: a piece may be called `__proto__`. The first of two equal pieces keeps its id.
  const vocab = Object.create(null) as Record<string, number>;
  for (const [id, piece] of pieces.entries()) vocab[piece] ??= id;
  const json = {
    version: '1.0',
    added_tokens: [...literalIds].map((id) => ({
      id,
      content: literalPieces[id],
      special: true,
      normalized: false,
      single_word: false,
      lstrip: false,
      rstrip: false,
    })),
    normalizer: normalizer === null ? null : { type: normalizer },
    pre_tokenizer: preTokenizerOf(rule),
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab, merges, ignore_merges: rule.ignoreMerges },
  };
  return new LibraryTokenizer(json, {});
}

function preTokenizerOf({ patterns }: PreTokenizerRule): object {
  return {
    type: 'Sequence',
    pretokenizers: [
      ...patterns.map((pattern) => ({
        type: 'Split',
        pattern: { Regex: pattern },
        behavior: 'Isolated',
        invert: false,
      })),
      { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    ],
  };
}
