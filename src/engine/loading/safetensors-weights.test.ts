import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { NamedTensor } from '@/protocol/training.ts';
import { dequantize, rowBytesOf } from '@/engine/quantisation/gguf-blocks.ts';
import { llamaSourceRow, permuteRows } from '@/engine/quantisation/row-order.ts';
import { expectFailure } from '@/testing/expect-failure.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { readSafetensors } from '@/testing/read-safetensors.ts';
import { watchedFolder } from '@/testing/watched-folder.ts';
import { memoryFolder, writeHfWeights, type FolderFiles } from '@/testing/write-hf-folder.ts';
import { bytesSource, type ByteSource } from './byte-source.ts';
import { modelConfigOf } from './gguf-config.ts';
import { checkTensors } from './gguf-tensors.ts';
import { openGguf } from './gguf.ts';
import { ggufNameOf, hfNameOf } from './hf-names.ts';
import { openSafetensorsWeights } from './safetensors-weights.ts';
import type { WeightSource } from './weight-source.ts';

const INDEX = 'model.safetensors.index.json';
const open = async (files: FolderFiles, isTied = true) => openSafetensorsWeights(memoryFolder(files), isTied);
const tensor = (name: string, shape: readonly number[] = [2]): NamedTensor => ({
  name,
  shape,
  values: new Float32Array(shape.reduce((product, size) => product * size, 1)).map((_, i) => i),
});

async function valuesOf(source: WeightSource, name: string): Promise<Float32Array> {
  const { type, shape } = source.tensor(name);
  return dequantize(
    type,
    await source.readTensor(name),
    shape.reduce((product, size) => product * size, 1),
  );
}

describe.each(['llama', 'qwen2', 'qwen3'])('tiny %s', (name) => {
  const golden = readGoldenBytes(`tiny/${name}/model.safetensors`);
  const path = `tiny/${name}/tiny-${name}-F32.gguf`;

  test.each(['one file', 'three shards'])('has the bytes of its GGUF file, from %s', async (kind) => {
    using gguf = await openGguf([bytesSource(path, readGoldenBytes(path))]);
    const config = await modelConfigOf(gguf);
    const tensors = [...readSafetensors(golden).values()];
    const files = kind === 'one file' ? { 'model.safetensors': golden } : writeHfWeights(tensors, { numShards: 3 });
    using weights = await open(files, config.tieWordEmbeddings);
    checkTensors(weights, config);
    expect(new Set(weights.tensors.keys())).toEqual(new Set(gguf.tensors.keys()));
    for (const { name: tensorName, type, shape } of gguf.tensors.values()) {
      expect(weights.tensor(tensorName)).toMatchObject({ type, shape });
      const isPermuted = gguf.queryKeyRows === 'interleaved' && /attn_[qk]\.weight$/.test(tensorName);
      const stored = await gguf.readTensor(tensorName);
      const rowBytes = rowBytesOf(type, shape[1] ?? 1);
      const expected = isPermuted ? permuteRows(stored, rowBytes, llamaSourceRow(config.headDim)) : stored;
      expect(Buffer.compare(await weights.readTensor(tensorName), expected), tensorName).toBe(0);
    }
    expect(weights.queryKeyRows).toBe('halfSplit');
    expect(weights.tensorTypes()).toEqual({ F32: gguf.tensors.size });
  });
});

test('names go both ways', () => {
  expect(ggufNameOf('model.layers.10.self_attn.q_proj.bias')).toBe('blk.10.attn_q.bias');
  expect(ggufNameOf('lm_head.weight')).toBe('output.weight');
  for (const name of ['model.layers.0.lm_head.weight', 'self_attn.q_proj.weight', 'model.layers.01.mlp.up_proj.weight'])
    expect(ggufNameOf(name)).toBeNull();
  for (const name of ['blk.3.ffn_down.weight', 'output_norm.weight', 'token_embd.weight'])
    expect(ggufNameOf(hfNameOf(name))).toBe(name);
  expect(hfNameOf('rope_freqs.weight')).toBe('rope_freqs.weight');
});

test('16-bit types keep their bits and know their size', async () => {
  for (const dtype of ['F16', 'BF16'] as const) {
    using weights = await open(writeHfWeights([tensor('model.norm.weight', [4])], { dtype }));
    expect(weights.tensor('output_norm.weight')).toMatchObject({ type: dtype, sizeBytes: 8 });
    expect(await valuesOf(weights, 'output_norm.weight')).toEqual(Float32Array.of(0, 1, 2, 3));
  }
});

test('only headers are read when a model is opened', async () => {
  const files = writeHfWeights([tensor('model.embed_tokens.weight', [1000, 8])]);
  const { folder, reads } = watchedFolder(memoryFolder(files));
  using weights = await openSafetensorsWeights(folder, true);
  expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBeLessThan(300);
  await weights.readTensor('token_embd.weight');
  expect(reads.at(-1)?.[1]).toBe(32_000);
});

