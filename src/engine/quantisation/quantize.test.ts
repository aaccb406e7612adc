import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '@/engine/loading/byte-source.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { QuantizedWeights } from '@/engine/loading/quantized-weights.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { dequantize } from './gguf-blocks.ts';
import { floatToHalf, halfToFloat } from './half.ts';
import { QUANTIZED_TYPE, quantizeMatrix, type QuantizationKind } from './quantize.ts';

const bytesOf = (values: Float32Array): Uint8Array<ArrayBuffer> => new Uint8Array(Float32Array.from(values).buffer);

const openGolden = async (name: string) => openGguf([bytesSource(name, readGoldenBytes(`tiny/llama/${name}.gguf`))]);

describe('ggml quantised the same matrices to the same bytes', () => {
  test.each<[QuantizationKind, string]>([
    ['q8', 'tiny-llama-Q8_0'],
    ['q4', 'tiny-llama-Q4_1'],
  ])('%s as %s', async (kind, file) => {
    using golden = await openGolden(file);
    using quantized = new QuantizedWeights(await openGolden('tiny-llama-F32'), kind);
    expect(quantized.tensorTypes()).toEqual(golden.tensorTypes());
    for (const { name, type, shape, sizeBytes } of golden.tensors.values()) {
      expect(quantized.tensor(name)).toMatchObject({ type, shape, sizeBytes });
      expect(Buffer.compare(await quantized.readTensor(name), await golden.readTensor(name)), name).toBe(0);
    }
  });
});

describe('error', () => {
  const blocks = fc
    .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 32, maxLength: 32 })
    .map((values) => Float32Array.from(values));
  const rounded = (value: number): number => Math.abs(value - halfToFloat(floatToHalf(value)));

  test.each<QuantizationKind>(['q8', 'q4'])('of %s is half a step at most, and rounding', (kind) => {
    fc.assert(
      fc.property(blocks, fc.constantFrom(1, 1e-3, 1e-6), (raw, scale) => {
        const values = raw.map((value) => value * scale);
        const { bytes, squaredError, squaredNorm } = quantizeMatrix(kind, 'F32', bytesOf(values), 'x');
        const decoded = dequantize(QUANTIZED_TYPE[kind], bytes, 32);
        const [min, max] = [Math.min(...values), Math.max(...values)];
        const d = kind === 'q8' ? Math.max(-min, max) / 127 : (max - min) / 15;
        const scaleError = kind === 'q8' ? 127 * rounded(d) : 15 * rounded(d) + rounded(min);
        // A few units in the last place of the largest value, for the arithmetic in f32.
        const bound = d / 2 + scaleError + 4 * 2 ** -23 * Math.max(-min, max);
        let [error, norm] = [0, 0];
        for (const [i, value] of values.entries()) {
          const difference = value - (decoded[i] ?? NaN);
          expect(Math.abs(difference)).toBeLessThanOrEqual(bound);
          error += difference ** 2;
          norm += value ** 2;
        }
        expect(squaredError).toBeCloseTo(error, 12);
        expect(squaredNorm).toBeCloseTo(norm, 12);
      }),
    );
  });

  test('zeros and equal values are exact', () => {
    for (const [kind, value] of [
      ['q8', 0],
      ['q4', 0],
      ['q4', -1.5],
    ] as const) {
      const values = new Float32Array(32).fill(value);
      const { bytes, squaredError } = quantizeMatrix(kind, 'F32', bytesOf(values), 'x');
      expect(dequantize(QUANTIZED_TYPE[kind], bytes, 32)).toEqual(values);
      expect(squaredError).toBe(0);
    }
  });

  test('a uniform row loses what theory says: step / sqrt(12)', () => {
    const values = Float32Array.from({ length: 32 * 500 }, (_, i) =>
      Math.fround(2 * ((i * 0.618_033_988_749) % 1) - 1),
    );
    for (const [kind, levels] of [
      ['q8', 127],
      ['q4', 7.5],
    ] as const) {
      const { squaredError, squaredNorm } = quantizeMatrix(kind, 'F32', bytesOf(values), 'x');
      // Blocks reach almost to -1 and 1, so the step is almost 1 / levels; the rms of a uniform row is 1 / sqrt(3).
      const expected = 1 / levels / Math.sqrt(12) / Math.sqrt(1 / 3);
      expect(Math.sqrt(squaredError / squaredNorm) / expected).toBeGreaterThan(0.85);
      expect(Math.sqrt(squaredError / squaredNorm) / expected).toBeLessThan(1.05);
    }
  });

  test('is reported over all matrices, with the worst', async () => {
    using q8 = new QuantizedWeights(await openGolden('tiny-llama-F32'), 'q8');
    expect(q8.report()).toBeNull();
    let [error, norm, worst, worstName] = [0, 0, 0, ''];
    using source = await openGolden('tiny-llama-F32');
    for (const { name, shape } of source.tensors.values()) {
      const exact = await source.readTensorAsF32(name);
      const bytes = await q8.readTensor(name);
      if (shape.length !== 2) continue;
      const lossy = dequantize('Q8_0', bytes, exact.length);
      const own = exact.reduce((sum, value, i) => sum + (value - (lossy[i] ?? NaN)) ** 2, 0);
      const ownNorm = exact.reduce((sum, value) => sum + value ** 2, 0);
      error += own;
      norm += ownNorm;
      if (own / ownNorm > worst) [worst, worstName] = [own / ownNorm, name];
    }
    const report = q8.report();
    expect(report).toMatchObject({ kind: 'q8', worstTensor: worstName });
    expect(report?.relativeError).toBeCloseTo(Math.sqrt(error / norm), 9);
    expect(report?.worstRelativeError).toBeCloseTo(Math.sqrt(worst), 9);
    expect(report?.relativeError).toBeLessThan(0.01);
  });
});

