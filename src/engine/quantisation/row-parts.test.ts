import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { packMatrix, unpackMatrix } from './pack-weights.ts';
import { packParts, rowParts } from './row-parts.ts';
import { TENSOR_TYPES, rowBytesOf } from './gguf-blocks.ts';
import { LAYOUT_OF, packedWords } from './weight-layout.ts';

const MiB = 1 << 20;

describe('parts of rows', () => {
  test('a matrix that fits stays whole', () => {
    for (const maxBytes of [1000 * 64 * 4, Infinity])
      expect(rowParts('F32', 1000, 64, maxBytes)).toEqual([{ firstRow: 0, rows: 1000 }]);
  });

  test('the q4 embedding of Qwen3-1.7B takes two bindings of the default size, its f16 embedding five', () => {
    expect(rowParts('Q4_0', 151_936, 2048, 128 * MiB)).toEqual([
      { firstRow: 0, rows: 75_968 },
      { firstRow: 75_968, rows: 75_968 },
    ]);
    expect(rowParts('F16', 151_936, 2048, 128 * MiB)).toHaveLength(5);
  });

  test('eight rows are the least', () => {
    expect(rowParts('F32', 20, 64, 1)).toEqual([
      { firstRow: 0, rows: 8 },
      { firstRow: 8, rows: 8 },
      { firstRow: 16, rows: 4 },
    ]);
  });

  test('cover every row once, begin at multiples of eight, and fit', () => {
    const shapes = fc.record({
      type: fc.constantFrom(...TENSOR_TYPES),
      rows: fc.integer({ min: 1, max: 5000 }),
      columns: fc.constantFrom(256, 512, 1536),
      maxBytes: fc.integer({ min: 100_000, max: 4 * MiB }),
    });
    fc.assert(
      fc.property(shapes, ({ type, rows, columns, maxBytes }) => {
        const parts = rowParts(type, rows, columns, maxBytes);
        let next = 0;
        for (const part of parts) {
          expect(part.firstRow).toBe(next);
          expect(part.firstRow % 8).toBe(0);
          const { values, scales } = packedWords({ ...LAYOUT_OF[type], rows: part.rows, columns });
          expect(Math.max(values, scales) * 4).toBeLessThanOrEqual(maxBytes);
          next += part.rows;
        }
        expect(next).toBe(rows);
      }),
    );
  });
});

describe('packing in parts', () => {
  test.each(TENSOR_TYPES)('%s: the parts hold what the whole holds, and each takes what was planned', (type) => {
    const [rows, columns] = [44, 256];
    const bytes = Uint8Array.from({ length: rows * rowBytesOf(type, columns) }, (_, i) => (i * 37) % 60);
    const whole = unpackMatrix(packMatrix(type, bytes, rows, columns));
    const maxBytes = 16 * columns * 4;
    const parts = [...packParts(type, bytes, { rows, columns }, maxBytes)];
    const joined = parts.flatMap(({ packed }) => [...unpackMatrix(packed)]);
    expect(Float32Array.from(joined)).toEqual(whole);
    for (const { packed } of parts) {
      const words = packedWords(packed);
      expect([packed.values.length, packed.scales.length]).toEqual([words.values, words.scales]);
      expect(packed.layout).toBe(LAYOUT_OF[type].layout);
    }
  });

  test('a part that overflows its layout becomes f32 and is cut again', () => {
    const [rows, columns] = [64, 256];
    const rowBytes = rowBytesOf('Q4_0', columns);
    const bytes = new Uint8Array(rows * rowBytes);
    // d = 30000 in f16, in one block of row 40: -8 d is no f16.
    new DataView(bytes.buffer).setUint16(40 * rowBytes, 0x7753, true);
    const maxBytes = 32 * (columns / 8) * 4;
    const parts = [...packParts('Q4_0', bytes, { rows, columns }, maxBytes)];
    expect(parts.map(({ firstRow, packed }) => [firstRow, packed.rows, packed.layout])).toEqual([
      [0, 32, 'q4'],
      ...[32, 40, 48, 56].map((firstRow) => [firstRow, 8, firstRow === 40 ? 'f32' : 'q4']),
    ]);
    const joined = parts.flatMap(({ packed }) => [...unpackMatrix(packed)]);
    expect(Float32Array.from(joined)).toEqual(unpackMatrix(packMatrix('Q4_0', bytes, rows, columns)));
  });
});
