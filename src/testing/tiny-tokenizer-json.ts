import { PRE_TOKENIZERS } from '@/engine/tokenizer/pre-tokenizers.ts';
import { tokenizerJsonOf } from './write-hf-folder.ts';

/** What `tiny/vocab.json` of the golden files holds. */
export interface TinyVocabulary {
  readonly tokens: readonly string[];
  /** As in GGUF files. */
  readonly types: readonly number[];
  /** "left right". */
  readonly merges: readonly string[];
}

/** The vocabulary of the tiny models as a `tokenizer.json`, split as the tiny llama's GGUF files say. */
export function tinyTokenizerJson({ tokens, types, merges }: TinyVocabulary): object {
  const rule = PRE_TOKENIZERS.get('smollm');
  if (rule === undefined) throw new Error('There is no such rule.');
  const pairs = merges.map((merge): [string, string] => {
    const [left = '', right = ''] = merge.split(' ');
    return [left, right];
  });
  return tokenizerJsonOf({
    pieces: tokens,
    types,
    merges: pairs,
    rule,
    normalizer: null,
    bosTokenId: null,
    eosTokenId: null,
    otherStopTokenIds: [],
    addBos: false,
  });
}
