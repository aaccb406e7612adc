import { expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { Dilemma } from '@/protocol/negotiation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { acceptedItems } from './accepted-items.ts';

const LADDER: Dilemma = {
  id: 'generated-ladder',
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'Your neighbour lent you his ladder in spring and forgot it. Do you bring it back unasked?',
  split: 'train',
  origin: 'generated',
};

it('keeps ids that are free, and gives others', () => {
  expect(acceptedItems([LADDER], DILEMMAS)).toEqual({ items: [LADDER], numLeftOut: 0 });
  const other = { ...LADDER, goal: 'Wash the chalk off', prompt: 'A child painted your wall. Do you wash it?' };
  const { items } = acceptedItems([other], [...DILEMMAS, LADDER]);
  expect(items).toEqual([{ ...other, id: 'wash-the-chalk-off' }]);
});

it('holds out what is near to a held-out one, and leaves out what is there', () => {
  const held = at(
    DILEMMAS.filter(({ split }) => split === 'test'),
    0,
  );
  const retold: Dilemma = { ...LADDER, id: 'generated-b', prompt: `Tonight ${held.prompt}`, goal: held.goal };
  const { items, numLeftOut } = acceptedItems([retold, LADDER], [...DILEMMAS, LADDER]);
  expect(items).toEqual([{ ...retold, split: 'test' }]);
  expect(numLeftOut).toBe(1);
  expect(acceptedItems([], DILEMMAS)).toEqual({ items: [], numLeftOut: 0 });
});
