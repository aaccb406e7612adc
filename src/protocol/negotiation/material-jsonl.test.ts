import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { Dilemma, PersonaPair } from '../negotiation.ts';
import { DILEMMAS } from './dilemmas.ts';
import {
  MAX_MATERIAL_ITEMS,
  MAX_MATERIAL_LENGTH,
  readDilemmas,
  readPersonaPairs,
  writeMaterial,
} from './material-jsonl.ts';
import { PERSONA_PAIRS } from './persona-pairs.ts';
import { dilemmaSchema, personaPairSchema } from './schema.ts';

const jsonl = (...rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const LADDER = {
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'Your neighbour lent you his ladder in spring and forgot it. Do you bring it back unasked?',
};
const firstOf = (split: Dilemma['split']): Dilemma =>
  at(
    DILEMMAS.filter((dilemma) => dilemma.split === split),
    0,
  );
const HELD = firstOf('test');
const TRAINED = firstOf('train');

describe('a file of dilemmas', () => {
  it('is read back as it was written; what the page has is known', () => {
    const own = DILEMMAS.map((dilemma) => ({ ...dilemma, origin: 'own' as const }));
    expect(readDilemmas(writeMaterial(own), [])).toEqual({ items: own, problems: [], notes: [], numKnown: 0 });
    expect(readDilemmas(writeMaterial(DILEMMAS), DILEMMAS)).toEqual({
      items: [],
      problems: [],
      notes: [],
      numKnown: 100,
    });
  });

  it('needs category, goal and prompt; the rest is filled in', () => {
    const { items, problems, notes } = readDilemmas(`\uFEFF\r\n${jsonl(LADDER)}\r\n`, DILEMMAS);
    expect([problems, notes]).toEqual([[], []]);
    expect(items).toEqual([{ ...LADDER, id: 'return-the-lent-ladder', split: 'train', origin: 'own' }]);
    expect(readDilemmas(jsonl(LADDER), items).numKnown).toBe(1);
  });

  it('is never ours, whatever it says', () => {
    const { items } = readDilemmas(jsonl({ ...LADDER, origin: 'ours' }), DILEMMAS);
    expect(items[0]?.origin).toBe('own');
    expect(readDilemmas(jsonl({ ...LADDER, origin: 'generated' }), DILEMMAS).items[0]?.origin).toBe('generated');
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"goal": ', /^The line is not a JSON object\.$/],
    ['a number', '5', /the options: .*expected object/],
    ['an unknown category', jsonl({ ...LADDER, category: 'war' }), /^The dilemma: category: /],
    ['a missing prompt', jsonl({ category: 'everyday', goal: 'Return the ladder' }), /^The dilemma: prompt: /],
    ['an empty goal', jsonl({ ...LADDER, goal: '  ' }), /goal: It must not be empty/],
    ['a field too many', jsonl({ ...LADDER, answer: 'yes' }), /answer: there is no such field/],
    ['a polluting field', `{"__proto__": {}, ${jsonl(LADDER).slice(1)}`, /__proto__: there is no such field/],
    ['a key twice', `{"goal": "Take the ladder", ${jsonl(LADDER).slice(1)}`, /The key "goal" stands twice/],
    ['an id with a space', jsonl({ ...LADDER, id: 'a b' }), /id: It must be lower-case words/],
    ['a prompt too long', jsonl({ ...LADDER, prompt: 'x'.repeat(2001) }), /prompt: /],
    ['an id of ours', jsonl({ ...LADDER, id: HELD.id }), /belongs to another text already/],
  ])('tells the line of %s and goes on', (_name, bad, reason) => {
    const { items, problems } = readDilemmas(`\n${bad}\n${jsonl(LADDER)}`, DILEMMAS);
    expect(items.map(({ goal }) => goal)).toEqual([LADDER.goal]);
    expect(problems).toEqual([{ line: 2, reason: expect.stringMatching(reason) as unknown }]);
  });

  it('may use an id once, and gets another where it gave none', () => {
    const other = { ...LADDER, prompt: 'A child painted your garden wall with chalk. Do you wash it off?' };
    const named = readDilemmas(jsonl({ ...LADDER, id: 'a' }, { ...other, id: 'a' }), []);
    expect(named.problems).toEqual([{ line: 2, reason: 'The id "a" is used on line 1 already.' }]);
    const nameless = readDilemmas(jsonl(LADDER, other, { ...LADDER, goal: '梯子' }), []);
    expect(nameless.items.map(({ id }) => id)).toEqual([
      'return-the-lent-ladder',
      'return-the-lent-ladder-2',
      'dilemma',
    ]);
  });

  it('reports broken rules and near-duplicates, and takes them', () => {
    const { items, notes } = readDilemmas(jsonl(LADDER, { ...LADDER, goal: 'Ladder' }), DILEMMAS);
    expect(items).toHaveLength(2);
    expect(notes).toEqual([
      { line: 2, reason: 'The goal has 1 word; it should have 3 to 5.' },
      { line: 2, reason: expect.stringMatching(/^It is close to "return-the-lent-ladder": 89 % of/) as unknown },
    ]);
  });

  it('brings no held-out dilemma into training in other words, nor the other way round', () => {
    const retold = ({ category, goal, prompt }: Dilemma): object => ({
      category,
      goal,
      prompt: prompt.replace(/^\w+/, 'Tonight'),
    });
    const { items, notes } = readDilemmas(
      jsonl(retold(HELD), { ...retold(TRAINED), split: 'test' }, { ...LADDER, id: 'x' }, { ...LADDER, split: 'test' }),
      DILEMMAS,
    );
    expect(items.map(({ split }) => split)).toEqual(['test', 'train', 'test', 'test']);
    expect(notes.filter(({ reason }) => reason.startsWith('It is taken as a')).map(({ line }) => line)).toEqual([
      1, 2, 3,
    ]);
  });

  it('is refused as a whole if it is empty, an array or too long', () => {
    for (const text of ['', ' \n', '\uFEFF', '[{}]', 'x'.repeat(MAX_MATERIAL_LENGTH + 1)])
      expect(readDilemmas(text, [])).toMatchObject({ items: [], problems: [{ line: 1 }] });
  });

  it('has a last line that is taken', () => {
    const rows = Array.from({ length: MAX_MATERIAL_ITEMS + 2 }, (_, i) => ({
      ...LADDER,
      goal: `Take it ${i}`,
      prompt: `This is ${i}a. Do you take ${i}b?`,
    }));
    const { items, problems } = readDilemmas(jsonl(...rows), []);
    expect(items).toHaveLength(MAX_MATERIAL_ITEMS);
    expect(problems.map(({ line }) => line)).toEqual([MAX_MATERIAL_ITEMS + 1, MAX_MATERIAL_ITEMS + 2]);
  });
});

describe('a file of persona pairs', () => {
  it('is read back as it was written', () => {
    const own = PERSONA_PAIRS.map((pair) => ({ ...pair, origin: 'own' as const }));
    expect(readPersonaPairs(writeMaterial(own), [])).toEqual({ items: own, problems: [], notes: [], numKnown: 0 });
    expect(readPersonaPairs(writeMaterial(PERSONA_PAIRS), PERSONA_PAIRS).numKnown).toBe(25);
  });

  it('may be the paper’s records', () => {
    const row = { id: 'pair-1', persona_1: 'Whisper everything.', persona_2: 'Shout everything.' };
    expect(readPersonaPairs(jsonl(row), PERSONA_PAIRS).items).toEqual([
      {
        id: 'pair-1',
        theme: 'Own pair',
        persona1: row.persona_1,
        persona2: row.persona_2,
        split: 'train',
        origin: 'own',
      },
    ]);
    const both = readPersonaPairs(jsonl({ ...row, persona1: 'Hum.' }, []), PERSONA_PAIRS);
    expect(both.problems.map(({ line }) => line)).toEqual([1, 2]);
    expect(both.problems[0]?.reason).toContain('persona_1');
  });
});

describe('whatever the file', () => {
  // `unit: 'binary'` takes two seconds to set up.
  const anyCharacter = fc.integer({ min: 0, max: 0x10_ffff }).map((code) => String.fromCodePoint(code));
  const FEW = DILEMMAS.slice(0, 3);
  const rowOf = (fields: readonly string[]): fc.Arbitrary<unknown> =>
    fc.dictionary(
      fc.constantFrom(...fields, '__proto__', 'constructor'),
      fc.oneof(
        fc.constantFrom('train', 'test', 'everyday', 'ours', 'a', 'Return it?'),
        fc.string(),
        fc.constantFrom<unknown>(null, true, 1e300, [], {}, ['train'], { id: 'a' }, '\uD800', '\u2028'),
      ),
    );
  const textOf = (fields: readonly string[]): fc.Arbitrary<string> =>
    fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '{', '}', '[', ':', '\\', 'goal') }),
      fc.array(rowOf(fields), { maxLength: 5 }).map((rows) => jsonl(...rows)),
    );
  const countLines = (text: string): number =>
    text
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\r|\n/)
      .filter((line) => line.trim() !== '').length;

  it('nothing is thrown, every line is an item, a problem or known, and every item is good', () => {
    fc.assert(
      fc.property(textOf(['id', 'category', 'goal', 'prompt', 'split', 'origin']), (text) => {
        const { items, problems, numKnown } = readDilemmas(text, FEW);
        if (
          countLines(text) > 0 &&
          !text
            .replace(/^\uFEFF/, '')
            .trimStart()
            .startsWith('[')
        )
          expect(items.length + problems.length + numKnown).toBe(countLines(text));
        for (const item of items) expect(dilemmaSchema.safeParse(item).success).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('every persona pair that is read is good', () => {
    fc.assert(
      fc.property(textOf(['id', 'theme', 'persona1', 'persona_1', 'persona2', 'split']), (text) => {
        for (const item of readPersonaPairs(text, PERSONA_PAIRS.slice(0, 3)).items)
          expect(personaPairSchema.safeParse(item).success).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('what is written is read back, with any text in it', () => {
    const word = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== '');
    const pair = fc.record({ theme: word, persona1: word, persona2: word });
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 5 }), (texts) => {
        const pairs = texts.map<PersonaPair>(({ theme, persona1, persona2 }, i) => ({
          id: `pair-${i}`,
          theme: theme.trim(),
          persona1: persona1.trim(),
          persona2: persona2.trim(),
          split: 'train',
          origin: 'own',
        }));
        expect(readPersonaPairs(writeMaterial(pairs), []).items).toEqual(pairs);
      }),
      { numRuns: 50 },
    );
  });
});
