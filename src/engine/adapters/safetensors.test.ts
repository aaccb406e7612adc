import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { NamedTensor } from '@/protocol/training.ts';
import { numElements } from '@/engine/loading/safetensors-header.ts';
import { floatToHalf, halfToFloat } from '@/engine/quantisation/half.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const read = (bytes: Uint8Array) => readSafetensors(bytes, 'evil.safetensors');

/** A file with this header text and so many bytes of data. */
function fileOf(header: string, dataBytes = 0, headerLength?: bigint): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, headerLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
const tensors: fc.Arbitrary<NamedTensor[]> = fc.uniqueArray(
  fc
    .tuple(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '7')),
      shapes,
      fc.infiniteStream(fc.float()),
    )
    .map(([name, shape, stream]) => ({ name, shape, values: Float32Array.from(stream.take(numElements(shape))) })),
  { selector: ({ name }) => name, maxLength: 5 },
);

describe('round trip', () => {
  test('tensors, order of data and metadata come back', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }), (written, metadata) => {
        const bytes = writeSafetensors(written, { metadata });
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
        const file = read(bytes);
        const byName = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
        expect(byName).toEqual(new Map(written.map((tensor) => [tensor.name, tensor])));
        const filled = (list: readonly NamedTensor[]) => list.filter(({ values }) => values.length > 0);
        expect(filled(file.tensors)).toEqual(filled(written));
        expect(file.metadata).toEqual(metadata);
      }),
    );
  });

  test('every bit of an f32 is kept, also of NaN', () => {
    const values = new Float32Array(Uint32Array.of(0x7fa00001, 0xffc12345, 0x80000000, 1, 0xff800000).buffer);
    const [tensor] = read(writeSafetensors([{ name: 'x', shape: [5], values }])).tensors;
    expect(new Uint32Array(tensor?.values.buffer ?? new ArrayBuffer())).toEqual(new Uint32Array(values.buffer));
  });

  test('F16 rounds to the nearest half', () => {
    const values = Float32Array.of(0.1, -2.5, 65_504, 1e-8);
    const bytes = writeSafetensors([{ name: 'x', shape: [2, 2], values }], { dtype: 'F16' });
    expect(read(bytes).tensors[0]?.values).toEqual(values.map((value) => halfToFloat(floatToHalf(value))));
  });

  test('BF16 is the upper half of an f32', () => {
    const bytes = fileOf(`{"x":${entry(0, 8, [4], 'BF16')}}`, 8);
    bytes.set(new Uint8Array(Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001).buffer), bytes.length - 8);
    expect(read(bytes).tensors[0]?.values).toEqual(Float32Array.of(1, -3, Infinity, 2 ** -133));
  });

  test('a file that Python wrote is written again byte for byte', () => {
    const golden = readGoldenBytes('grpo/tiny-llama-lora/adapter_model.safetensors');
    const { tensors: found, metadata } = read(golden);
    expect(writeSafetensors(found, { metadata })).toEqual(golden);
  });

  test('a caller that repeats a name or miscounts is told so', () => {
    const tensor = { name: 'x', shape: [1], values: Float32Array.of(1) };
    expect(() => writeSafetensors([tensor, tensor])).toThrow(RangeError);
    expect(() => writeSafetensors([{ ...tensor, name: '__metadata__' }])).toThrow(RangeError);
    expect(() => writeSafetensors([{ ...tensor, shape: [2] }])).toThrow(RangeError);
  });
});

