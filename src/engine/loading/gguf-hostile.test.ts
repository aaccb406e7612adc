import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { expectFailure } from '@/testing/expect-failure.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { ByteWriter, writeGguf, type GgufToWrite, type MetadataValue } from '@/testing/write-gguf.ts';
import { bytesSource, type ByteSource } from './byte-source.ts';
import { modelConfigOf } from './gguf-config.ts';
import { openGguf, parseShardName, shardUrlsOf } from './gguf.ts';

const open = (bytes: Uint8Array, name = 'evil.gguf') => openGguf([bytesSource(name, bytes)]);

const tensor = { name: 'x', type: 'F32', shape: [2, 4], bytes: new Uint8Array(32) } as const;

/** A source that claims a size and refuses large reads: what a parser may cost. */
function claimedSource(bytes: Uint8Array, sizeBytes: number): ByteSource & { readonly largest: () => number } {
  let largest = 0;
  return {
    name: 'claimed.gguf',
    sizeBytes,
    async read(offset, length) {
      largest = Math.max(largest, length);
      const out = new Uint8Array(length);
      out.set(bytes.subarray(offset, offset + length));
      return out;
    },
    [Symbol.dispose]() {},
    largest: () => largest,
  };
}

describe('values', () => {
  test('all metadata types arrive', async () => {
    const nested = new ByteWriter().u32(9).u64(2);
    nested.u32(0).u64(2).raw([1, 2]).u32(8).u64(1).string('ü');
    const metadata: Record<string, MetadataValue> = {
      u8: { raw: { type: 0, bytes: [200] } },
      i8: { raw: { type: 1, bytes: [200] } },
      u16: { raw: { type: 2, bytes: [1, 2] } },
      i16: { raw: { type: 3, bytes: [255, 255] } },
      u32: { u32: 4_000_000_000 },
      i32: { raw: { type: 5, bytes: [254, 255, 255, 255] } },
      f32: { f32: 0.5 },
      bool: { bool: true },
      string: { string: 'naïve 😀' },
      u64: { u64: 2n ** 53n - 1n },
      big: { u64: 2n ** 53n },
      i64: { raw: { type: 11, bytes: [255, 255, 255, 255, 255, 255, 255, 255] } },
      f64: { raw: { type: 12, bytes: [0, 0, 0, 0, 0, 0, 0xf8, 0x3f] } },
      strings: { strings: ['a', '', 'b'] },
      i32s: { i32s: [1, -1] },
      nested: { raw: { type: 9, bytes: [...nested.finish()] } },
    };
    using gguf = await open(
      writeGguf({ metadata: [...Object.entries(metadata), ['__proto__', { string: 'plain key' }]] }),
    );
    const get = (key: string): unknown => gguf.metadata.get(key);
    expect(['u8', 'i8', 'u16', 'i16', 'u32', 'i32'].map(get)).toEqual([200, -56, 513, -1, 4_000_000_000, -2]);
    expect(['f32', 'bool', 'string', 'f64'].map(get)).toEqual([0.5, true, 'naïve 😀', 1.5]);
    expect(['u64', 'big', 'i64'].map(get)).toEqual([2 ** 53 - 1, 2n ** 53n, -1]);
    expect(get('strings')).toEqual(['a', '', 'b']);
    expect(get('i32s')).toEqual(Int32Array.of(1, -1));
    expect(get('nested')).toEqual([Uint8Array.of(1, 2), ['ü']]);
    expect(get('__proto__')).toBe('plain key');
  });

  test('an own alignment moves the data', async () => {
    const bytes = new Uint8Array(32).fill(7);
    using gguf = await open(
      writeGguf({ alignment: 128, metadata: { 'general.alignment': { u32: 128 } }, tensors: [{ ...tensor, bytes }] }),
    );
    expect(gguf.tensor('x').offset % 128).toBe(0);
    expect(await gguf.readTensor('x')).toEqual(bytes);
  });
});

