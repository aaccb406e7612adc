import { describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING, type NamedTensor } from '@/protocol/training.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { TINY_LLAMA_SHAPE, seededAdapter } from '@/testing/seeded-adapter.ts';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const config = { ...DEFAULT_LORA, targetModules: ['q_proj', 'down_proj'] as const };
const seeded = (bSeed: number) =>
  seededAdapter(config, TINY_LLAMA_SHAPE, { aSeed: bSeed + 1, bSeed, bBound: 1e-9 }).tensors;

const checkpoint: Checkpoint = {
  adapter: config,
  params: seeded(1),
  expAvg: seeded(2),
  expAvgSq: seeded(3),
  step: 17,
  rngState: [0, 0xffffffff],
  dataPosition: 34,
  settings: { training: DEFAULT_TRAINING, delta: null, list: ['x', { y: [] }] },
  metrics: [
    { loss: -1 / 3, 'clip_ratio/low_mean': 5e-324 },
    { kl: NaN, grad_norm: Infinity, entropy: -Infinity },
  ],
  createdAt: '2026-11-26T12:00:00.000Z',
};

const read = (bytes: Uint8Array) => readCheckpoint(bytes, 'c.safetensors', TINY_LLAMA_SHAPE);

/** The checkpoint's file with its tensors and its record changed. */
function changed(
  tensors: (all: readonly NamedTensor[]) => readonly NamedTensor[],
  record: (fields: Record<string, unknown>) => unknown = (fields) => fields,
): Uint8Array<ArrayBuffer> {
  const file = readSafetensors(writeCheckpoint(checkpoint), 'c');
  const fields = JSON.parse(file.metadata['duet_checkpoint'] ?? '') as Record<string, unknown>;
  const metadata = { duet_checkpoint: JSON.stringify(record(fields)) };
  return writeSafetensors(tensors(file.tensors), { metadata });
}

function expectRefusal(attempt: () => unknown, ...parts: readonly string[]): void {
  expect(attempt).toThrow(Failure);
  for (const part of ['c.safetensors', ...parts]) expect(attempt).toThrow(part);
}

test('all comes back, bit for bit', () => {
  expect(read(writeCheckpoint(checkpoint))).toEqual(checkpoint);
});

test('weights that are not numbers come back as such', () => {
  const params = checkpoint.params.map((tensor) => ({ ...tensor, values: tensor.values.map(() => NaN) }));
  expect(read(writeCheckpoint({ ...checkpoint, params })).params).toEqual(params);
});

describe('refused', () => {
  const all = (tensors: readonly NamedTensor[]) => tensors;

  test.each(['param', 'exp_avg', 'exp_avg_sq'])('a missing %s', (prefix) => {
    const name = `${prefix}.base_model.model.model.layers.1.mlp.down_proj.lora_B.weight`;
    expectRefusal(() => read(changed((tensors) => tensors.filter((tensor) => tensor.name !== name))), name, 'missing');
  });

  test('a tensor too many', () => {
    const extra = { name: 'x', shape: [1], values: Float32Array.of(1) };
    expectRefusal(() => read(changed((tensors) => [...tensors, extra])), '25 tensors instead of 24');
  });

  test('another model', () => {
    const shape = { ...TINY_LLAMA_SHAPE, hiddenSize: 32 };
    const attempt = () => readCheckpoint(writeCheckpoint(checkpoint), 'c.safetensors', shape);
    expectRefusal(attempt, 'q_proj.lora_A.weight', '[8, 32]', 'Load the model');
    const shallow = { ...TINY_LLAMA_SHAPE, numHiddenLayers: 1 };
    expectRefusal(() => readCheckpoint(writeCheckpoint(checkpoint), 'c.safetensors', shallow), '24 tensors');
  });

  test.each([
    ['version', 2],
    ['adapter', { ...config, r: 0 }],
    ['adapter', { ...config, targetModules: ['lm_head'] }],
    ['step', -1],
    ['step', 1.5],
    ['rngState', [2 ** 32]],
    ['dataPosition', null],
    ['settings', 'none'],
    ['metrics', [{ loss: 'low' }]],
    ['createdAt', 'yesterday'],
  ])('%s = %j', (field, value) => {
    expectRefusal(() => read(changed(all, (fields) => ({ ...fields, [field]: value }))), field, 'version of Duet');
  });

  test('no record, or none in JSON', () => {
    const adapter = readGoldenBytes('grpo/tiny-llama-lora/adapter_model.safetensors');
    expectRefusal(() => read(adapter), 'Import it as an adapter');
    expectRefusal(() => read(writeSafetensors([], { metadata: { duet_checkpoint: '{' } })), 'not JSON');
    expectRefusal(() => read(changed(all, () => null)), 'cannot be used');
  });
});
