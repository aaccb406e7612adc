import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonPrefixLength, planDraftEdit, readableText, splitDraft } from './draft-edit.ts';

/** Ids of code points: no merges. */
const encode = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0);
const typing = (text: string): { text: string; sent: boolean } => ({ text, sent: false });

describe('splitDraft', () => {
  it.each([
    ['', '', ''],
    ['wal', '', 'wal'],
    ['a wal', 'a', ' wal'],
    ['a walk ', 'a walk', ' '],
    ['a walk \n', 'a walk', ' \n'],
    ['  a', '', '  a'],
    ['one\ntwo', 'one', '\ntwo'],
    ['zwei\u00a0drei', 'zwei', '\u00a0drei'],
    ['see 👩‍👩‍👧 👍🏽', 'see 👩‍👩‍👧', ' 👍🏽'],
    ['שלום לכולם', 'שלום', ' לכולם'],
    ['مرحبا بك ', 'مرحبا بك', ' '],
    ['没有空格的句子', '', '没有空格的句子'],
  ])('%j -> %j | %j', (text, settled, heldBack) => {
    expect(splitDraft(text)).toEqual({ settled, heldBack });
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { settled, heldBack } = splitDraft(text);
        expect(settled + heldBack).toBe(text);
        expect(settled).toBe(settled.trimEnd());
      }),
    );
  });
});

describe('readableText', () => {
  it('holds the last word back until the draft is sent, and closes a sent one', () => {
    expect(readableText({ text: 'How many she', sent: false })).toBe('How many');
    expect(readableText({ text: 'How many sheep? \n', sent: true })).toBe('How many sheep?\n');
  });
});

describe('planDraftEdit', () => {
  const ids = encode('one two');
  it.each([
    ['typing on', 'one two thr', { keep: 7, appendIds: [], heldBackTokens: 4 }],
    ['a finished word', 'one two three ', { keep: 7, appendIds: encode(' three'), heldBackTokens: 0 }],
    ['a changed word in the middle', 'one ten ', { keep: 5, appendIds: encode('en'), heldBackTokens: 0 }],
    ['deleting a word', 'one ', { keep: 3, appendIds: [], heldBackTokens: 0 }],
    ['deleting into the last word', 'one t', { keep: 3, appendIds: [], heldBackTokens: 2 }],
    ['deleting everything', '', { keep: 0, appendIds: [], heldBackTokens: 0 }],
    ['pasting in front', 'zero one two ', { keep: 0, appendIds: encode('zero one two'), heldBackTokens: 0 }],
    ['pasting emoji behind', 'one two 🦊🦊 x', { keep: 7, appendIds: encode(' 🦊🦊'), heldBackTokens: 2 }],
  ])('%s', (_, text, edit) => {
    expect(planDraftEdit(ids, typing(text), encode)).toEqual(edit);
  });

  it('reads everything and a newline once sent', () => {
    expect(planDraftEdit(ids, { text: 'one two thr', sent: true }, encode)).toEqual({
      keep: 7,
      appendIds: encode(' thr\n'),
      heldBackTokens: 0,
    });
  });

  it('follows merges that reach back over the seam', () => {
    const merging = (text: string): number[] => (text.startsWith('ab') ? [1, ...encode(text.slice(2))] : encode(text));
    expect(planDraftEdit(merging('a'), typing('ab c '), merging)).toEqual({
      keep: 0,
      appendIds: [1, ...encode(' c')],
      heldBackTokens: 0,
    });
  });

  it('always ends at the ids of the readable text, through any series of drafts', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.boolean())), (drafts) => {
        let held: number[] = [];
        for (const [text, sent] of drafts) {
          const { keep, appendIds } = planDraftEdit(held, { text, sent }, encode);
          expect(keep).toBeLessThanOrEqual(held.length);
          held = [...held.slice(0, keep), ...appendIds];
          expect(held).toEqual(encode(readableText({ text, sent })));
        }
      }),
    );
  });
});

describe('commonPrefixLength', () => {
  it('is the longest shared start', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3)), fc.array(fc.nat(3)), (a, b) => {
        const length = commonPrefixLength(a, b);
        expect(a.slice(0, length)).toEqual(b.slice(0, length));
        if (length < Math.min(a.length, b.length)) expect(a[length]).not.toBe(b[length]);
      }),
    );
  });
});
