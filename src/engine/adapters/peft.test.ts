import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { DEFAULT_LORA, LORA_TARGETS, type NamedTensor } from '@/protocol/training.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { TINY_LLAMA_SHAPE, seededAdapter } from '@/testing/seeded-adapter.ts';
import { adapterLayout } from './adapter-layout.ts';
import { readPeft, writePeft } from './peft.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const encode = (text: string) => new TextEncoder().encode(text);

const golden = {
  config: readGoldenBytes('grpo/tiny-llama-lora/adapter_config.json'),
  weights: readGoldenBytes('grpo/tiny-llama-lora/adapter_model.safetensors'),
};
const goldenFields = JSON.parse(new TextDecoder().decode(golden.config)) as Record<string, unknown>;
const goldenTensors = readSafetensors(golden.weights, 'golden').tensors;

const withFields = (fields: Record<string, unknown>) => ({
  ...golden,
  config: encode(JSON.stringify({ ...goldenFields, ...fields })),
});
const withTensors = (tensors: readonly NamedTensor[]) => ({ ...golden, weights: writeSafetensors(tensors) });

function expectRefusal(attempt: () => unknown, ...parts: readonly string[]): void {
  expect(attempt).toThrow(Failure);
  for (const part of parts) expect(attempt).toThrow(part);
}

describe('an adapter that Python wrote', () => {
  const adapter = readPeft(golden, TINY_LLAMA_SHAPE);

  test('is read whole, in our order', () => {
    expect(adapter.config).toEqual(DEFAULT_LORA);
    expect(adapter.baseModelName).toBe('tiny-llama');
    expect(adapter.tensors.map(({ name }) => name)).toEqual(
      adapterLayout(DEFAULT_LORA, TINY_LLAMA_SHAPE).map(({ name }) => name),
    );
    const byName = new Map(goldenTensors.map((tensor) => [tensor.name, tensor]));
    for (const tensor of adapter.tensors) expect(tensor).toEqual(byName.get(tensor.name));
  });

  test('is written again: the same bytes of weights, the fields that PEFT needs', () => {
    const files = writePeft(adapter, 'tiny-llama');
    expect(files.weights).toEqual(golden.weights);
    const fields = JSON.parse(new TextDecoder().decode(files.config)) as Record<string, unknown>;
    expect(goldenFields).toMatchObject(fields);
    expect(fields).toMatchObject({ peft_type: 'LORA', task_type: 'CAUSAL_LM', inference_mode: true, use_dora: false });
  });
});

test('what is written is read back', () => {
  const config = fc.record({
    r: fc.integer({ min: 1, max: 64 }),
    loraAlpha: fc.double({ min: 1e-3, max: 512, noNaN: true }),
    loraDropout: fc.double({ min: 0, max: 0.99, noNaN: true }),
    useRslora: fc.boolean(),
    targetModules: fc
      .subarray([...LORA_TARGETS], { minLength: 1 })
      .map((some) => LORA_TARGETS.filter((target) => some.includes(target))),
  });
  fc.assert(
    fc.property(config, fc.string(), (lora, baseModelName) => {
      const adapter = seededAdapter(lora, TINY_LLAMA_SHAPE);
      expect(readPeft(writePeft(adapter, baseModelName), TINY_LLAMA_SHAPE)).toEqual({ ...adapter, baseModelName });
    }),
    { numRuns: 15 },
  );
});