describe('what is not needed', () => {
  const files = writeHfWeights(
    ['lm_head.weight', 'model.layers.0.self_attn.rotary_emb.inv_freq'].map((name) => tensor(name)),
  );

  test('a copy of the tied embedding and stored angles are left aside', async () => {
    using weights = await open(files);
    expect([...weights.tensors.keys()]).toEqual([]);
  });

  test('a head of its own is kept', async () => {
    using weights = await open(files, false);
    expect([...weights.tensors.keys()]).toEqual(['output.weight']);
  });

  test('a tensor of another architecture and a missing one are named as in the file', async () => {
    const path = 'tiny/llama/tiny-llama-F32.gguf';
    using gguf = await openGguf([bytesSource(path, readGoldenBytes(path))]);
    const config = await modelConfigOf(gguf);
    const tensors = [...readSafetensors(readGoldenBytes('tiny/llama/model.safetensors')).values()];
    const check = async (changed: readonly NamedTensor[], tied = true): Promise<void> => {
      using weights = await open(writeHfWeights(changed), tied);
      checkTensors(weights, { ...config, tieWordEmbeddings: tied });
    };
    const foreign = 'model.layers.0.mlp.router.weight';
    await expectFailure(check([...tensors, tensor(foreign)]), 'unsupportedModel', `"${foreign}"`);
    await expectFailure(check(tensors, false), 'invalidFile', '"lm_head.weight"', 'missing');
    const lacking = tensors.filter(({ name }) => name !== 'model.layers.1.mlp.up_proj.weight');
    await expectFailure(check(lacking), 'invalidFile', '"model.layers.1.mlp.up_proj.weight"', 'missing');
  });
});

describe('broken folders', () => {
  const sharded = writeHfWeights([tensor('model.norm.weight'), tensor('lm_head.weight')], { numShards: 2 });
  const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const map = (weight_map: unknown): FolderFiles => ({ ...sharded, [INDEX]: { weight_map } });
  const sound = { 'model.norm.weight': first, 'lm_head.weight': second };

  test.each<[string, FolderFiles, ...string[]]>([
    ['nothing', {}, 'test-folder', 'model.safetensors', INDEX],
    ['no map', { ...sharded, [INDEX]: {} }, INDEX, 'weight_map'],
    ['an empty map', map({}), INDEX, 'names no tensor'],
    ['a path', map({ ...sound, 'lm_head.weight': '../secret.safetensors' }), INDEX, 'lm_head.weight'],
    ['a folder', map({ ...sound, 'lm_head.weight': 'a/b.safetensors' }), INDEX, 'lm_head.weight'],
    ['an address', map({ ...sound, 'lm_head.weight': 'https://x.org/a.safetensors' }), INDEX, 'lm_head.weight'],
    ['another kind of file', map({ ...sound, 'lm_head.weight': 'config.json' }), INDEX, 'lm_head.weight'],
    ['a number', map({ ...sound, 'lm_head.weight': 2 }), INDEX, 'lm_head.weight'],
    ['a shard that is not there', map({ ...sound, x: 'model-00003.safetensors' }), 'model-00003.safetensors'],
    ['a tensor that is in no shard', map({ ...sound, x: first }), first, '"x"'],
    ['a tensor that is not in the index', map({ 'model.norm.weight': first, x: second }), INDEX, 'lm_head.weight'],
    ['shards changed over', map({ 'model.norm.weight': second, 'lm_head.weight': first }), INDEX, second],
    ['an empty file', { 'model.safetensors': new Uint8Array() }, 'model.safetensors', 'only 0 bytes', 'again'],
  ])('%s', async (_, files, ...parts) => {
    await expectFailure(open(files), 'invalidFile', ...parts);
  });

  test('a dtype that is not read is named', async () => {
    const header = JSON.stringify({ x: { dtype: 'F8_E4M3', shape: [2], data_offsets: [0, 2] } });
    const bytes = new Uint8Array(8 + header.length + 2);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    await expectFailure(open({ 'model.safetensors': bytes }), 'unsupportedModel', 'model.safetensors', 'F8_E4M3');
  });

  test('what was opened is closed again', async () => {
    const { folder, numOpen } = watchedFolder(memoryFolder(map({ ...sound, x: first })));
    await expectFailure(openSafetensorsWeights(folder, true), 'invalidFile');
    expect(numOpen()).toBe(0);
  });

  test('a file that claims a long header costs no more than the limit', async () => {
    let largest = 0;
    const prefix = new Uint8Array(new BigUint64Array([2n ** 33n]).buffer);
    const source: ByteSource = {
      name: 'model.safetensors',
      sizeBytes: 2 ** 40,
      async read(offset, length) {
        largest = Math.max(largest, length);
        return prefix.slice(offset, offset + length);
      },
      [Symbol.dispose]() {},
    };
    const folder = { name: 'claimed', open: async () => source };
    await expectFailure(openSafetensorsWeights(folder, true), 'invalidFile', 'header would have 8589934592 bytes');
    expect(largest).toBe(8);
  });

  test('whatever is done to the bytes, there are weights of the file or a Failure', async () => {
    const files = writeHfWeights([tensor('model.norm.weight', [8]), tensor('model.embed_tokens.weight', [4, 8])], {
      numShards: 2,
    });
    const names = Object.keys(files);
    const damage = fc.record({
      file: fc.constantFrom(...names),
      changes: fc.array(fc.record({ at: fc.nat({ max: 400 }), byte: fc.integer({ min: 0, max: 255 }) }), {
        maxLength: 4,
      }),
      cut: fc.option(fc.nat({ max: 400 })),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, changes, cut }) => {
        const content = files[file];
        const whole = content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content));
        const bytes = Uint8Array.from(whole.subarray(0, cut ?? whole.length));
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        try {
          using weights = await open({ ...files, [file]: bytes });
          for (const name of weights.tensors.keys())
            expect((await weights.readTensor(name)).length).toBe(weights.tensor(name).sizeBytes);
        } catch (error) {
          if (!(error instanceof Failure) || !['invalidFile', 'unsupportedModel'].includes(error.code)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
