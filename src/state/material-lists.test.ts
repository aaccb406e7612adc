import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng } from '@/lib/rng.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { readDilemmas } from '@/protocol/negotiation/material-jsonl.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import {
  allDilemmas,
  DILEMMA_RULES_OF_LIST as RULES,
  findDilemma,
  findPair,
  firstList,
  MAX_OWN_ITEMS,
  PAIR_RULES_OF_LIST,
  randomTrainingDilemma,
  randomTrainingPair,
  trainingDilemmas,
  trainingPairs,
  withChange,
  withChosen,
  withItemBack,
  withItems,
  withKept,
  withoutItems,
  type ItemList,
} from './material-lists.ts';

const LADDER: Dilemma = {
  id: 'ladder',
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'Your neighbour lent you his ladder in spring and forgot it. Do you bring it back unasked?',
  split: 'train',
  origin: 'own',
};
const CHALK: Dilemma = {
  ...LADDER,
  id: 'chalk',
  goal: 'Wash off the chalk',
  prompt: 'A child painted your garden wall with chalk. Do you wash it off before the party?',
};
const HELD_OUT = at(
  DILEMMAS.filter(({ split }) => split === 'test'),
  0,
);
/** A held-out one of ours in other words. */
const RETOLD: Dilemma = {
  ...HELD_OUT,
  id: 'retold',
  prompt: HELD_OUT.prompt.replace(/^\w+/, 'Tonight'),
  split: 'train',
  origin: 'own',
};

const START = firstList(RULES);
const ids = ({ own }: ItemList<Dilemma>): string[] => own.map(({ id }) => id);
const stateOf = ({
  own,
}: ItemList<Dilemma>): { ownDilemmas: readonly Dilemma[]; ownPairs: readonly PersonaPair[] } => ({
  ownDilemmas: own,
  ownPairs: [],
});

describe('a list of material', () => {
  it('takes new items once, never in the place of ours, and no more than its limit', () => {
    const list = withItems(START, [LADDER, { ...LADDER, goal: 'Other' }, { ...CHALK, id: HELD_OUT.id }, CHALK], RULES);
    expect(ids(list)).toEqual(['ladder', 'chalk']);
    expect(at(list.own, 0)).toBe(LADDER);
    const many = Array.from({ length: MAX_OWN_ITEMS + 3 }, (_, i) => ({
      ...LADDER,
      id: `a${i}`,
      prompt: `b${i}?`,
      goal: '',
    }));
    expect(withItems(START, many, RULES).own).toHaveLength(MAX_OWN_ITEMS);
  });

  it('has the visitor’s first, newest in front, and gives the same list for the same items', () => {
    const state = stateOf(withItems(START, [LADDER, CHALK], RULES));
    expect(allDilemmas(state).slice(0, 3)).toEqual([CHALK, LADDER, DILEMMAS[0]]);
    expect(allDilemmas(state)).toBe(allDilemmas({ ...state }));
    expect([findDilemma(state, 'chalk'), findDilemma(state, HELD_OUT.id), findDilemma(state, 'no')]).toEqual([
      CHALK,
      HELD_OUT,
      undefined,
    ]);
    expect(findPair(state, 'logic-feelings')).toBe(PERSONA_PAIRS[0]);
  });

  it('keeps what is chosen, follows its change, and falls back to the first when it goes', () => {
    const list = withChosen(withItems(START, [LADDER, CHALK], RULES), 'ladder', RULES);
    expect(list.chosen).toBe(LADDER);
    expect(withChosen(list, 'gone', RULES)).toBe(list);
    const changed = withChange(list, { ...LADDER, goal: 'Bring the ladder back' }, RULES);
    expect(changed.chosen.goal).toBe('Bring the ladder back');
    expect(withoutItems(list, ['chalk'], RULES)).toEqual({ own: [LADDER], chosen: LADDER });
    expect(withoutItems(list, ['ladder'], RULES)).toEqual({ own: [CHALK], chosen: DILEMMAS[0] });
    // Ours cannot go.
    const ours = withChosen(list, HELD_OUT.id, RULES);
    expect(withoutItems(ours, [HELD_OUT.id], RULES)).toEqual(ours);
  });

  it('takes a removal back to its place, chosen as before, and only once', () => {
    const list = withChosen(withItems(START, [LADDER, CHALK], RULES), 'ladder', RULES);
    const removal = { item: LADDER, place: 0, wasChosen: true };
    const back = withItemBack(withoutItems(list, ['ladder'], RULES), removal, RULES);
    expect(back).toEqual(list);
    expect(withItemBack(back, removal, RULES)).toBe(back);
  });

  it('puts what was kept before what was done meanwhile; a choice made meanwhile stays', () => {
    const kept = { own: [LADDER], chosenId: 'ladder' };
    expect(withKept(START, kept, RULES)).toEqual({ own: [LADDER], chosen: LADDER });
    const busy = withChosen(withItems(START, [CHALK], RULES), 'chalk', RULES);
    expect(withKept(busy, kept, RULES)).toEqual({ own: [LADDER, CHALK], chosen: CHALK });
    expect(withKept(START, { own: [], chosenId: 'gone' }, RULES)).toEqual(START);
  });
});

