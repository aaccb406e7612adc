import { openAsBlob } from 'node:fs';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { blobSource, bytesSource } from '@/engine/loading/byte-source.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { expectFailure } from '@/testing/expect-failure.ts';
import { EMBEDDED_MODEL_PATH, readGoldenBytes, readGoldenJson } from '@/testing/gguf-golden.ts';
import {
  memoryFolder,
  PUBLISHED_PRE_TOKENIZERS,
  tokenizerJsonOf,
  writeHfTokenizer,
  type FolderFiles,
} from '@/testing/write-hf-folder.ts';
import { PRE_TOKENIZERS } from './pre-tokenizers.ts';
import { readTokenizerJson } from './tokenizer-json.ts';
import { Tokenizer } from './tokenizer.ts';
import { readVocabulary, TokenType, type Vocabulary } from './vocabulary.ts';

const ids = z.array(z.number());
const encodeCases = z.array(z.object({ text: z.string(), ids, ids_plain: ids.optional() }));
const smollm = readGoldenJson('smollm2/tokenizer.json', z.object({ encode: encodeCases })).encode;
const tiny = readGoldenJson('tiny/tokenizer.json', z.record(z.string(), z.object({ encode: encodeCases })));

const read = async (files: FolderFiles) => readTokenizerJson(memoryFolder(files));

async function tinyVocabulary(name: string): Promise<Vocabulary> {
  const path = `tiny/${name}/tiny-${name}-F32.gguf`;
  using gguf = await openGguf([bytesSource(path, readGoldenBytes(path))]);
  return readVocabulary(gguf.metadata, path);
}

describe('a tokenizer.json', () => {
  test('of the embedded model gives the ids and tables of its GGUF file', async () => {
    using gguf = await openGguf([blobSource('SmolLM2', await openAsBlob(EMBEDDED_MODEL_PATH))]);
    const written = readVocabulary(gguf.metadata, gguf.fileName);
    const { vocabulary } = await read(writeHfTokenizer(written, null));
    expect({ ...vocabulary, types: Array.from(vocabulary.types) }).toEqual({
      ...written,
      types: Array.from(written.types),
    });
    const tokenizer = new Tokenizer(vocabulary);
    expect(smollm.length).toBeGreaterThan(70);
    for (const { text, ids: expected, ids_plain: plain } of smollm) {
      expect(tokenizer.encode(text, { parseSpecial: true }), text).toEqual(expected);
      expect(tokenizer.encode(text, { parseSpecial: false }), text).toEqual(plain ?? expected);
    }
  });

  test.each(['llama', 'qwen2', 'qwen3'])('of tiny %s gives the golden ids', async (name) => {
    const { vocabulary, chatTemplate } = await read(writeHfTokenizer(await tinyVocabulary(name), 'a template'));
    expect(chatTemplate).toBe('a template');
    const tokenizer = new Tokenizer(vocabulary);
    for (const { text, ids: expected, ids_plain: plain } of tiny[name]?.encode ?? []) {
      expect(tokenizer.encode(text, { parseSpecial: true }), text).toEqual(expected);
      expect(tokenizer.encode(text, { parseSpecial: false }), text).toEqual(plain);
    }
    expect([...tokenizer.userDefinedTokenIds]).toEqual([318, 319]);
  });

  test.each(Object.keys(PUBLISHED_PRE_TOKENIZERS))('splits as %s does', async (label) => {
    const json = { ...tokenizerJsonOf(await tinyVocabulary('qwen2')), pre_tokenizer: PUBLISHED_PRE_TOKENIZERS[label] };
    const { vocabulary } = await read({ 'tokenizer.json': json });
    expect(vocabulary.rule.patterns).toBe(PRE_TOKENIZERS.get(label)?.patterns);
  });
});

