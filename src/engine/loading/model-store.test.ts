import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCopyRecord, parsePartialRecord, type CopyRecord, type PartialRecord } from './model-store.ts';

const URL_OF_MODEL = 'https://models.example/m.gguf';
const RECORD: CopyRecord = { url: URL_OF_MODEL, sizeBytes: 12, sha256: 'a'.repeat(64) };
const PARTIAL: PartialRecord = {
  url: URL_OF_MODEL,
  totalBytes: 12,
  validator: '"v1"',
  expectedSha256: null,
  sizeBytes: 5,
  sha256: 'b'.repeat(64),
};

test('records are read as they were written', () => {
  expect(parseCopyRecord(JSON.stringify(RECORD), URL_OF_MODEL)).toEqual(RECORD);
  expect(parsePartialRecord(JSON.stringify(PARTIAL), URL_OF_MODEL)).toEqual(PARTIAL);
});

test('a record of another file, and one kind for the other, are none', () => {
  expect(parseCopyRecord(JSON.stringify(RECORD), `${URL_OF_MODEL}?2`)).toBeNull();
  expect(parsePartialRecord(JSON.stringify(RECORD), URL_OF_MODEL)).toBeNull();
});

test.each([
  { sizeBytes: -1 },
  { sizeBytes: 1.5 },
  { sizeBytes: 2 ** 60 },
  { sizeBytes: '5' },
  { sha256: 'B'.repeat(64) },
  { sha256: '' },
])('what cannot be is refused: %j', (change) => {
  expect(parsePartialRecord(JSON.stringify({ ...PARTIAL, ...change }), URL_OF_MODEL)).toBeNull();
  expect(parseCopyRecord(JSON.stringify({ ...RECORD, ...change }), URL_OF_MODEL)).toBeNull();
});

test('anything else is null, and never an error', () => {
  const whole = JSON.stringify(PARTIAL);
  const damaged = fc
    .tuple(fc.nat(whole.length), fc.nat(20), fc.string({ maxLength: 20 }))
    .map(([at, length, text]) => whole.slice(0, at) + text + whole.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), damaged), (text) => {
      const record = parsePartialRecord(text, URL_OF_MODEL);
      if (record !== null) {
        expect(record.url).toBe(URL_OF_MODEL);
        expect(record.sizeBytes).toBeGreaterThanOrEqual(0);
        expect(record.sha256).toMatch(/^[0-9a-f]{64}$/);
      }
      expect(parseCopyRecord(text, URL_OF_MODEL)?.url ?? URL_OF_MODEL).toBe(URL_OF_MODEL);
    }),
  );
});