describe('broken files', () => {
  const cases: readonly (readonly [name: string, bytes: Uint8Array, ...parts: string[]])[] = [
    ['empty', new Uint8Array(), 'only 0 bytes', 'Choose'],
    ['header length', fileOf('{}', 0, 2n ** 63n), 'header'],
    ['GGUF', new TextEncoder().encode('GGUF\x03\x00\x00\x00more'), 'header'],
    ['header is cut', fileOf('{}', 0, 100n), 'inside its header', 'again'],
    ['not UTF-8', fileOf('{}').with(8, 0xff), 'not JSON'],
    ['not JSON', fileOf('{"x":'), 'not JSON'],
    ['with a byte order mark', fileOf('\ufeff{}'), 'not JSON'],
    ['an array', fileOf('[]'), 'not an object'],
    ['null', fileOf('null'), 'not an object'],
    ['metadata', fileOf('{"__metadata__":{"a":1}}'), '__metadata__'],
    ['name twice', fileOf(`{"x":${entry(0, 4)},"x":${entry(0, 4)}}`, 4), '"x"', 'twice'],
    ['long name', fileOf(`{"${'x'.repeat(301)}":${entry(0, 4)}}`, 4), '301 characters'],
    ['no fields', fileOf('{"x":{}}'), '"x"'],
    ['negative size', fileOf(`{"x":${entry(0, 4, [-1])}}`, 4), '"x"', 'shape'],
    ['too many sizes', fileOf(`{"x":${entry(0, 4, [1, 1, 1, 1, 1, 1, 1, 1, 1])}}`, 4), '"x"', 'shape'],
    ['fractional offset', fileOf(`{"x":${entry(0.5, 4.5)}}`, 8), '"x"', 'data_offsets'],
    ['dtype', fileOf(`{"x":${entry(0, 8, [1], 'I64')}}`, 8), '"x"', 'I64', 'Convert'],
    ['dtype by inheritance', fileOf(`{"x":${entry(0, 8, [1], 'toString')}}`, 8), '"x"', 'toString'],
    ['shape and size', fileOf(`{"x":${entry(0, 8, [3])}}`, 8), '"x"', '[3]', '12', '8'],
    ['size overflows', fileOf(`{"x":${entry(0, 4, [2 ** 52, 2 ** 52])}}`, 4), '"x"'],
    ['end in front of begin', fileOf(`{"x":${entry(8, 4, [1])}}`, 8), '"x"'],
    ['data are cut', fileOf(`{"a":${entry(0, 4)},"x":${entry(4, 12)}}`, 11), '"x"', 'incomplete', 'again'],
    ['overlap', fileOf(`{"a":${entry(0, 8)},"x":${entry(4, 12)}}`, 12), '"x"', 'overlaps'],
    ['hole', fileOf(`{"a":${entry(0, 4)},"x":${entry(8, 12)}}`, 12), '"x"', '4 bytes in front'],
    ['rest', fileOf(`{"a":${entry(0, 4)}}`, 12), '8 bytes at the end'],
  ];
  for (const [name, bytes, ...parts] of cases)
    test(name, () => {
      const attempt = () => read(bytes);
      expect(attempt).toThrow(Failure);
      for (const part of ['evil.safetensors', ...parts]) expect(attempt).toThrow(part);
    });

  test('whatever is done to a file, it is read or refused with a Failure', () => {
    const change = fc.oneof(
      fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }),
      fc.record({ at: fc.nat(), insert: fc.uint8Array({ maxLength: 9 }) }),
      fc.record({ cut: fc.nat() }),
    );
    const metadata = { format: 'pt' };
    fc.assert(
      fc.property(tensors, fc.array(change, { minLength: 1, maxLength: 4 }), (written, changes) => {
        let bytes = [...writeSafetensors(written, { metadata })];
        for (const one of changes) {
          const place = ('cut' in one ? one.cut : one.at) % (bytes.length + 1);
          if ('cut' in one) bytes = bytes.slice(0, place);
          else if ('insert' in one) bytes.splice(place, 0, ...one.insert);
          else bytes[place] = one.byte;
        }
        try {
          for (const { shape, values } of read(Uint8Array.from(bytes)).tensors)
            expect(values.length).toBe(numElements(shape));
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('random bytes too', () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array(), (json, data) => {
        for (const bytes of [data, fileOf(json, data.length)])
          try {
            read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
      }),
    );
  });
});
