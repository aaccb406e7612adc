import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '@/engine/loading/byte-source.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { TINY_MODELS, readGoldenBytes } from '@/testing/gguf-golden.ts';
import { BLOCK_FORMATS, TENSOR_TYPES, dequantize, rowBytesOf, tensorTypeOfId, type TensorType } from './gguf-blocks.ts';
import { halfValues } from './half.ts';
import { packMatrix, unpackMatrix } from './pack-weights.ts';
import { paddedRows, type PackedMatrix, type WeightLayout } from './weight-layout.ts';

/** Bits of every value; a negative zero counts as zero, which it equals in every product and sum that follows. */
function bitsOf(values: Float32Array): Buffer {
  return Buffer.from(values.map((value) => (value === 0 ? 0 : value)).buffer);
}

function expectExact(type: TensorType, bytes: Uint8Array, rows: number, columns: number): PackedMatrix {
  const packed = packMatrix(type, bytes, rows, columns);
  const expected = dequantize(type, bytes, rows * columns);
  expect(bitsOf(unpackMatrix(packed)).equals(bitsOf(expected))).toBe(true);
  expect(packed).toMatchObject({ rows, columns });
  return packed;
}

describe.each(TINY_MODELS)('%s', (path) => {
  test('every matrix survives packing bit for bit', async () => {
    using gguf = await openGguf([bytesSource(path, readGoldenBytes(`${path}.gguf`))]);
    for (const { name, type, shape } of gguf.tensors.values()) {
      const [rows = 0, columns] = shape;
      if (columns !== undefined) expectExact(type, await gguf.readTensor(name), rows, columns);
    }
  });
});

const LAYOUTS: Readonly<Record<TensorType, readonly [WeightLayout, groupSize: number, wordsPerRow256: number]>> = {
  F32: ['f32', 8, 256],
  BF16: ['f32', 8, 256],
  F16: ['f16', 8, 128],
  Q4_0: ['q4', 32, 32 + 8],
  Q4_1: ['q4', 32, 32 + 8],
  Q5_0: ['q8', 32, 64 + 8],
  Q5_1: ['q8', 32, 64 + 8],
  Q8_0: ['q8', 32, 64 + 8],
  Q2_K: ['q4k', 16, 32 + 9],
  Q3_K: ['q4k', 16, 32 + 9],
  Q4_K: ['q4k', 32, 32 + 5],
  Q5_K: ['q8k', 32, 64 + 5],
  Q6_K: ['q8k', 16, 64 + 9],
  Q4_MLC: ['q4s', 32, 32 + 8],
};

/** Where the f16 scales stand in a block, so that random ones can be kept finite and small enough for the layout. */
const HALF_OFFSETS: Readonly<Record<TensorType, readonly number[]>> = {
  F32: [],
  BF16: [],
  F16: [],
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q8_0: [0],
  Q2_K: [80, 82],
  Q3_K: [108],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
  Q4_MLC: [],
};

/** Random blocks with scales below 2048 in magnitude (any sign, subnormals included). */
function blocks(type: TensorType, rows: number, columns: number): fc.Arbitrary<Uint8Array> {
  const { blockBytes } = BLOCK_FORMATS[type];
  const numBytes = rows * rowBytesOf(type, columns);
  return fc.uint8Array({ minLength: numBytes, maxLength: numBytes, size: 'max' }).map((bytes) => {
    for (let start = 0; start < numBytes; start += blockBytes)
      for (const offset of HALF_OFFSETS[type]) bytes[start + offset + 1] = (bytes[start + offset + 1] ?? 0) & 0xe7;
    return bytes;
  });
}

