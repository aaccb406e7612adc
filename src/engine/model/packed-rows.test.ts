import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { packRows } from './packed-rows.ts';
import type { PackedPass, SequenceRow } from './packed-rows.ts';

const SHARED = { tokensPerPass: 1000, sharePrompts: true };

/** Token ids that a packed token sees, in order, and its position. */
function contextOf(pass: PackedPass, token: number): number[] {
  const [prefixStart, prefixLength, ownStart] = [0, 1, 2].map((i) => at(pass.tokenWords, token * 4 + i));
  const prefix = pass.tokenIds.slice(prefixStart, (prefixStart ?? 0) + (prefixLength ?? 0));
  return [...prefix, ...pass.tokenIds.slice(ownStart, token + 1)];
}

describe('packRows', () => {
  test('a row of its own: prompt and completion without its last token', () => {
    const [pass, ...rest] = packRows([{ promptIds: [7, 8], completionIds: [9, 10, 11] }], SHARED);
    expect(rest).toEqual([]);
    expect([...(pass?.tokenIds ?? [])]).toEqual([7, 8, 9, 10]);
    expect(pass?.entries).toEqual([
      { row: 0, index: 0, tokenId: 9, hiddenRow: 1 },
      { row: 0, index: 1, tokenId: 10, hiddenRow: 2 },
      { row: 0, index: 2, tokenId: 11, hiddenRow: 3 },
    ]);
  });

  test('a shared prompt stands once, and predicts the first token of every row', () => {
    const rows = [
      { promptIds: [7, 8], completionIds: [9, 10] },
      { promptIds: [7, 8], completionIds: [20, 21] },
    ];
    const [pass] = packRows(rows, SHARED);
    expect([...(pass?.tokenIds ?? [])]).toEqual([7, 8, 9, 20]);
    expect(pass?.entries.filter(({ hiddenRow }) => hiddenRow === 1).map(({ tokenId }) => tokenId)).toEqual([9, 20]);
    // The prompt is seen to the end of the group, an own token to the end of its row.
    expect([0, 1, 2, 3].map((token) => pass?.tokenWords[token * 4 + 3])).toEqual([4, 4, 3, 4]);
  });

  test('rows without a completion take part in no pass', () => {
    expect(packRows([{ promptIds: [1], completionIds: [] }], SHARED)).toEqual([]);
  });

  test('names the row that is longer than a pass, and the row without a prompt', () => {
    const long = { promptIds: [1, 2, 3], completionIds: [4, 5, 6] };
    expect(() => packRows([long], { ...SHARED, tokensPerPass: 4 })).toThrow(/rows\[0\] has 5 tokens/);
    expect(() => packRows([{ promptIds: [], completionIds: [1] }], SHARED)).toThrow(/rows\[0\]\.promptIds/);
  });

  const ids = (maxLength: number) => fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength });
  const anyRows = fc.array(fc.record({ promptIds: ids(3), completionIds: fc.oneof(ids(5), fc.constant([])) }), {
    maxLength: 8,
  });

  test('every completion token is predicted once, from exactly the ids in front of it', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 7, max: 30 }), fc.boolean(), (rows, tokensPerPass, sharePrompts) => {
        const passes = packRows(rows, { tokensPerPass, sharePrompts });
        const seen = new Set<string>();
        for (const pass of passes) {
          expect(pass.tokenIds.length).toBeLessThanOrEqual(tokensPerPass);
          checkPass(pass, rows, seen);
        }
        expect(seen.size).toBe(rows.reduce((sum, { completionIds }) => sum + completionIds.length, 0));
      }),
    );
  });
});

function checkPass(pass: PackedPass, rows: readonly SequenceRow[], seen: Set<string>): void {
  pass.entries.forEach(({ row, index, tokenId, hiddenRow }, entry) => {
    const { promptIds, completionIds } = at(rows, row);
    expect(tokenId).toBe(completionIds[index]);
    expect(contextOf(pass, hiddenRow)).toEqual([...promptIds, ...completionIds.slice(0, index)]);
    const [first, count] = [at(pass.spans, hiddenRow * 2), at(pass.spans, hiddenRow * 2 + 1)];
    expect(entry >= first && entry < first + count).toBe(true);
    seen.add(`${row}/${index}`);
  });
  // Tokens up to `query_end` are those that see a token, and no others.
  pass.tokenIds.forEach((_, key) => {
    pass.tokenIds.forEach((__, query) => {
      const [prefixStart, prefixLength, ownStart] = [0, 1, 2].map((i) => at(pass.tokenWords, query * 4 + i));
      const inPrefix = key >= (prefixStart ?? 0) && key < (prefixStart ?? 0) + (prefixLength ?? 0);
      const sees = inPrefix || (key >= (ownStart ?? 0) && key <= query);
      expect(query >= key && query < at(pass.tokenWords, key * 4 + 3)).toBe(sees);
    });
  });
}
