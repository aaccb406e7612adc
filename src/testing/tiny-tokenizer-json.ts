/** What `tiny/vocab.json` of the golden files holds. */
export interface TinyVocabulary {
  readonly tokens: readonly string[];
  /** As in GGUF files: 1 normal, 3 control, 4 user-defined. */
  readonly types: readonly number[];
  /** "left right". */
  readonly merges: readonly string[];
}

/** The vocabulary of the tiny models as a `tokenizer.json`, split as the tiny llama's GGUF files say (smollm). */
export function tinyTokenizerJson({ tokens, types, merges }: TinyVocabulary): object {
  const isNormal = (_token: string, id: number): boolean => types[id] === 1;
  const added = tokens.flatMap((content, id) =>
    types[id] === 1
      ? []
      : [{ id, content, special: types[id] === 3, single_word: false, lstrip: false, rstrip: false }],
  );
  return {
    version: '1.0',
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.filter(isNormal).map((token, id) => [token, id])), merges },
  };
}
