import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  EMBEDDED_MODEL_PATH,
  TINY_MODELS,
  goldenTensorsSchema,
  readGoldenBytes,
  readGoldenJson,
} from '@/testing/gguf-golden.ts';
import { blobSource, bytesSource } from './byte-source.ts';
import { modelConfigOf } from './gguf-config.ts';
import { openGguf } from './gguf.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(TINY_MODELS)('%s', (path) => {
  const golden = readGoldenJson(`${path}.golden.json`, goldenTensorsSchema);

  test('every tensor has its name, type, shape and bytes', async () => {
    using gguf = await openGguf([bytesSource(path, readGoldenBytes(`${path}.gguf`))]);
    expect([...gguf.tensors.keys()].toSorted()).toEqual(Object.keys(golden.tensors).toSorted());
    for (const [name, expected] of Object.entries(golden.tensors)) {
      const tensor = gguf.tensor(name);
      expect(tensor, name).toMatchObject({ type: expected.type, shape: expected.shape, sizeBytes: expected.raw_bytes });
      expect(sha256(await gguf.readTensor(name)), name).toBe(expected.raw_sha256);
    }
  });

  test('every tensor de-quantises bit for bit as the reference does', async () => {
    using gguf = await openGguf([bytesSource(path, readGoldenBytes(`${path}.gguf`))]);
    for (const [name, expected] of Object.entries(golden.tensors)) {
      const values = await gguf.readTensorAsF32(name);
      for (const [index, value] of expected.samples) expect(values[index], `${name}[${index}]`).toBe(value);
      expect(sha256(new Uint8Array(values.buffer)), name).toBe(expected.f32_sha256);
    }
  });
});

describe('configuration', () => {
  const open = (path: string) => openGguf([bytesSource(path, readGoldenBytes(path))]);

  test('llama: tied, without biases', async () => {
    using gguf = await open('tiny/llama/tiny-llama-Q4_1.gguf');
    expect(await modelConfigOf(gguf)).toEqual({
      architecture: 'llama',
      hiddenSize: 64,
      intermediateSize: 128,
      numHiddenLayers: 2,
      numAttentionHeads: 4,
      numKeyValueHeads: 2,
      headDim: 16,
      vocabSize: 320,
      rmsNormEps: Math.fround(1e-5),
      ropeTheta: 1e4,
      ropeScaling: { kind: 'none' },
      tieWordEmbeddings: true,
      hasAttentionBias: false,
      hasQkNorm: false,
      maxContextLength: expect.any(Number),
    });
  });

  test('qwen2: untied, with biases', async () => {
    using gguf = await open('tiny/qwen2/tiny-qwen2-F32.gguf');
    expect(await modelConfigOf(gguf)).toMatchObject({
      architecture: 'qwen2',
      intermediateSize: 80,
      ropeTheta: 1e6,
      rmsNormEps: Math.fround(1e-6),
      tieWordEmbeddings: false,
      hasAttentionBias: true,
      hasQkNorm: false,
    });
  });

  test('qwen3: head size from the metadata, q and k norms', async () => {
    using gguf = await open('tiny/qwen3/tiny-qwen3-F32.gguf');
    expect(await modelConfigOf(gguf)).toMatchObject({
      architecture: 'qwen3',
      hiddenSize: 64,
      numAttentionHeads: 4,
      headDim: 32,
      tieWordEmbeddings: true,
      hasAttentionBias: false,
      hasQkNorm: true,
    });
  });

  test('the embedded model', async () => {
    const blob = await openAsBlob(EMBEDDED_MODEL_PATH);
    using gguf = await openGguf([blobSource('SmolLM2', blob)]);
    expect(gguf.fileBytes).toBe(98_362_432);
    expect(gguf.tensorTypes()).toEqual({ F32: 61, Q4_1: 210, Q8_0: 1 });
    expect(await modelConfigOf(gguf)).toMatchObject({
      architecture: 'llama',
      hiddenSize: 576,
      intermediateSize: 1536,
      numHiddenLayers: 30,
      numAttentionHeads: 9,
      numKeyValueHeads: 3,
      headDim: 64,
      vocabSize: 49_152,
      rmsNormEps: Math.fround(1e-5),
      ropeTheta: 100_000,
      tieWordEmbeddings: true,
      maxContextLength: 8192,
    });
  });
});
