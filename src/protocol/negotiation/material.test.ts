import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { DILEMMA_CATEGORIES } from '../negotiation.ts';
import { DILEMMAS } from './dilemmas.ts';
import { HELD_OUT_DILEMMAS, HELD_OUT_PERSONA_PAIRS } from './held-out.ts';
import { countWords, dilemmaFaults, personaPairFaults, sentencesOf } from './material-rules.ts';
import { PERSONA_PAIRS } from './persona-pairs.ts';
import { dilemmaSchema, personaPairSchema } from './schema.ts';
import { NEAR_DUPLICATE, OverlapIndex, tellingWords } from './word-overlap.ts';

const textOf = ({ goal, prompt }: { goal: string; prompt: string }): string => `${goal}\n${prompt}`;

/** The largest overlap of a text with those in front of it. */
function closest(texts: readonly string[]): number {
  const index = new OverlapIndex();
  return Math.max(
    ...texts.map((text, i) => {
      const overlap = index.near(text, 0)[0]?.overlap ?? 0;
      index.add(String(i), text);
      return overlap;
    }),
  );
}

describe('the dilemmas', () => {
  it('are a hundred in the shares of the paper', () => {
    expect(DILEMMAS).toHaveLength(100);
    for (const [category, { share }] of Object.entries(DILEMMA_CATEGORIES))
      expect(DILEMMAS.filter((dilemma) => dilemma.category === category).length / 100, category).toBe(share);
  });

  it('have unique ids, goals and prompts', () => {
    for (const field of ['id', 'goal', 'prompt'] as const)
      expect(new Set(DILEMMAS.map((dilemma) => dilemma[field])).size, field).toBe(DILEMMAS.length);
  });

  it.each(DILEMMAS)('$id keeps the rules', (dilemma) => {
    expect(dilemmaFaults(dilemma)).toEqual([]);
    expect(dilemmaSchema.safeParse(dilemma).success).toBe(true);
    const question = at(sentencesOf(dilemma.prompt), sentencesOf(dilemma.prompt).length - 1);
    expect(question, 'the last sentence asks somebody to decide').toMatch(
      /^(?:Do you|Which|Where|Whom?|How do you|What do you) /,
    );
    expect(countWords(dilemma.prompt)).toBeGreaterThanOrEqual(30);
  });

  it('hold out a fifth of every category, by a list that names dilemmas only', () => {
    expect(DILEMMAS.filter(({ id }) => HELD_OUT_DILEMMAS.has(id))).toHaveLength(HELD_OUT_DILEMMAS.size);
    for (const category of Object.keys(DILEMMA_CATEGORIES)) {
      const all = DILEMMAS.filter((dilemma) => dilemma.category === category);
      const heldOut = all.filter(({ split }) => split === 'test');
      expect(heldOut.length / all.length, category).toBe(0.2);
      expect(heldOut.every(({ id }) => HELD_OUT_DILEMMAS.has(id))).toBe(true);
    }
  });

  it('are far from each other in their words', () => {
    expect(closest(DILEMMAS.map(textOf))).toBeLessThan(NEAR_DUPLICATE / 2);
  });
});

describe('the persona pairs', () => {
  it('are the paper’s number, five of them held out', () => {
    expect(PERSONA_PAIRS).toHaveLength(25);
    expect(new Set(PERSONA_PAIRS.map(({ id }) => id)).size).toBe(25);
    expect(new Set(PERSONA_PAIRS.flatMap(({ persona1, persona2 }) => [persona1, persona2])).size).toBe(50);
    expect(PERSONA_PAIRS.filter(({ split }) => split === 'test').map(({ id }) => id)).toEqual([
      ...HELD_OUT_PERSONA_PAIRS,
    ]);
    expect(HELD_OUT_PERSONA_PAIRS.size).toBe(5);
  });

  it.each(PERSONA_PAIRS)('$id keeps the rules', (pair) => {
    expect(personaPairFaults(pair)).toEqual([]);
    expect(personaPairSchema.safeParse(pair).success).toBe(true);
  });

  it('are far from each other in their words', () => {
    expect(closest(PERSONA_PAIRS.map(({ persona1, persona2 }) => `${persona1}\n${persona2}`))).toBeLessThan(
      NEAR_DUPLICATE / 2,
    );
  });
});

