import { describe, expect, test } from 'vitest';
import { Tokenizer } from './tokenizer.ts';
import { readVocabulary } from './vocabulary.ts';

const BYTES = Array.from({ length: 94 }, (_, i) => String.fromCodePoint(0x21 + i));

/** A vocabulary of printable ASCII, the space, and what a test adds. */
function tokenizer(changes: Readonly<Record<string, unknown>> = {}): Tokenizer {
  const metadata = new Map<string, unknown>(
    Object.entries({
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'gpt-2',
      'tokenizer.ggml.tokens': [...BYTES, 'Ġ', 'ab', '__proto__', 'Ġa'],
      'tokenizer.ggml.merges': ['a b', 'Ġ a'],
      ...changes,
    }),
  );
  return new Tokenizer(readVocabulary(metadata, 'm.gguf'));
}

const A = 0x61 - 0x21;

describe('sound tables', () => {
  test('control', () => {
    const sound = tokenizer();
    expect(sound.encode('ab a', { parseSpecial: true })).toEqual([95, 97]);
    expect(sound).toMatchObject({ vocabSize: 98, bosTokenId: null, eosTokenId: null, addBos: false });
    expect(sound.decode([])).toBe('');
  });

  test('a vocabulary of single bytes needs no merges', () => {
    const bytes = tokenizer({ 'tokenizer.ggml.tokens': BYTES, 'tokenizer.ggml.merges': undefined });
    expect(bytes.encode('ab', { parseSpecial: true })).toEqual([A, A + 1]);
  });

  test('a piece named like a property of every object is a piece', () => {
    expect(tokenizer().idOf('__proto__')).toBe(96);
    expect(tokenizer().idOf('constructor')).toBeUndefined();
    expect(tokenizer().encode('constructor', { parseSpecial: true })).toHaveLength(11);
  });

  test('llama-bpe takes a piece that is a token as it stands, and adds BOS by default', () => {
    const tokens = [...BYTES, 'Ġ', 'abc'];
    const merges: string[] = [];
    const llama = tokenizer({
      'tokenizer.ggml.pre': 'llama-bpe',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.merges': merges,
    });
    expect(llama.encode('abc', { parseSpecial: true })).toEqual([95]);
    expect(llama.addBos).toBe(true);
    expect(llama.encode('1234', { parseSpecial: true })).toHaveLength(4);
  });

  test('control and unknown tokens are special, user-defined ones are always parsed, unused ones never', () => {
    const types = new Int32Array(98).fill(1);
    types.set([3, 2, 4, 5], 94);
    const tokens = [...BYTES, '<c>', '<u>', '<d>', '<x>'];
    const sound = tokenizer({
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.merges': [],
      'tokenizer.ggml.token_type': types,
    });
    expect(sound.encode('<c><u><d><x>', { parseSpecial: true }).slice(0, 3)).toEqual([94, 95, 96]);
    expect(sound.encode('<c><d>', { parseSpecial: false })).toHaveLength(4);
    expect([...sound.specialTokenIds]).toEqual([94, 95]);
    expect([...sound.unusedTokenIds]).toEqual([97]);
    expect(sound.decode([94, A, 96], { skipSpecial: true })).toBe('a<d>');
  });
});

describe('refused tables', () => {
  test.each([
    ['another model', { 'tokenizer.ggml.model': 'llama' }, 'unsupportedModel', '"llama"'],
    ['another label', { 'tokenizer.ggml.pre': 'tekken' }, 'unsupportedModel', 'smollm'],
    ['no label', { 'tokenizer.ggml.pre': undefined }, 'invalidFile', 'tokenizer.ggml.pre'],
    ['no tokens', { 'tokenizer.ggml.tokens': [] }, 'invalidFile', 'empty'],
    ['numbers for tokens', { 'tokenizer.ggml.tokens': Int32Array.of(1) }, 'invalidFile', 'strings'],
    ['no merges for pieces of two characters', { 'tokenizer.ggml.merges': undefined }, 'invalidFile', 'merges'],
    ['a merge of one piece', { 'tokenizer.ggml.merges': ['ab'] }, 'invalidFile', 'entry 0'],
    ['a merge into no token', { 'tokenizer.ggml.merges': ['a b', 'x y'] }, 'invalidFile', '"xy"'],
    ['types of another number', { 'tokenizer.ggml.token_type': Int32Array.of(1) }, 'invalidFile', '98 numbers'],
    [
      'a special token as long as a text',
      {
        'tokenizer.ggml.tokens': [...BYTES, 'Ġ', 'ab', 'x'.repeat(257), 'Ġa'],
        'tokenizer.ggml.token_type': new Int32Array(98).fill(1).fill(3, 96, 97),
      },
      'invalidFile',
      'entry 96 is a special token of 257 characters',
    ],
    ['an id outside', { 'tokenizer.ggml.eos_token_id': 98 }, 'invalidFile', 'eos_token_id'],
    ['a flag that is a number', { 'tokenizer.ggml.add_bos_token': 1 }, 'invalidFile', 'add_bos_token'],
  ])('%s', (_, changes, code, part) => {
    expect(() => tokenizer(changes)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(part) }));
  });
});
