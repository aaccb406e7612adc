import { expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { checkDilemma, checkPair, dilemmaFields, isChanged, pairFields } from './material-form.ts';

const FIELDS = {
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'Your neighbour lent you his ladder in spring and forgot it. Do you bring it back unasked?',
  split: 'train',
};
const HELD_OUT = at(
  DILEMMAS.filter(({ split }) => split === 'test'),
  0,
);

it('makes an own item of a good form', () => {
  expect(checkDilemma({ id: null, fields: FIELDS }, DILEMMAS)).toEqual({
    item: { ...FIELDS, id: 'return-the-lent-ladder', origin: 'own' },
    errors: {},
    hints: [],
  });
});

it('refuses empty and too long fields, field by field', () => {
  const fields = { ...FIELDS, goal: ' ', prompt: 'x'.repeat(2001) };
  expect(checkDilemma({ id: null, fields }, DILEMMAS)).toEqual({
    item: null,
    errors: { goal: 'This must not be empty.', prompt: 'At most 2000 characters.' },
    hints: [],
  });
});

it('names broken rules and takes the item all the same', () => {
  const { item, hints } = checkDilemma({ id: null, fields: { ...FIELDS, goal: 'Ladder', prompt: 'No.' } }, DILEMMAS);
  expect(item?.goal).toBe('Ladder');
  expect(hints).toHaveLength(3);
});

it('holds out what is near to a held-out one, and says so', () => {
  const { prompt } = HELD_OUT;
  const fields = { ...dilemmaFields(HELD_OUT), prompt: prompt.replace(/^\w+/, 'Tonight'), split: 'train' };
  const { item, hints } = checkDilemma({ id: null, fields }, DILEMMAS);
  expect(item).toMatchObject({ split: 'test', origin: 'own' });
  expect(item?.id).not.toBe(HELD_OUT.id);
  expect(hints.join(' ')).toMatch(/It is close to .*It is taken as a test dilemma/);
});

it('does not hold a changed item against itself, but against the same text elsewhere', () => {
  const own = { ...FIELDS, id: 'ladder', origin: 'own' } as const;
  const existing = [...DILEMMAS, { ...own, category: 'everyday', split: 'train' } as const];
  expect(checkDilemma({ id: 'ladder', fields: FIELDS }, existing)).toEqual({ item: own, errors: {}, hints: [] });
  const { item, hints } = checkDilemma({ id: null, fields: FIELDS }, existing);
  expect([item, hints]).toEqual([null, ['The same text is there already.']]);
});

it('checks persona pairs by their own rules', () => {
  const [pair] = PERSONA_PAIRS;
  const fields = { ...pairFields(at(PERSONA_PAIRS, 0)), persona2: pair?.persona1 ?? '' };
  expect(checkPair({ id: null, fields }, []).hints).toEqual(['Both personas are the same.']);
  expect(checkPair({ id: null, fields: { ...fields, theme: '' } }, []).errors).toEqual({
    theme: 'This must not be empty.',
  });
});

it('tells a touched form from an untouched one', () => {
  expect(isChanged({ id: null, first: FIELDS, fields: { ...FIELDS } })).toBe(false);
  expect(isChanged({ id: null, first: FIELDS, fields: { ...FIELDS, split: 'test' } })).toBe(true);
});
