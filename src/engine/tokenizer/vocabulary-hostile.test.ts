import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { PRE_TOKENIZERS } from './pre-tokenizers.ts';
import { Tokenizer } from './tokenizer.ts';
import { readVocabulary, type GgufMetadata } from './vocabulary.ts';

const KEYS = [
  'model',
  'pre',
  'tokens',
  'token_type',
  'merges',
  'bos_token_id',
  'eos_token_id',
  'add_bos_token',
] as const;

type Tables = Readonly<Partial<Record<(typeof KEYS)[number], unknown>>>;

const metadataOf = (tables: Tables): GgufMetadata =>
  new Map(Object.entries(tables).map(([key, value]) => [`tokenizer.ggml.${key}`, value]));

/** Pieces that look like something: special tokens, properties of objects, halves of surrogates, patterns, blanks. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 4, unit: fc.constantFrom('a', 'b', 'Ġ', 'Ċ', 'é', '1') }) },
  fc.string({ maxLength: 3, unit: 'binary' }),
  fc.constantFrom(
    '<|im_end|>',
    '<think>',
    '__proto__',
    'constructor',
    'toString',
    '',
    ' ',
    '\ud800',
    '.*',
    '(?',
    '\\',
    '[UNK]',
    '##a',
    '</w>',
  ),
);

const tables: fc.Arbitrary<Tables> = fc
  .array(piece, { minLength: 1, maxLength: 40 })
  .chain((tokens) => {
    const id = fc.nat({ max: tokens.length - 1 });
    const merge = fc.tuple(fc.constantFrom(...tokens), fc.constantFrom(...tokens)).map(([a, b]) => `${a} ${b}`);
    return fc.record({
      model: fc.constant('gpt2'),
      pre: fc.constantFrom(...PRE_TOKENIZERS.keys()),
      // What merges make is in the vocabulary more often than not.
      tokens: fc
        .array(merge, { maxLength: 12 })
        .map((merges) => [...tokens, ...merges.map((each) => each.replace(' ', ''))]),
      merges: fc.array(merge, { maxLength: 12 }),
      token_type: fc.option(
        fc
          .array(fc.integer({ min: 1, max: 6 }), { minLength: 52, maxLength: 52 })
          .map((types) => Int32Array.from(types)),
        { nil: undefined, freq: 2 },
      ),
      bos_token_id: fc.option(id, { nil: undefined }),
      eos_token_id: fc.option(id, { nil: undefined }),
      add_bos_token: fc.constantFrom(undefined, true, false),
    });
  })
  .map(sound);

/** The merges that the vocabulary has, and as many types as tokens: what a reader takes. */
function sound({ tokens, merges, token_type: types, ...rest }: Record<string, unknown>): Tables {
  const known = new Set(tokens as string[]);
  const all = tokens as string[];
  return {
    ...rest,
    tokens: all,
    merges: (merges as string[]).filter((merge) => known.has(merge.replace(' ', '')) && /^[^ ]+ [^ ]+$/.test(merge)),
    ...(types instanceof Int32Array && { token_type: Int32Array.from(all, (_, id) => types[id % types.length] ?? 1) }),
  };
}

/** Values of every kind that GGUF metadata can have, where another is expected. */
const anything = fc.oneof(
  fc.constantFrom(
    undefined,
    true,
    0,
    -1,
    1.5,
    NaN,
    Infinity,
    2 ** 53,
    10n ** 18n,
    '',
    'gpt2',
    'llama-bpe',
    '__proto__',
  ),
  fc.constantFrom(
    Int32Array.of(),
    Int32Array.of(-1, 7),
    Uint32Array.of(4_294_967_295),
    Float32Array.of(1),
    BigInt64Array.of(1n),
  ),
  fc.array(fc.oneof(piece, fc.string({ maxLength: 12 })), { maxLength: 60 }),
  fc.array(fc.array(piece, { maxLength: 3 }), { maxLength: 3 }),
  fc.integer({ min: -2, max: 60 }),
);

const text = fc.oneof(
  fc.string({ maxLength: 60, unit: fc.constantFrom('a', 'b', ' ', '1', 'é', '\n', '<', '|', '>', '🙂') }),
  fc.string({ maxLength: 30, unit: 'binary' }),
  piece.map((each) => each.repeat(20)),
);

/** What passes works: encodes any text into ids that exist, and decodes any of its ids. */
function checkUse(tokenizer: Tokenizer, sample: string, ids: readonly number[]): void {
  for (const parseSpecial of [true, false])
    for (const id of tokenizer.encode(sample, { parseSpecial })) expect(tokenizer.pieceOf(id)).toBeTypeOf('string');
  const existing = ids.map((id) => id % tokenizer.vocabSize);
  expect(tokenizer.decode(existing, { skipSpecial: true })).toBeTypeOf('string');
  expect(tokenizer.decode(existing)).toBeTypeOf('string');
}

/** @returns whether it was taken */
function tryOut(changed: Tables, sample: string, ids: readonly number[]): boolean {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(readVocabulary(metadataOf(changed), 'm.gguf'));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.message).toMatch(/^m\.gguf: tokenizer\.ggml\./);
    return false;
  }
  checkUse(tokenizer, sample, ids);
  return true;
}

const ids = fc.array(fc.nat({ max: 1000 }), { maxLength: 30 });

test('odd tables that hold together are a tokenizer that works', () => {
  fc.assert(
    fc.property(tables, text, ids, (found, sample, some) => {
      expect(tryOut(found, sample, some)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('whatever stands in their place, there is a tokenizer or a Failure that names the key', () => {
  const changes = fc.array(fc.tuple(fc.constantFrom(...KEYS), anything), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(tables, changes, text, ids, (found, changed, sample, some) => {
      tryOut({ ...found, ...Object.fromEntries(changed) }, sample, some);
    }),
    { numRuns: 500 },
  );
});
