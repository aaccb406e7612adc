import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPageAddress, writePageAddress } from './page-address.ts';

test.each([
  ['', [], {}],
  ['#', [], {}],
  ['#/', [], {}],
  ['#top', [], {}],
  ['#/chat', ['chat'], {}],
  ['#/negotiation/training/', ['negotiation', 'training'], {}],
  ['#/thinking?view=presenter&step=3', ['thinking'], { view: 'presenter', step: '3' }],
  ['#/?a=b', [], { a: 'b' }],
  ['#/thinking?q=a%20b%3F%26', ['thinking'], { q: 'a b?&' }],
])('%s', (hash, path, params) => expect(readPageAddress(hash)).toEqual({ path, params }));

test('what is written is read again', () => {
  const part = fc.stringMatching(/^[a-z-]{1,12}$/);
  const params = fc.dictionary(part, fc.string());
  fc.assert(
    fc.property(fc.array(part), params, (path, values) => {
      const read = readPageAddress(writePageAddress({ path, params: values }));
      expect(read.path).toEqual(path);
      expect(read.params).toEqual({ ...values });
    }),
  );
});

test('any text is read', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(fc.property(text, (hash) => Array.isArray(readPageAddress(hash).path)));
});