describe('adapter_config.json', () => {
  test('fields that mean nothing to us are ignored, those with a default may be missing', () => {
    const { lora_dropout, use_rslora, bias, base_model_name_or_path, ...rest } = goldenFields;
    expect([lora_dropout, use_rslora, bias, base_model_name_or_path]).toEqual([0, false, 'none', 'tiny-llama']);
    const fields = {
      ...rest,
      auto_mapping: { base_model_class: 'LlamaForCausalLM', parent_library: 'transformers' },
      revision: 'main',
      peft_version: '0.30.0@git',
      eva_config: { rho: 2 },
      init_lora_weights: 'gaussian',
      lora_alpha: 12.5,
      task_type: null,
      target_modules: ['v_proj', 'down_proj', 'q_proj', 'k_proj', 'o_proj', 'up_proj', 'gate_proj'],
      a_field_of_next_year: { deep: [1, 2, { x: null }] },
    };
    const adapter = readPeft({ ...golden, config: encode(JSON.stringify(fields)) }, TINY_LLAMA_SHAPE);
    expect(adapter.config).toEqual({ ...DEFAULT_LORA, loraAlpha: 12.5 });
    expect(adapter.baseModelName).toBeNull();
  });

  test('rank, dropout and rank-stabilised scaling arrive', () => {
    const { config } = readPeft(withFields({ use_rslora: true, lora_dropout: 0.25 }), TINY_LLAMA_SHAPE);
    expect(config).toEqual({ ...DEFAULT_LORA, useRslora: true, loraDropout: 0.25 });
  });

  const cases: readonly (readonly [field: string, value: unknown, remedy: string])[] = [
    ['peft_type', 'LOHA', '"LORA"'],
    ['use_dora', true, 'Train'],
    ['use_qalora', true, 'Train'],
    ['use_bdlora', { nblocks: 2 }, 'Train'],
    ['use_next_years_method', true, 'Train'],
    ['rank_pattern', { q_proj: 4 }, 'one rank'],
    ['alpha_pattern', { q_proj: 4 }, 'one lora_alpha'],
    ['bias', 'lora_only', '"none"'],
    ['modules_to_save', ['lm_head'], 'without modules_to_save'],
    ['fan_in_fan_out', true, 'false'],
    ['layers_to_transform', [0, 1], 'all layers'],
    ['layers_to_transform', 0, 'all layers'],
    ['layer_replication', [[0, 1]], 'repeated'],
    ['exclude_modules', ['q_proj'], 'target_modules'],
    ['init_lora_weights', 'pissa_niter_4', 'path_initial_model_for_weight_conversion'],
    ['target_modules', '.*(q|v)_proj', 'pattern'],
    ['target_modules', 'all-linear', 'pattern'],
    ['target_modules', ['q_proj', 'lm_head'], '"lm_head"'],
    ['target_modules', [], 'q_proj, k_proj'],
    ['target_modules', null, 'q_proj, k_proj'],
    ['target_modules', [['q_proj']], 'q_proj, k_proj'],
    ['r', 65, 'from 1 to 64'],
    ['r', 2.5, 'from 1 to 64'],
    ['r', undefined, 'missing'],
    ['lora_alpha', 0, 'above 0'],
    ['lora_alpha', '16', 'above 0'],
    ['lora_dropout', 1, 'below 1'],
    ['use_rslora', 'yes', 'true or false'],
    ['base_model_name_or_path', 7, 'text'],
  ];
  test.each(cases)('%s = %j is refused', (field, value, remedy) => {
    expectRefusal(() => readPeft(withFields({ [field]: value }), TINY_LLAMA_SHAPE), 'config.json', field, remedy);
  });

  test.each(['', '[]', '"LORA"', '{"r":', 'null'])('a file that is no object is refused: %s', (text) => {
    expectRefusal(() => readPeft({ ...golden, config: encode(text) }, TINY_LLAMA_SHAPE), 'JSON object');
  });

  test('whatever stands in it, it is read or refused with a Failure', () => {
    const keys = fc.constantFrom(...Object.keys(goldenFields), '__proto__', 'use_x');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue(), { maxKeys: 4, noNullPrototype: true }), (fields) => {
        try {
          readPeft(withFields(fields), TINY_LLAMA_SHAPE);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('adapter_model.safetensors', () => {
  const [first] = goldenTensors;
  if (first === undefined) throw new Error('The golden adapter has tensors.');
  const rest = goldenTensors.slice(1);
  const renamed = (name: string) => withTensors([{ ...first, name }, ...rest]);

  test('modules without tensors are zero', () => {
    const some = goldenTensors.filter(({ name }) => !name.includes('layers.0.') || name.includes('q_proj'));
    const { tensors } = readPeft(withTensors(some), TINY_LLAMA_SHAPE);
    expect(tensors.length).toBe(goldenTensors.length);
    const filled = tensors.filter(({ values }) => values.some((value) => value !== 0));
    expect(new Set(filled.map(({ name }) => name))).toEqual(new Set(some.map(({ name }) => name)));
  });

  test('halves are read as f32', () => {
    const weights = writeSafetensors(goldenTensors, { dtype: 'F16' });
    const { tensors } = readPeft({ ...golden, weights }, TINY_LLAMA_SHAPE);
    const byName = new Map(goldenTensors.map(({ name, values }) => [name, values]));
    for (const { name, values } of tensors)
      for (const [i, value] of values.entries()) {
        const exact = byName.get(name)?.[i] ?? NaN;
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -11 + 2 ** -25);
      }
  });

  test.each([
    ['base_model.model.model.layers.0.mlp.down_proj.lora_magnitude_vector.weight', 'no place'],
    ['base_model.model.model.layers.0.mlp.down_proj.lora_A.default.weight', 'no place'],
    ['base_model.model.lm_head.lora_A.weight', 'no place'],
    ['base_model.model.model.layers.00.mlp.down_proj.lora_A.weight', 'no place'],
    ['base_model.model.model.layers.2.mlp.down_proj.lora_A.weight', 'has 2 layers'],
  ])('unknown name %s', (name, remedy) => {
    expectRefusal(() => readPeft(renamed(name), TINY_LLAMA_SHAPE), `"${name}"`, remedy);
  });

  test('a module that target_modules does not name', () => {
    expectRefusal(() => readPeft(withFields({ target_modules: ['q_proj'] }), TINY_LLAMA_SHAPE), 'down_proj', 'target');
  });

  test('A without B, and the other way round', () => {
    for (const missing of ['lora_A', 'lora_B'])
      expectRefusal(
        () => readPeft(withTensors(goldenTensors.filter(({ name }) => !name.includes(missing))), TINY_LLAMA_SHAPE),
        missing,
        'is missing',
      );
  });

  test('another rank, another model, a matrix the wrong way round', () => {
    expectRefusal(() => readPeft(withFields({ r: 4 }), TINY_LLAMA_SHAPE), 'shape [8, 128]', '[4, 128]');
    expectRefusal(() => readPeft(golden, { ...TINY_LLAMA_SHAPE, intermediateSize: 256 }), '[8, 256]', 'Load the model');
    const turned = { ...first, shape: first.shape.toReversed() };
    expectRefusal(() => readPeft(withTensors([turned, ...rest]), TINY_LLAMA_SHAPE), 'shape [128, 8]');
    const cube = { ...first, shape: [...first.shape, 1] };
    expectRefusal(() => readPeft(withTensors([cube, ...rest]), TINY_LLAMA_SHAPE), 'shape [8, 128, 1]');
  });

  test.each([NaN, Infinity])('%d among the values', (value) => {
    const values = first.values.with(5, value);
    expectRefusal(() => readPeft(withTensors([{ ...first, values }, ...rest]), TINY_LLAMA_SHAPE), 'not finite');
  });

  test('no tensors, or no safetensors', () => {
    expectRefusal(() => readPeft(withTensors([]), TINY_LLAMA_SHAPE), 'no tensors');
    expectRefusal(() => readPeft({ ...golden, weights: encode('PK') }, TINY_LLAMA_SHAPE), 'adapter_model.safetensors');
  });
});
