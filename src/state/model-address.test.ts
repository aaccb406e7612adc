import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import { parseModelAddress, quantizationOf } from './model-address.ts';

const repository = (repo: string, revision: string | null = null): object => ({ kind: 'repository', repo, revision });
const address = (url: string): object => ({ kind: 'address', url });

describe('what was typed for a model', () => {
  test.each([
    ['  ', { kind: 'empty' }],
    ['Qwen/Qwen3-0.6B-GGUF', repository('Qwen/Qwen3-0.6B-GGUF')],
    [' huggingface.co/Qwen/Qwen3-0.6B-GGUF/ ', repository('Qwen/Qwen3-0.6B-GGUF')],
    ['hf.co/a/b', repository('a/b')],
    ['hf:a/b', repository('a/b')],
    ['https://huggingface.co/Qwen/Qwen3-0.6B-GGUF', repository('Qwen/Qwen3-0.6B-GGUF')],
    ['https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/tree/main', repository('Qwen/Qwen3-0.6B-GGUF', 'main')],
    ['https://huggingface.co/a/b/tree/refs%2Fpr%2F3', repository('a/b', 'refs/pr/3')],
    ['https://huggingface.co/a/b/tree/100%', repository('a/b', '100%')],
    ['https://huggingface.co/a/b/blob/main/config.json', repository('a/b', 'main')],
    [
      'https://huggingface.co/a/b/blob/main/q/x-Q8_0.gguf?download=true#top',
      address('https://huggingface.co/a/b/resolve/main/q/x-Q8_0.gguf'),
    ],
    ['hf.co/a/b/resolve/v1/x.GGUF', address('https://huggingface.co/a/b/resolve/v1/x.GGUF')],
    ['https://example.com/models/x.gguf?a=1', address('https://example.com/models/x.gguf?a=1')],
    ['http://localhost:8080/folder/', address('http://localhost:8080/folder/')],
    ['/models/x.gguf', address('/models/x.gguf')],
  ])('%s', (text, expected) => {
    expect(parseModelAddress(text)).toEqual(expected);
  });

  test.each([
    ['qwen', 'owner/name'],
    ['a/b/c', 'owner/name'],
    ['../b', 'owner/name'],
    ['a/..', 'owner/name'],
    ['//elsewhere.example/x.gguf', 'owner/name'],
    ['ftp://example.com/x.gguf', 'owner/name'],
    ['javascript:alert(1)', 'owner/name'],
    ['https://', 'no whole address'],
    ['a b/c', 'space'],
    ['https://huggingface.co/datasets/a/b', 'datasets'],
    ['https://huggingface.co/Qwen', 'no repository'],
    ['https://me:secret@example.com/x.gguf', 'name and password'],
  ])('%s is none', (text, said) => {
    expect(parseModelAddress(text)).toEqual({ kind: 'problem', why: expect.stringContaining(said) });
  });

  test('never throws, and gives nothing but https, http and own paths to load', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.webPath()),
        (text) => {
          const parsed = parseModelAddress(text);
          if (parsed.kind === 'address') expect(parsed.url).toMatch(/^(https?:\/\/|\/[^/])/i);
          if (parsed.kind === 'repository') expect(parsed.repo).toMatch(/^\w[\w.-]*\/\w[\w.-]*$/);
        },
      ),
    );
  });

  test('finds every repository again, however it is written', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9][\w-]{0,20}(\.\d)?$/);
    fc.assert(
      fc.property(name, name, fc.constantFrom('', 'https://huggingface.co/', 'hf.co/'), (owner, model, prefix) => {
        fc.pre(!['datasets', 'spaces'].includes(owner));
        expect(parseModelAddress(`${prefix}${owner}/${model}`)).toEqual(repository(`${owner}/${model}`));
      }),
    );
  });

  test('is any file of the catalogue', () => {
    for (const { url } of CATALOGUE) expect(parseModelAddress(url)).toEqual(address(url));
  });
});

describe('the tensor types in a file’s name', () => {
  test.each([
    ['qwen2.5-1.5b-instruct-q4_k_m.gguf', 'Q4_K_M'],
    ['SmolLM2-135M-Instruct.Q4_1.gguf', 'Q4_1'],
    ['Qwen3-0.6B-Q8_0.gguf', 'Q8_0'],
    ['x-BF16-00001-of-00002.gguf', 'BF16'],
    ['x-IQ4_XS.gguf', 'IQ4_XS'],
    ['model.gguf', null],
    ['q8_0.gguf.txt', null],
  ])('%s: %s', (name, type) => {
    expect(quantizationOf(name)).toBe(type);
  });
});
