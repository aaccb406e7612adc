import { openAsBlob } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { blobSource, bytesSource } from '@/engine/loading/byte-source.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { EMBEDDED_MODEL_PATH, readGoldenBytes, readGoldenJson } from '@/testing/gguf-golden.ts';
import { Tokenizer } from './tokenizer.ts';
import { readVocabulary } from './vocabulary.ts';

const ids = z.array(z.number());
const encodeCase = z.object({ name: z.string().optional(), text: z.string(), ids, ids_plain: ids.optional() });
const smollmSchema = z.object({
  encode: z.array(encodeCase),
  decode: z.array(z.object({ ids, bytes_hex: z.string(), text: z.string(), text_skip_special: z.string() })),
});
const tinySchema = z.record(z.string(), z.object({ pre: z.string(), encode: z.array(encodeCase) }));

const chatGolden = readGoldenJson(
  'smollm2/chat-template.json',
  z.object({ cases: z.array(z.object({ name: z.string(), text: z.string(), ids })) }),
);

function toHex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('embedded model', () => {
  const golden = readGoldenJson('smollm2/tokenizer.json', smollmSchema);
  let tokenizer: Tokenizer;

  beforeAll(async () => {
    using gguf = await openGguf([blobSource('SmolLM2', await openAsBlob(EMBEDDED_MODEL_PATH))]);
    tokenizer = new Tokenizer(readVocabulary(gguf.metadata, gguf.fileName));
  });

  test.each(golden.encode)('encodes $name', ({ text, ids: expected, ids_plain: plain }) => {
    expect(tokenizer.encode(text, { parseSpecial: true })).toEqual(expected);
    expect(tokenizer.encode(text, { parseSpecial: false })).toEqual(plain ?? expected);
  });

  test.each(golden.decode)('decodes $ids', (expected) => {
    expect(toHex(expected.ids.flatMap((id) => [...tokenizer.tokenBytes(id)]))).toBe(expected.bytes_hex);
    expect(tokenizer.decode(expected.ids)).toBe(expected.text);
    expect(tokenizer.decode(expected.ids, { skipSpecial: true })).toBe(expected.text_skip_special);
  });

  test.each(chatGolden.cases)('encodes the rendered chat $name', ({ text, ids: expected }) => {
    expect(tokenizer.encode(text, { parseSpecial: true })).toEqual(expected);
  });

  test('streams text token by token, holding incomplete characters back', () => {
    const text = 'naïve 你好 😀🏽 ok';
    const stream = tokenizer.createTextStream();
    const pieces = tokenizer.encode(text, { parseSpecial: false }).map((id) => stream.push(id));
    expect(pieces.join('') + stream.flush()).toBe(text);
    expect(pieces.some((piece) => piece === '')).toBe(true);
    expect(pieces.join('')).not.toContain('\ufffd');
  });

  test('flushes an incomplete character as U+FFFD and starts anew', () => {
    const [first] = tokenizer.encode('😀', { parseSpecial: false });
    const [a] = tokenizer.encode('a', { parseSpecial: false });
    if (first === undefined || a === undefined) throw new Error('no tokens');
    const stream = tokenizer.createTextStream();
    expect(stream.push(first)).toBe('');
    expect(stream.flush()).toBe('\ufffd');
    expect(stream.push(a)).toBe('a');
  });

  test('knows its tokens', () => {
    expect(tokenizer).toMatchObject({ vocabSize: 49_152, bosTokenId: 1, eosTokenId: 2, addBos: false });
    expect([...tokenizer.specialTokenIds]).toEqual(Array.from({ length: 17 }, (_, id) => id));
    expect(tokenizer.userDefinedTokenIds.size).toBe(0);
    expect(tokenizer.idOf('<|im_end|>')).toBe(2);
    expect(tokenizer.idOf('<think>')).toBeUndefined();
    expect(tokenizer.idOf('Ġworld')).toBe(905);
    expect(tokenizer.pieceOf(905)).toBe('Ġworld');
  });

  test('refuses ids outside the vocabulary', () => {
    expect(() => tokenizer.decode([49_152])).toThrow(expect.objectContaining({ code: 'invalidConfig' }));
    expect(() => tokenizer.tokenBytes(-1)).toThrow(expect.objectContaining({ code: 'invalidConfig' }));
  });
});

describe.each(['llama', 'qwen2', 'qwen3'])('tiny %s', (name) => {
  const golden = readGoldenJson('tiny/tokenizer.json', tinySchema)[name];
  const path = `tiny/${name}/tiny-${name}-F32.gguf`;
  let tokenizer: Tokenizer;

  beforeAll(async () => {
    using gguf = await openGguf([bytesSource(path, readGoldenBytes(path))]);
    tokenizer = new Tokenizer(readVocabulary(gguf.metadata, gguf.fileName));
  });

  test.each(golden?.encode ?? [])('encodes $text', ({ text, ids: expected, ids_plain: plain }) => {
    expect(tokenizer.encode(text, { parseSpecial: true })).toEqual(expected);
    expect(tokenizer.encode(text, { parseSpecial: false })).toEqual(plain);
    expect(tokenizer.decode(expected)).toBe(text);
  });

  test('knows its tokens', () => {
    expect(tokenizer).toMatchObject({ vocabSize: 320, bosTokenId: 315, eosTokenId: 317 });
    expect([...tokenizer.userDefinedTokenIds]).toEqual([318, 319]);
    expect(tokenizer.idOf('<think>')).toBe(318);
  });
});
