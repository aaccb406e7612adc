import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTensorIndex } from './web-llm-index.ts';

const MD5 = '900150983cd24fb0d6963f7d28e17f72';

test('names, lengths and hashes of an index as MLC writes it', async () => {
  const record = { dataPath: 'params_shard_0.bin', format: 'raw-shard', nbytes: 3, records: [], md5sum: MD5 };
  const index = { metadata: { ParamSize: 1 }, records: [record] };
  expect(await readTensorIndex(new Blob([JSON.stringify(index)]))).toEqual([
    { dataPath: 'params_shard_0.bin', nbytes: 3, md5sum: MD5 },
  ]);
});

test('anything else is null, and never an error', async () => {
  const value = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.jsonValue());
  const record = fc.record({ dataPath: value, nbytes: value, md5sum: value }, { requiredKeys: [] });
  const text = fc.oneof(
    fc.record({ records: fc.array(record) }).map((index) => JSON.stringify(index)),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(text, async (answer) => {
      for (const { dataPath, nbytes, md5sum = MD5 } of (await readTensorIndex(new Blob([answer]))) ?? []) {
        expect(dataPath).not.toBe('');
        expect(Number.isSafeInteger(nbytes) && nbytes >= 0).toBe(true);
        expect(md5sum).toMatch(/^[0-9a-f]{32}$/);
      }
    }),
  );
});