describe('types', () => {
  test('16-bit weights are quantised from their own values', () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => (i - 30) / 64);
    const expected = quantizeMatrix('q4', 'F32', bytesOf(values), 'x').bytes;
    const halves = new Uint8Array(Uint16Array.from(values, floatToHalf).buffer);
    expect(quantizeMatrix('q4', 'F16', halves, 'x').bytes).toEqual(expected);
    const tops = Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16);
    expect(quantizeMatrix('q4', 'BF16', new Uint8Array(tops.buffer), 'x').bytes).toEqual(expected);
  });

  test('a row that is no whole number of blocks, a vector and a quantised matrix stay as they are', async () => {
    using qwen = new QuantizedWeights(
      await openGguf([bytesSource('q', readGoldenBytes('tiny/qwen2/tiny-qwen2-F32.gguf'))]),
      'q4',
    );
    // 80 columns.
    expect(qwen.tensor('blk.0.ffn_down.weight').type).toBe('F32');
    expect(qwen.tensor('blk.0.attn_q.bias').type).toBe('F32');
    expect(qwen.tensor('blk.0.ffn_up.weight').type).toBe('Q4_1');
    using golden = await openGolden('tiny-llama-Q4_0');
    using again = new QuantizedWeights(await openGolden('tiny-llama-Q4_0'), 'q8');
    expect(again.tensorTypes()).toEqual(golden.tensorTypes());
    expect(await again.readTensor('blk.0.attn_q.weight')).toEqual(await golden.readTensor('blk.0.attn_q.weight'));
    expect(again.report()).toBeNull();
  });
});

describe('refused', () => {
  test.each<[string, number, QuantizationKind, string]>([
    ['not a number', NaN, 'q8', 'invalidFile'],
    ['infinite', -Infinity, 'q4', 'invalidFile'],
    ['too large for q8', 1e7, 'q8', 'unsupportedModel'],
    ['too large for q4', -7e4, 'q4', 'unsupportedModel'],
  ])('%s', (_, value, kind, code) => {
    const values = new Float32Array(32).fill(value, 5, 6);
    expect(() => quantizeMatrix(kind, 'F32', bytesOf(values), 'w')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('"w"') }),
    );
  });
});