describe.each(TENSOR_TYPES)('%s', (type) => {
  test('random blocks survive packing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }).chain((rows) => fc.tuple(fc.constant(rows), blocks(type, rows, 256))),
        ([rows, bytes]) => {
          const packed = packMatrix(type, bytes, rows, 256);
          // Random F32, F16 and BF16 bits hold NaNs, whose payload an f32 array may change.
          const got = unpackMatrix(packed);
          const expected = dequantize(type, bytes, rows * 256);
          for (const [i, value] of expected.entries())
            if (Number.isNaN(value) ? !Number.isNaN(got[i]) : got[i] !== value)
              throw new Error(`Value ${i} is ${got[i]}, not ${value}.`);
        },
      ),
      { seed: 20_240_615, numRuns: 20 },
    );
  });

  test('has the layout, sizes and zero padding of weight-layout.ts', () => {
    const [layout, groupSize, wordsPerRow] = LAYOUTS[type];
    const rows = 5;
    const bytes = new Uint8Array(rows * rowBytesOf(type, 256)).fill(0x55);
    const packed = packMatrix(type, bytes, rows, 256);
    expect(packed).toMatchObject({ layout, groupSize });
    expect(packed.values.length + packed.scales.length).toBe(paddedRows(rows) * wordsPerRow);
    const words = [...packed.values];
    const isPadding = (_: number, word: number): boolean =>
      Math.floor(word / 4 / ((words.length / 8 / 4) * 4)) * 4 + (word % 4) >= rows;
    expect(words.filter(isPadding).every((word) => word === 0)).toBe(true);
    expect(words.filter((word, i) => !isPadding(word, i)).every((word) => word !== 0)).toBe(true);
  });

  test('refuses bytes that do not fit the shape', () => {
    const bytes = new Uint8Array(rowBytesOf(type, 256));
    expect(() => packMatrix(type, bytes, 2, 256)).toThrow(expect.objectContaining({ code: 'invalidFile' }));
  });
});

describe('scales that the layout cannot hold', () => {
  test.each([
    ['Q4_0', 0, 0x7000],
    ['Q3_K', 108, 0x7800],
  ] as const)('%s becomes f32 where the min would overflow f16', (type, offset, half) => {
    const bytes = new Uint8Array(rowBytesOf(type, 256)).fill(0x35);
    new DataView(bytes.buffer).setUint16(offset, half, true);
    expect(expectExact(type, bytes, 1, 256).layout).toBe('f32');
    new DataView(bytes.buffer).setUint16(offset, half - 0x1800, true);
  });
});

test('q4 lays four rows side by side, low nibble first', () => {
  // Row r, block 0 of Q4_1: d = 1, m = r, values j -> j % 16.
  const bytes = new Uint8Array(4 * 20);
  const view = new DataView(bytes.buffer);
  const halves = [0x0000, 0x3c00, 0x4000, 0x4200];
  for (const [row, m] of halves.entries()) {
    view.setUint16(row * 20, 0x3c00, true);
    view.setUint16(row * 20 + 2, m, true);
    for (let j = 0; j < 16; j++) bytes[row * 20 + 4 + j] = j | (j << 4);
  }
  const { values, scales } = packMatrix('Q4_1', bytes, 4, 32);
  expect([...values.subarray(0, 8)].map((word) => word.toString(16))).toEqual([
    ...Array.from({ length: 4 }, () => '76543210'),
    ...Array.from({ length: 4 }, () => 'fedcba98'),
  ]);
  expect([...scales.subarray(0, 4)]).toEqual(halves.map((m) => 0x3c00 + m * 65_536));
});

test('Q4_MLC is (q - 7) s, exact for every f16 and bf16 scale', () => {
  const table = halfValues();
  const bf16 = (bits: number): number => new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? NaN;
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  for (let j = 0; j < 16; j++) bytes[4 + j] = (j % 8) * 2 + 16 * ((j % 8) * 2 + 1);
  for (let i = 0; i < 65_536; i += 7)
    for (const scale of [table[i] ?? NaN, bf16(i)]) {
      if (!Number.isFinite(15 * scale) || Math.abs(15 * scale) > 3e38) continue;
      view.setFloat32(0, scale, true);
      const values = dequantize('Q4_MLC', bytes, 32);
      for (const [column, value] of values.entries())
        if (value !== ((column % 16) - 7) * scale) throw new Error(`${column}, scale ${scale}: ${value}`);
    }
});

test('no number of a GGUF file stands for Q4_MLC', () => {
  for (let id = 0; id < 300; id++) expect(tensorTypeOfId(id)).not.toBe('Q4_MLC');
});