describe('broken files', () => {
  const raw = (type: number, bytes: readonly number[]): MetadataValue => ({ raw: { type, bytes } });
  const huge = [...new ByteWriter().u64(2n ** 62n).finish()];
  const deep = new ByteWriter();
  for (let i = 0; i < 50; i++) deep.u32(9).u64(1);

  const cases: readonly (readonly [name: string, file: GgufToWrite, code: string, ...parts: string[]])[] = [
    ['version 1', { version: 1 }, 'unsupportedModel', 'version', '1'],
    ['big-endian', { version: 0x03000000 }, 'unsupportedModel', 'big-endian'],
    ['tensor count', { tensorCount: 2n ** 40n }, 'invalidFile', 'tensor count'],
    ['tensor count above 2^53', { tensorCount: 2n ** 63n }, 'invalidFile', 'tensor count', 'out of range'],
    ['metadata count', { metadataCount: 2n ** 40n }, 'invalidFile', 'metadata count'],
    ['string length', { metadata: { k: raw(8, huge) } }, 'invalidFile', 'length of k'],
    ['array length', { metadata: { k: raw(9, [4, 0, 0, 0, ...huge]) } }, 'invalidFile', 'length of k'],
    ['string array length', { metadata: { k: raw(9, [8, 0, 0, 0, ...huge]) } }, 'invalidFile', 'length of k'],
    ['nested array length', { metadata: { k: raw(9, [9, 0, 0, 0, ...huge]) } }, 'invalidFile', 'length of k'],
    ['array nesting', { metadata: { k: raw(9, [...deep.finish()]) } }, 'invalidFile', 'k', 'nested'],
    ['value type', { metadata: { k: raw(13, []) } }, 'invalidFile', 'k', '13'],
    ['element type', { metadata: { k: raw(9, [99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) } }, 'invalidFile', 'k', '99'],
    [
      'duplicate key',
      {
        metadata: [
          ['k', { u32: 1 }],
          ['k', { u32: 1 }],
        ],
      },
      'invalidFile',
      'k',
      'twice',
    ],
    ['alignment 0', { metadata: { 'general.alignment': { u32: 0 } } }, 'invalidFile', 'general.alignment'],
    ['alignment 48', { metadata: { 'general.alignment': { u32: 48 } } }, 'invalidFile', 'general.alignment'],
    ['tensor twice', { tensors: [tensor, tensor] }, 'invalidFile', '"x"', 'twice'],
    ['no dimensions', { tensors: [{ ...tensor, shape: [] }] }, 'invalidFile', '"x"', 'dimensions'],
    ['five dimensions', { tensors: [{ ...tensor, shape: [1, 1, 1, 1, 1] }] }, 'invalidFile', '"x"', 'dimensions'],
    ['empty dimension', { tensors: [{ ...tensor, shape: [0, 4] }] }, 'invalidFile', '"x"', '[0, 4]'],
    ['product of sizes', { tensors: [{ ...tensor, shape: [2 ** 30, 2 ** 30] }] }, 'invalidFile', '"x"', 'shape'],
    ['half a block', { tensors: [{ ...tensor, type: 'Q4_0', shape: [1, 48] }] }, 'invalidFile', '"x"', 'blocks'],
    ['tensor type', { tensors: [{ ...tensor, type: { id: 16 } }] }, 'unsupportedModel', '"x"', '16', 'Q4_1'],
    ['offset off the grid', { tensors: [{ ...tensor, offset: 4n }] }, 'invalidFile', '"x"', 'multiple'],
    ['offset behind the end', { tensors: [{ ...tensor, offset: 2n ** 40n }] }, 'invalidFile', '"x"', 'incomplete'],
    ['long tensor name', { tensors: [{ ...tensor, name: 'n'.repeat(65) }] }, 'invalidFile', 'name of tensor 0'],
    [
      'overlapping tensors',
      {
        tensors: [
          { ...tensor, shape: [4, 4], bytes: new Uint8Array(64) },
          { ...tensor, name: 'y', offset: 32n },
        ],
      },
      'invalidFile',
      'overlap',
    ],
  ];

  test.each(cases.map(([name, file, code, ...parts]) => ({ name, file, code, parts })))(
    '$name',
    async ({ file, code, parts }) => {
      await expectFailure(open(writeGguf(file)), code, 'evil.gguf', ...parts);
    },
  );

  test.each([
    ['an empty file', []],
    ['a short file', [0x47, 0x47]],
    ['another format', [...new TextEncoder().encode('<!doctype html><html></html>')]],
  ])('%s', async (_, bytes) => {
    await expectFailure(open(Uint8Array.from(bytes)), 'invalidFile', 'evil.gguf', 'magic');
  });

  test('every cut of a sound file is refused', async () => {
    const whole = readGoldenBytes('tiny/llama/tiny-llama-Q4_1.gguf');
    const lengths = [...Array.from({ length: 400 }, (_, i) => i * 29), whole.length - 33];
    for (const length of lengths) await expectFailure(open(whole.slice(0, length)), 'invalidFile', 'evil.gguf');
  });

  test('random damage to the header gives a failure or a model, nothing else', async () => {
    const whole = readGoldenBytes('tiny/llama/tiny-llama-Q4_1.gguf');
    const damage = fc.array(fc.tuple(fc.nat({ max: 12_000 }), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          using gguf = await open(bytes);
          await modelConfigOf(gguf);
        } catch (error) {
          if (!(error instanceof Failure) || !['invalidFile', 'unsupportedModel'].includes(error.code)) throw error;
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test('a huge file with a header that never ends costs no more than the limit', async () => {
    // One string that claims 1 TB of a 2 TB file.
    const bytes = writeGguf({ metadata: { k: raw(8, [...new ByteWriter().u64(2n ** 40n).finish()]) } });
    const source = claimedSource(bytes, 2 ** 41);
    await expectFailure(openGguf([source]), 'invalidFile', 'claimed.gguf', 'header is longer');
    expect(source.largest()).toBeLessThanOrEqual(1 << 27);
  });

  test('only the header of a large file is read', async () => {
    const source = claimedSource(writeGguf({ tensors: [tensor] }), 2 ** 35);
    using gguf = await openGguf([source]);
    expect(gguf.tensors.size).toBe(1);
    expect(source.largest()).toBeLessThanOrEqual(1 << 20);
  });
});

describe('split files', () => {
  const shard = (number: number, count: number, extra: Record<string, MetadataValue> = {}): Uint8Array =>
    writeGguf({
      metadata: { 'split.no': { u32: number }, 'split.count': { u32: count }, ...extra },
      tensors: [{ ...tensor, name: `t${number}`, bytes: new Uint8Array(32).fill(number) }],
    });
  const name = (number: number): string => `m-0000${number}-of-00003.gguf`;
  const source = (number: number): ByteSource =>
    bytesSource(name(number), shard(number - 1, 3, { 'split.tensors.count': { u32: 3 } }));

  test('are joined in any order', async () => {
    using gguf = await openGguf([source(3), source(1), source(2)]);
    expect([...gguf.tensors.keys()]).toEqual(['t0', 't1', 't2']);
    expect(await gguf.readTensor('t2')).toEqual(new Uint8Array(32).fill(2));
    expect(gguf.fileName).toBe(name(1));
  });

  test('a missing shard is named', async () => {
    await expectFailure(openGguf([source(1), source(3)]), 'invalidFile', name(2), 'missing');
    await expectFailure(openGguf([source(2)]), 'invalidFile', name(1), 'missing');
  });

  test('a count that nobody could have does not cost memory', async () => {
    const bytes = shard(0, 4_000_000_000);
    await expectFailure(open(bytes), 'invalidFile', 'part 2 of 4000000000', 'missing');
  });

  test('the same shard twice is refused', async () => {
    await expectFailure(openGguf([source(1), source(1), source(3)]), 'invalidFile', 'same part');
  });

  test('a foreign file is refused', async () => {
    const foreign = bytesSource('other.gguf', writeGguf({ tensors: [tensor] }));
    await expectFailure(openGguf([source(1), foreign]), 'invalidFile', 'other.gguf');
    await expectFailure(openGguf([foreign, source(1)]), 'invalidFile', name(1), 'belong');
  });

  test('a missing tensor is found by the count', async () => {
    const one = bytesSource('a.gguf', shard(0, 1, { 'split.tensors.count': { u32: 2 } }));
    await expectFailure(openGguf([one]), 'invalidFile', 'split.tensors.count');
  });

  test('the other addresses follow from the first', () => {
    expect(shardUrlsOf('https://x.org/m-00001-of-00003.gguf?v=1')).toEqual([
      'https://x.org/m-00001-of-00003.gguf?v=1',
      'https://x.org/m-00002-of-00003.gguf?v=1',
      'https://x.org/m-00003-of-00003.gguf?v=1',
    ]);
    expect(shardUrlsOf('/m/x.gguf')).toEqual(['/m/x.gguf']);
    expect(parseShardName('m-00002-of-00003.gguf')).toEqual({ base: 'm', number: 2, count: 3 });
  });
});