describe('what training may use', () => {
  const draws = (state: Parameters<typeof trainingDilemmas>[0], otherThan?: string): Set<string> => {
    const rng = createRng(7);
    return new Set(Array.from({ length: 3000 }, () => randomTrainingDilemma(state, rng, otherThan).id));
  };

  it('is never held out, and is all of the rest', () => {
    const state = stateOf(withItems(START, [LADDER, { ...CHALK, split: 'test' }], RULES));
    expect(trainingDilemmas(state)).toHaveLength(81);
    expect(draws(state)).toEqual(new Set(trainingDilemmas(state).map(({ id }) => id)));
    expect(draws(state, 'ladder')).toEqual(new Set([...draws(state)].filter((id) => id !== 'ladder')));
    expect(trainingPairs(state)).toHaveLength(20);
    const rng = createRng(1);
    for (let draw = 0; draw < 500; draw++) expect(randomTrainingPair(state, rng).split).toBe('train');
  });

  it('has no held-out one in other words, however it came in', () => {
    const imported = readDilemmas(JSON.stringify({ ...RETOLD, id: undefined }), DILEMMAS).items;
    const ways: readonly ItemList<Dilemma>[] = [
      withItems(START, imported, RULES),
      withItems(START, [RETOLD], RULES),
      withChange(withItems(START, [LADDER], RULES), { ...RETOLD, id: 'ladder' }, RULES),
      withItemBack(START, { item: RETOLD, place: 0, wasChosen: false }, RULES),
      withKept(START, { own: [RETOLD], chosenId: 'retold' }, RULES),
      // Through one that is near to it.
      withItems(START, [{ ...RETOLD, id: 'again' }, RETOLD], RULES),
    ];
    for (const list of ways) {
      expect(list.own.map(({ split }) => split)).toEqual(list.own.map(() => 'test'));
      expect(trainingDilemmas(stateOf(list))).toHaveLength(80);
      for (const { id } of list.own) expect(draws(stateOf(list)).has(id)).toBe(false);
    }
    expect(at(ways, 4).chosen.split).toBe('test');
  });

  it('holds persona pairs to the same rule', () => {
    const held = at(
      PERSONA_PAIRS.filter(({ split }) => split === 'test'),
      0,
    );
    const retold: PersonaPair = { ...held, id: 'retold', theme: 'Another', split: 'train', origin: 'own' };
    const list = withItems(firstList(PAIR_RULES_OF_LIST), [retold], PAIR_RULES_OF_LIST);
    expect(trainingPairs({ ownDilemmas: [], ownPairs: list.own })).toHaveLength(20);
  });
});