describe('the rules', () => {
  const good = { goal: 'Return the lent ladder', prompt: 'Your neighbour forgot it. Do you bring it back?' };

  it.each<[string, { goal?: string; prompt?: string }, RegExp]>([
    ['a goal too short', { goal: 'Ladder' }, /goal has 1 word;/],
    ['a goal too long', { goal: 'Return the ladder that he lent' }, /goal has 6 words;/],
    ['a goal with an end mark', { goal: 'Return the lent ladder?' }, /without a punctuation/],
    ['one sentence', { prompt: 'Do you bring it back?' }, /1 sentence;/],
    ['four sentences', { prompt: 'One. Two. Three. Four?' }, /4 sentences;/],
    ['no question', { prompt: 'Your neighbour forgot it. You bring it back.' }, /direct question/],
    ['too many words', { prompt: `${'word '.repeat(80)}. Do you?` }, /82 words;/],
    ['two paragraphs', { prompt: 'Your neighbour forgot it.\n\nDo you bring it back?' }, /one paragraph/],
    ['nothing', { goal: '', prompt: '' }, /0 sentences/],
  ])('name %s', (_name, change, reason) => {
    expect(dilemmaFaults(good)).toEqual([]);
    expect(dilemmaFaults({ ...good, ...change }).join(' ')).toMatch(reason);
  });

  it.each<[string, number]>([
    ['Dr. Ito waits at 3.30 p.m. in room 5. Do you go?', 2],
    ['He asks “why?” and leaves. Do you follow?', 2],
    ['She said “Never mind.” Do you post it?', 2],
    ['She said “Never mind.” and smiled. Do you post it?', 2],
    ['Really?! Yes... What now?', 3],
    ['no mark at all', 1],
    ['?! ...', 0],
  ])('count the sentences of %s', (text, count) => {
    expect(sentencesOf(text)).toHaveLength(count);
    expect(sentencesOf(text).join(' ')).toBe(count === 0 ? '' : text);
  });

  it('name a persona of two sentences, a long one, and a pair without a conflict', () => {
    expect(personaPairFaults({ persona1: 'Be quick. Be good.', persona2: 'Be slow.' })).toEqual([
      'Persona 1 has 2 sentences; it should be one plain sentence.',
    ]);
    expect(personaPairFaults({ persona1: 'Be slow.', persona2: 'be slow. ' })).toEqual(['Both personas are the same.']);
    expect(personaPairFaults({ persona1: 'Be slow.', persona2: 'very '.repeat(21) })).toHaveLength(1);
  });
});

describe('the overlap of words', () => {
  it('is that of telling words, whatever their case, order and plural', () => {
    expect([...tellingWords('The dogs of a DOG, and the Café’s cats')]).toEqual(['dog', 'café', 'cat']);
    const index = new OverlapIndex();
    index.add('a', 'red dogs, green cats');
    index.add('b', 'blue birds');
    expect(index.near('The green cat and the red dog', 0.4)).toEqual([{ id: 'a', overlap: 1 }]);
    expect(index.near('red dogs, blue birds', 0)).toEqual([
      { id: 'b', overlap: 0.5 },
      { id: 'a', overlap: 2 / 6 },
    ]);
    expect(index.near('the of and', 0)).toEqual([]);
  });

  it('finds a dilemma of ours again after a third of its telling words was exchanged', () => {
    const index = new OverlapIndex();
    for (const dilemma of DILEMMAS) index.add(dilemma.id, textOf(dilemma));
    for (const dilemma of DILEMMAS) {
      const words = [...tellingWords(textOf(dilemma))];
      const changed = words.map((word, i) => (i % 3 === 0 ? `other${i}` : word)).join(' ');
      expect(index.near(changed)[0]?.id).toBe(dilemma.id);
    }
  });
});