describe('parts', () => {
  let qwen: Vocabulary;
  beforeAll(async () => {
    qwen = await tinyVocabulary('qwen2');
  });
  const readWith = async (changes: Readonly<Record<string, unknown>>, files: FolderFiles = {}) =>
    read({ 'tokenizer.json': tokenizerJsonOf(qwen, changes), ...files });
  const modelWith = (changes: object): object => {
    const { model } = tokenizerJsonOf(qwen) as { model: object };
    return { ...model, ...changes };
  };

  test('NFC composes what belongs together; without it the text stays as it is', async () => {
    const composed = new Tokenizer((await readWith({ normalizer: { type: 'NFC' } })).vocabulary);
    const asItIs = new Tokenizer((await readWith({})).vocabulary);
    const encode = (tokenizer: Tokenizer, text: string): number[] => tokenizer.encode(text, { parseSpecial: true });
    expect(encode(composed, 'e\u0301')).toEqual(encode(asItIs, '\u00e9'));
    expect(encode(asItIs, 'e\u0301')).not.toEqual(encode(asItIs, '\u00e9'));
    expect(encode(composed, '<think>e\u0301')[0]).toBe(318);
  });

  test('merges may be pairs', async () => {
    const { vocabulary } = await readWith({ model: modelWith({ merges: qwen.merges }) });
    expect(vocabulary.merges).toEqual(qwen.merges);
  });

  test('ids that nothing has are unused', async () => {
    const added = [{ id: 325, content: '<late>', special: true }];
    const { vocabulary } = await readWith({ added_tokens: added });
    expect(vocabulary.pieces).toHaveLength(326);
    expect(vocabulary.pieces[325]).toBe('<late>');
    expect(Array.from(vocabulary.types).slice(319)).toEqual([
      TokenType.normal,
      ...Array.from({ length: 5 }, () => TokenType.unused),
      TokenType.control,
    ]);
    expect([...new Tokenizer(vocabulary).unusedTokenIds]).toEqual([320, 321, 322, 323, 324]);
  });

  test('the post-processor adds BOS unless the configuration says otherwise', async () => {
    const template = (id: string): object => ({
      type: 'Sequence',
      processors: [
        { type: 'ByteLevel' },
        { type: 'TemplateProcessing', single: [{ SpecialToken: { id, type_id: 0 } }, { Sequence: { id: 'A' } }] },
      ],
    });
    const post_processor = template('<|endoftext|>');
    expect((await readWith({ post_processor })).vocabulary).toMatchObject({ addBos: true, bosTokenId: 315 });
    const files = { 'tokenizer_config.json': { add_bos_token: false } };
    expect((await readWith({ post_processor }, files)).vocabulary).toMatchObject({ addBos: false });
    expect((await readWith({})).vocabulary).toMatchObject({ addBos: false, bosTokenId: null });
  });

  test('stop tokens come from all files, the one of the tokenizer first', async () => {
    const files = {
      'config.json': { eos_token_id: 316, bos_token_id: 315 },
      'generation_config.json': { eos_token_id: [315, 317] },
    };
    const named = { 'tokenizer_config.json': { eos_token: { content: '<|im_end|>' }, bos_token: null } };
    const { vocabulary } = await readWith({}, { ...files, ...named });
    expect(vocabulary).toMatchObject({ eosTokenId: 317, otherStopTokenIds: [315, 316], bosTokenId: null });
    expect(new Tokenizer(vocabulary).stopTokenIds).toEqual([317, 315, 316]);
    expect((await readWith({}, files)).vocabulary).toMatchObject({
      eosTokenId: 315,
      otherStopTokenIds: [317, 316],
      bosTokenId: 315,
    });
  });

  test('the template named "default" is taken, and the file goes before it', async () => {
    const list = [
      { name: 'tool_use', template: 't' },
      { name: 'default', template: 'd' },
    ];
    const config = { 'tokenizer_config.json': { chat_template: list } };
    expect((await readWith({}, config)).chatTemplate).toBe('d');
    expect((await readWith({}, { ...config, 'chat_template.jinja': 'j' })).chatTemplate).toBe('j');
    expect((await readWith({})).chatTemplate).toBeNull();
  });

  const merge = { id: 0, content: 'x', special: true };
  test.each<[string, Record<string, unknown>, string, ...string[]]>([
    ['another model', { model: { type: 'Unigram', vocab: [] } }, 'unsupportedModel', 'model.type', 'Unigram'],
    ['no model', { model: null }, 'invalidFile', 'model'],
    ['SentencePiece decoding', { decoder: { type: 'Sequence' } }, 'unsupportedModel', 'decoder'],
    ['another normalizer', { normalizer: { type: 'NFKC' } }, 'unsupportedModel', 'normalizer'],
    ['another split', { pre_tokenizer: { type: 'Whitespace' } }, 'unsupportedModel', 'pre_tokenizer', 'smollm'],
    ['no split', { pre_tokenizer: null }, 'unsupportedModel', 'pre_tokenizer'],
    ['a list for added tokens', { added_tokens: {} }, 'invalidFile', 'added_tokens'],
    ['an id of added tokens', { added_tokens: [{ ...merge, id: -1 }] }, 'invalidFile', 'added_tokens[0].id'],
    ['an empty added token', { added_tokens: [{ ...merge, content: '' }] }, 'invalidFile', 'added_tokens[0].content'],
    ['a long added token', { added_tokens: [{ ...merge, content: 'x'.repeat(257) }] }, 'invalidFile', '257 characters'],
    ['another piece', { added_tokens: [merge] }, 'invalidFile', 'added_tokens', '"x"', 'id 0'],
    ['spaces', { added_tokens: [{ ...merge, lstrip: true }] }, 'unsupportedModel', 'added_tokens[0].lstrip'],
    ['a far id', { added_tokens: [{ ...merge, id: 2 ** 40 }] }, 'invalidFile', '1099511627776', 'not credible'],
  ])('refuses %s', async (_, changes, code, ...parts) => {
    await expectFailure(readWith(changes), code, 'tokenizer.json', ...parts);
  });

  test.each<[string, object, string, ...string[]]>([
    ['bytes as pieces', { byte_fallback: true }, 'unsupportedModel', 'byte_fallback'],
    ['a suffix', { end_of_word_suffix: '</w>' }, 'unsupportedModel', 'end_of_word_suffix'],
    ['a list for the vocabulary', { vocab: [] }, 'invalidFile', 'model.vocab'],
    ['a text for an id', { vocab: { a: '1' } }, 'invalidFile', '"a"'],
    ['one id for two pieces', { vocab: { a: 0, b: 0 }, merges: [] }, 'invalidFile', '"b"', '"a"'],
    ['no merges', { merges: null }, 'invalidFile', 'model.merges'],
    ['half a merge', { merges: ['a'] }, 'invalidFile', 'entry 0'],
    ['a merge of three', { merges: [['a', 'b', 'c']] }, 'invalidFile', 'entry 0'],
    ['a merge into no token', { merges: ['a zzz'] }, 'invalidFile', '"azzz"'],
  ])('refuses %s', async (_, changes, code, ...parts) => {
    const added_tokens: readonly object[] = [];
    await expectFailure(readWith({ added_tokens, model: modelWith(changes) }), code, 'tokenizer.json', ...parts);
  });

  test.each<[string, FolderFiles, ...string[]]>([
    ['an unknown EOS', { 'tokenizer_config.json': { eos_token: '<none>' } }, 'eos_token', '<none>'],
    ['a number for EOS', { 'tokenizer_config.json': { eos_token: 3 } }, 'eos_token'],
    ['a flag as text', { 'tokenizer_config.json': { add_bos_token: 'yes' } }, 'add_bos_token'],
    ['a template that is none', { 'tokenizer_config.json': { chat_template: 7 } }, 'chat_template'],
    ['an id outside', { 'config.json': { eos_token_id: 320 } }, 'config.json', 'eos_token_id', '319'],
    ['a text in a list', { 'generation_config.json': { eos_token_id: ['a'] } }, 'generation_config.json'],
    ['a file that is no JSON', { 'generation_config.json': '{' }, 'generation_config.json', 'JSON'],
    ['a list as configuration', { 'tokenizer_config.json': '[]' }, 'tokenizer_config.json', 'object'],
    ['bytes that are no text', { 'chat_template.jinja': Uint8Array.of(0xff) }, 'chat_template.jinja', 'UTF-8'],
  ])('refuses %s', async (_, files, ...parts) => {
    await expectFailure(readWith({}, files), 'invalidFile', ...parts);
  });

  test('a missing file is named', async () => {
    await expectFailure(read({}), 'invalidFile', 'tokenizer.json', 'test-folder');
  });

  test('values that cannot be written down are refused too', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const odd = '{"toString":1,"valueOf":1}';
    for (const value of [deep, odd]) {
      const text = JSON.stringify(tokenizerJsonOf(qwen));
      for (const json of [text.replace('"BPE"', value), text.replace('"Sequence"', value).replace('"Split"', value)])
        await expectFailure(read({ 'tokenizer.json': json }), 'unsupportedModel', 'tokenizer.json');
    }
  });

  test('whatever is done to the bytes, there is a vocabulary or a Failure', async () => {
    const whole = new TextEncoder().encode(JSON.stringify(tokenizerJsonOf(qwen)));
    const change = fc.record({ at: fc.nat({ max: whole.length - 1 }), byte: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 4 }),
        fc.option(fc.nat({ max: whole.length })),
        async (changes, cut) => {
          const bytes = whole.slice(0, cut ?? whole.length);
          for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
          await readOrFail({ 'tokenizer.json': bytes });
        },
      ),
    );
  });

  test('whatever JSON stands in a part, there is a vocabulary or a Failure', async () => {
    const keys = ['model', 'added_tokens', 'pre_tokenizer', 'normalizer', 'post_processor', 'decoder'] as const;
    const inner = ['vocab', 'merges', 'type', 'ignore_merges', 'single', 'processors', 'pretokenizers'] as const;
    const anything = fc.jsonValue({ maxDepth: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...keys),
        fc.constantFrom(...inner),
        anything,
        anything,
        async (key, part, value, whole) => {
          const json = tokenizerJsonOf(qwen) as Record<string, object>;
          await readOrFail({ 'tokenizer.json': { ...json, [key]: { ...json[key], [part]: value } } });
          await readOrFail({
            'tokenizer.json': { ...json, [key]: whole },
            'tokenizer_config.json': { eos_token: value },
          });
        },
      ),
    );
  });
});

async function readOrFail(files: FolderFiles): Promise<void> {
  try {
    const { vocabulary } = await read(files);
    // Never larger than the file allows: two entries for each one in it.
    expect(vocabulary.pieces.length).toBeLessThan(1000);
  } catch (error) {
    if (!(error instanceof Failure) || !['invalidFile', 'unsupportedModel'].includes(error.code)) throw error;
  }
}
