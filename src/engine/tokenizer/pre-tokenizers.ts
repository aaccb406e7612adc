/**
 * Splitting of text in front of byte-level BPE. A GGUF file names its rule by a label (`tokenizer.ggml.pre`) and does
 * not hold the pattern, so every label that can be done exactly is listed here; another label is an error.
 *
 * The tokenizer library reads `\s` as Unicode White_Space (JavaScript's `\s` differs at U+0085 and U+FEFF) and `\p{N}`
 * as it stands; its `Digits` rule knows `\d` only and is not used. Case-insensitive parts are spelled out in ASCII.
 *
 * @see llama-vocab.cpp of llama.cpp for the labels
 */
export interface PreTokenizerRule {
  /** Applied one after the other; a match becomes a piece of its own. */
  readonly patterns: readonly string[];
  /** A piece that is a token as it stands is not built from merges (Llama 3). */
  readonly ignoreMerges: boolean;
  /** Whether a BOS token goes in front of a text when the file does not say. */
  readonly addBosByDefault: boolean;
}

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

const CONTRACTIONS = String.raw`(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])`;

const gpt4Like = (digits: string): string =>
  String.raw`${CONTRACTIONS}|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

export const PRE_TOKENIZERS: ReadonlyMap<string, PreTokenizerRule> = new Map([
  ['gpt-2', { patterns: [GPT2], ignoreMerges: false, addBosByDefault: false }],
  ['smollm', { patterns: [String.raw`\p{N}`, GPT2], ignoreMerges: false, addBosByDefault: false }],
  ['qwen2', { patterns: [gpt4Like(String.raw`\p{N}`)], ignoreMerges: false, addBosByDefault: false }],
  ['llama-bpe', { patterns: [gpt4Like(String.raw`\p{N}{1,3}`)], ignoreMerges: true, addBosByDefault: true }],
]);
