import * as fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { collectPeftFiles, zipPeft } from './peft-zip.ts';

const files = {
  config: readGoldenBytes('grpo/tiny-llama-lora/adapter_config.json'),
  weights: readGoldenBytes('grpo/tiny-llama-lora/adapter_model.safetensors'),
};
const zipOf = (entries: Record<string, Uint8Array>) => ({ name: 'a.zip', bytes: new Uint8Array(zipSync(entries)) });
const open = (bytes: Uint8Array<ArrayBuffer>) => collectPeftFiles([{ name: 'a.zip', bytes }]);

function expectRefusal(attempt: () => unknown, ...parts: readonly string[]): void {
  expect(attempt).toThrow(Failure);
  for (const part of parts) expect(attempt).toThrow(part);
}

describe('a .zip', () => {
  test('of ours comes back, and is the same each time', () => {
    const zip = zipPeft(files);
    expect(open(zip)).toEqual(files);
    expect(zipPeft(files)).toEqual(zip);
  });

  test.each(['', 'my-adapter/', 'a/b c/', 'windows\\'])('may hold the files in a folder: "%s"', (folder) => {
    const zip = zipOf({
      [`${folder}README.md`]: strToU8('# hi'),
      [`${folder}adapter_config.json`]: files.config,
      [`${folder}adapter_model.safetensors`]: files.weights,
      [`__MACOSX/${folder}._adapter_config.json`]: strToU8('resource fork'),
    });
    expect(collectPeftFiles([zip])).toEqual(files);
  });

  const wrong: readonly (readonly [name: string, entries: Record<string, Uint8Array>, ...parts: string[]])[] = [
    ['empty', {}, 'a.zip'],
    ['without config', { 'adapter_model.safetensors': files.weights }, 'no adapter_config.json'],
    ['without weights', { 'adapter_config.json': files.config }, 'no adapter_model.safetensors'],
    [
      'with torch.save',
      { 'adapter_config.json': files.config, 'adapter_model.bin': files.weights },
      'safe_serialization=True',
    ],
    [
      'with two adapters',
      { 'a/adapter_config.json': files.config, 'b/adapter_config.json': files.config },
      'a/adapter_config.json and b/adapter_config.json',
    ],
    [
      'with files of two adapters',
      { 'a/adapter_config.json': files.config, 'b/adapter_model.safetensors': files.weights },
      'different folders',
    ],
    ['with a large config', { 'adapter_config.json': new Uint8Array(2e6) }, 'at most 1 MB'],
  ];
  for (const [name, entries, ...parts] of wrong)
    test(`${name} is refused`, () => {
      expectRefusal(() => collectPeftFiles([zipOf(entries)]), ...parts);
    });

  test('a bomb is refused by its claim, before anything is unpacked', () => {
    const zip = zipPeft(files);
    const view = new DataView(zip.buffer);
    // The second entry of the central directory; its size is 24 bytes behind its signature.
    const directory = view.getUint32(zip.length - 22 + 16, true);
    const second = directory + 46 + view.getUint16(directory + 28, true);
    view.setUint32(second + 24, 0xf0000000, true);
    expectRefusal(() => open(zip), 'adapter_model.safetensors in a.zip', 'at most 512 MB');
  });

  test('a claim of too many files ends early', () => {
    const names = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i}`, new Uint8Array()]));
    expectRefusal(() => collectPeftFiles([zipOf(names)]), 'more than 10000 files');
  });

  test('whatever is done to it, it is read or refused with a Failure', () => {
    const config = strToU8('{"peft_type":"LORA"}'.repeat(5));
    const sound = zipSync({ 'a/adapter_config.json': config, 'a/adapter_model.safetensors': new Uint8Array(99) });
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let bytes = new Uint8Array(sound);
        for (const { at: place, byte, cut } of changes)
          if (cut && place % 8 === 0) bytes = bytes.slice(0, place % (bytes.length + 1));
          else bytes[place % Math.max(bytes.length, 1)] = byte;
        try {
          const found = open(bytes);
          // A changed byte may claim more than there is, up to each file's limit.
          expect(found.config.length).toBeLessThanOrEqual(1e6);
          expect(found.weights.length).toBeLessThanOrEqual(512e6);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('two files', () => {
  const config = { name: 'adapter_config (1).json', bytes: files.config };
  const weights = { name: 'Adapter_Model.SafeTensors', bytes: files.weights };

  test('in any order and under the names that downloads give them', () => {
    expect(collectPeftFiles([config, weights])).toEqual(files);
    expect(collectPeftFiles([weights, config])).toEqual(files);
  });

  test('one, three, two of a kind or none are refused with what to choose', () => {
    for (const chosen of [[config], [weights], [config, config], [config, weights, weights], []])
      expectRefusal(() => collectPeftFiles(chosen), 'Choose either one .zip');
    expectRefusal(() => collectPeftFiles([config, { ...weights, name: 'adapter_model.bin' }]), 'safe_serialization');
    expectRefusal(() => collectPeftFiles([{ ...zipOf({}), bytes: zipPeft(files) }, weights]), 'Choose either');
  });
});
