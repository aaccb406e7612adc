import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RepositoryFile } from '@/protocol/model-storage.ts';
import { parseModelAddress } from './model-address.ts';
import { repositoryAddress, repositoryView } from './repository-view.ts';

function filesOf(sizes: Readonly<Record<string, number>>): RepositoryFile[] {
  return Object.entries(sizes).map(([path, sizeBytes]) => ({ path, sizeBytes, sha256: null }));
}

describe('what can be loaded of a repository', () => {
  test('GGUF files smallest first, shards as one, and behind them what the engine does not read', () => {
    const { models, folder } = repositoryView(
      filesOf({
        'README.md': 10,
        'x-IQ2_XS.gguf': 50,
        'x-F16-00002-of-00002.gguf': 300,
        'x-F16-00001-of-00002.gguf': 400,
        'x-Q8_0.gguf': 350,
        'q4/x-q4_k_m.gguf': 200,
        'mmproj-x-f16.gguf': 5,
        'config.json': 1,
        'model.safetensors': 700,
      }),
    );
    expect(models.map(({ path, sizeBytes, numShards }) => [path, sizeBytes, numShards])).toEqual([
      ['q4/x-q4_k_m.gguf', 200, 1],
      ['x-Q8_0.gguf', 350, 1],
      ['x-F16-00001-of-00002.gguf', 700, 2],
      ['mmproj-x-f16.gguf', 5, 1],
      ['x-IQ2_XS.gguf', 50, 1],
    ]);
    expect(models.map(({ quantization }) => quantization)).toEqual(['Q4_K_M', 'Q8_0', 'F16', 'F16', 'IQ2_XS']);
    expect(models.map(({ problem }) => problem !== null)).toEqual([false, false, false, true, true]);
    expect(folder).toBeNull();
  });

  test('a model of which a shard is missing is not offered', () => {
    const { models } = repositoryView(filesOf({ 'x-00001-of-00003.gguf': 1, 'x-00003-of-00003.gguf': 1 }));
    expect(models).toMatchObject([{ problem: 'The repository has 2 of its 3 shards.' }]);
  });

  test('a folder of safetensors or MLC weights, where there is no GGUF file', () => {
    const safetensors = filesOf({
      'config.json': 1,
      'a-1.safetensors': 5,
      'a-2.safetensors': 6,
      'onnx/x.safetensors': 9,
    });
    expect(repositoryView(safetensors)).toEqual({ models: [], folder: { format: 'safetensors', sizeBytes: 11 } });
    const mlc = filesOf({ 'ndarray-cache.json': 1, 'params_shard_0.bin': 7, 'params_shard_11.bin': 8, 'x.wasm': 3 });
    expect(repositoryView(mlc)).toEqual({ models: [], folder: { format: 'MLC', sizeBytes: 15 } });
    expect(repositoryView(filesOf({ 'config.json': 1, 'model.bin': 2 }))).toEqual({ models: [], folder: null });
  });

  test('never loses a byte of what it offers, whatever the names', () => {
    const path = fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{1,3}(-0000[12]-of-00002)?\.gguf$/));
    fc.assert(
      fc.property(fc.uniqueArray(path), (paths) => {
        const files = paths.map((each) => ({ path: each, sizeBytes: 1, sha256: null }));
        for (const model of repositoryView(files).models)
          if (model.problem === null) expect(model.sizeBytes).toBe(model.numShards);
      }),
    );
  });

  test('its address leads back to the same file', () => {
    expect(repositoryAddress('a/b', null)).toBe('https://huggingface.co/a/b/resolve/main/');
    expect(repositoryAddress('a/b', 'refs/pr/3', 'q 4/x.gguf')).toBe(
      'https://huggingface.co/a/b/resolve/refs%2Fpr%2F3/q%204/x.gguf',
    );
    expect(parseModelAddress(repositoryAddress('a/b', 'v1', 'x-Q8_0.gguf'))).toEqual({
      kind: 'address',
      url: 'https://huggingface.co/a/b/resolve/v1/x-Q8_0.gguf',
    });
  });
});
