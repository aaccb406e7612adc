/** Fitness of the kernels: every definition says what its WGSL says. */
import { describe, expect, test } from 'vitest';
import { ResourceType, WgslReflect } from 'wgsl_reflect';
import { KERNEL_VARIANTS, variantName } from '@/testing/kernel-variants.ts';
import { kernelSource, paramsSize, writeParams } from './kernel.ts';
import type { BufferAccess } from './kernel.ts';

const MAX_STORAGE_BUFFERS = 8;
const ACCESS: Readonly<Record<BufferAccess, string>> = { read: 'read', readWrite: 'read_write' };

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const shaders: Readonly<Record<string, string>> = import.meta.glob('./*/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

test('every shader file is part of a known kernel variant', () => {
  const used = new Set(
    KERNEL_VARIANTS.flatMap(({ kernel, chunks }) => [kernel, ...chunks].map(({ source }) => source)),
  );
  const unused = Object.entries(shaders).flatMap(([path, source]) => (used.has(source) ? [] : [path]));
  expect(Object.keys(shaders).length).toBeGreaterThan(10);
  expect(unused).toEqual([]);
});

test('a kernel is named as its shader file', () => {
  for (const { kernel } of KERNEL_VARIANTS) {
    const path = Object.keys(shaders).find((file) => shaders[file] === kernel.source);
    expect(path?.split('/').at(-1)).toBe(`${kernel.name}.wgsl`);
  }
});

test('no two variants share a name, which is part of their cache keys', () => {
  const sources = new Map<string, string>();
  for (const variant of KERNEL_VARIANTS) {
    const source = kernelSource(variant.kernel, variant.chunks);
    const name = variantName(variant);
    expect(sources.get(name) ?? source, name).toBe(source);
    sources.set(name, source);
  }
  expect(sources.size).toBe(KERNEL_VARIANTS.length);
});

for (const variant of KERNEL_VARIANTS)
  describe(variantName(variant), () => {
    const { kernel, chunks, overrides } = variant;
    const reflection = new WgslReflect(kernelSource(kernel, chunks));
    const bindings = reflection.getBindGroups()[0] ?? [];
    const storage = bindings.filter(({ resourceType }) => resourceType === ResourceType.Storage);

    test('binds the storage buffers of its definition, in order and with their access', () => {
      expect(storage.map(({ name, access, binding }) => [binding, name, access])).toEqual(
        Object.entries(kernel.buffers).map(([name, access], binding) => [binding, snakeCase(name), ACCESS[access]]),
      );
      expect(storage.length).toBeLessThanOrEqual(MAX_STORAGE_BUFFERS);
      expect(reflection.getBindGroups()).toHaveLength(1);
    });

    test('binds Params last, with the fields of its definition', () => {
      const last = bindings.at(-1);
      expect([last?.name, last?.resourceType, last?.binding]).toEqual(['params', ResourceType.Uniform, storage.length]);
      expect(bindings).toHaveLength(storage.length + 1);
      const struct = reflection.structs.find(({ name }) => name === 'Params');
      expect(struct?.members.map(({ name, type, offset }) => [name, type.name, offset])).toEqual(
        Object.entries(kernel.params).map(([name, type], index) => [snakeCase(name), type, 4 * index]),
      );
      expect(paramsSize(kernel)).toBeGreaterThanOrEqual(struct?.size ?? Infinity);
    });

    test('names all its overrides, and record functions are given those', () => {
      const declared = reflection.overrides.map(({ name }) => name).toSorted();
      expect([...kernel.overrides].toSorted()).toEqual(declared);
      expect(Object.keys(overrides).toSorted()).toEqual(declared);
    });

    test('has one entry point, main', () => {
      expect(reflection.entry.compute.map(({ name }) => name)).toEqual(['main']);
    });
  });

test('writeParams writes each type at its offset', () => {
  const view = new DataView(new ArrayBuffer(32));
  const params = { a: 'u32', b: 'f32', c: 'i32' } as const;
  const kernel = { name: 'example', source: '', buffers: {}, params, overrides: [] };
  writeParams(kernel, { a: 4_000_000_000, b: 0.5, c: -3 }, view, 16);
  expect([view.getUint32(16, true), view.getFloat32(20, true), view.getInt32(24, true)]).toEqual([4e9, 0.5, -3]);
  expect(view.getUint32(0, true)).toBe(0);
  expect(paramsSize(kernel)).toBe(16);
});
