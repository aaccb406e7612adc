import { expect, it } from 'vitest';
import { TEMPLATE_IDS } from '@/state/material-templates.ts';
import { markedParts } from './marked-parts.ts';
import { TEMPLATE_GROUPS, templateOf } from './template-groups.ts';

it('tells slots, quotes and the rest apart', () => {
  expect(markedParts('Say (yes) to {name}. {No}', ['Say (yes)', '(yes)'])).toEqual([
    { kind: 'quote', text: 'Say (yes)', begin: 0 },
    { kind: 'plain', text: ' to ', begin: 9 },
    { kind: 'slot', text: '{name}', begin: 13 },
    { kind: 'plain', text: '. {No}', begin: 19 },
  ]);
  expect(markedParts('', [])).toEqual([]);
});

it('loses nothing of any prompt, and finds its quotes', () => {
  for (const id of TEMPLATE_IDS) {
    const { text, source } = templateOf(id);
    const quotes = source.kind === 'paper' ? source.quotes : [];
    const parts = markedParts(text, quotes);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    const found = new Set(parts.flatMap((part) => (part.kind === 'quote' ? [part.text] : [])));
    expect(quotes.filter((quote) => !found.has(quote))).toEqual([]);
  }
});

it('has every prompt in one group', () => {
  expect(TEMPLATE_GROUPS.flatMap(({ ids }) => ids).toSorted()).toEqual(TEMPLATE_IDS.toSorted());
});
