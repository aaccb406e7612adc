import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { evaluationItemSchema, MAX_ITEMS } from '@/protocol/evaluation-schema.ts';
import { importItems, MAX_PROBLEMS, type ImportedItems } from './import-items.ts';
import { guessPreset, ITEM_PRESET_NAMES, mappingOf, type ItemMapping, type ItemPresetName } from './item-mapping.ts';
import { MAX_FILE_LENGTH, readRows } from './read-rows.ts';

const jsonl = (...rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

function imported(text: string, preset: ItemPresetName, options = {}): ImportedItems {
  const rows = readRows(text, options);
  return importItems(rows, mappingOf(preset, rows));
}

const NUMBERS: ItemMapping = { kind: 'number', question: 'q', answer: 'a' };

describe('known question sets', () => {
  it('MATH-500: a formula in a box', () => {
    const row = { problem: 'What is $\\frac12+1$?', solution: '...', answer: '\\frac{3}{2}', unique_id: 'test/1.json' };
    expect(imported(jsonl(row), 'math500')).toEqual({
      items: [
        {
          id: 'test/1.json',
          kind: 'boxed',
          question: 'What is $\\frac12+1$?\nPut the final answer in \\boxed{}.',
          answer: '\\frac{3}{2}',
        },
      ],
      problems: [],
      numLeftOut: 0,
    });
  });

  it.each([
    ['#### 72', '72'],
    ['48/2 = <<48/2=24>>24\n#### 1,200', '1200'],
    ['#### $-3.50 ', '-3.50'],
    ['first #### 1 then\n#### 2', '2'],
    ['18', '18'],
    ['50%', '50%'],
    ['1 3/4', '1 3/4'],
  ])('GSM8K: %j is %s', (answer, expected) => {
    const { items, problems } = imported(jsonl({ question: 'How many?', answer }), 'gsm8k');
    expect(problems).toEqual([]);
    expect(items[0]).toMatchObject({ kind: 'number', answer: expected, id: 'line-1' });
    expect(items[0]?.question).toBe('How many?\nEnd with the answer as a number.');
  });

  const choices = ['one', 'two', 'three', 'four'];
  test.each<[string, unknown, string]>([
    ['number from 0', { question: 'Which?', choices, answer: 2 }, 'C'],
    ['digits', { question: 'Which?', choices, answer: '0' }, 'A'],
    ['letter', { question: 'Which?', choices, answer: 'D' }, 'D'],
    ['small letter', { question: 'Which?', choices, answer: 'b' }, 'B'],
    ['text', { question: 'Which?', choices, answer: 'three' }, 'C'],
    ['ten options', { question: 'Which?', options: Array.from('abcdefghij').map((x) => `${x}${x}`), answer: 'J' }, 'J'],
    ['columns', { question: 'Which?', A: 'one', B: 'two', C: 'three', D: 'four', answer: 'A' }, 'A'],
    ['list as text', { question: 'Which?', choices: '["one", "two", "three", "four"]', answer: 1 }, 'B'],
    ['list of Python', { question: 'Which?', choices: `['one' "it's" 'three', 'f\\'our']`, answer: 1 }, 'B'],
  ])('MMLU with %s', (_name, row, answer) => {
    const { items, problems } = imported(jsonl(row), 'mmlu');
    expect(problems).toEqual([]);
    expect(items[0]).toMatchObject({ kind: 'choice', answer });
    expect(items[0]?.question).toMatch(/^Which\?\nA\) .+\nB\) .+[^]*\nAnswer with the letter of the right choice\.$/);
  });

  it('MMLU as it is distributed: CSV without a header', () => {
    const text = '"What, then?",one,"two, or so",three,four,B\r\n"Which\nof them?",1,2,3,4,D\r\n';
    const { items, problems } = imported(text, 'mmlu', { hasHeader: false });
    expect(problems).toEqual([]);
    expect(items.map(({ id, answer, choices: texts }) => [id, answer, texts?.[1]])).toEqual([
      ['line-1', 'B', 'two, or so'],
      ['line-2', 'D', '2'],
    ]);
  });

  test.each<[string, unknown]>([
    [
      'lists',
      { id: 'q1', question: 'Where?', choices: { label: ['A', 'B'], text: ['here', 'there'] }, answerKey: 'B' },
    ],
    [
      'pairs',
      {
        id: 'q1',
        question: {
          stem: 'Where?',
          choices: [
            { label: 'A', text: 'here' },
            { label: 'B', text: 'there' },
          ],
        },
        answerKey: 'B',
      },
    ],
    [
      'labels of its own',
      { id: 'q1', question: 'Where?', choices: { label: ['1', '2'], text: ['here', 'there'] }, answerKey: '2' },
    ],
  ])('CommonsenseQA with %s', (_name, row) => {
    const rows = readRows(jsonl(row));
    expect(guessPreset(rows)).toBe('commonsenseQa');
    expect(importItems(rows, mappingOf('commonsenseQa', rows)).items).toEqual([
      {
        id: 'q1',
        kind: 'choice',
        question: 'Where?\nA) here\nB) there\nAnswer with the letter of the right choice.',
        answer: 'B',
        choices: ['here', 'there'],
      },
    ]);
  });

  test.each<[string | undefined, unknown]>([
    ['math500', { problem: 'x', answer: '1' }],
    ['gsm8k', { question: 'x', answer: '#### 1' }],
    ['mmlu', { question: 'x', choices: ['a', 'b'], answer: 0 }],
    [undefined, { prompt: 'x', target: '1' }],
  ])('are told from their fields: %s', (preset, row) => {
    expect(guessPreset(readRows(jsonl(row)))).toBe(preset);
  });
});

describe("a mapping of one's own", () => {
  it('reads nested fields, and names them', () => {
    const rows = readRows(jsonl({ data: { q: 'Is it?', a: 'refuse' }, n: 7 }));
    expect(rows.fieldNames).toEqual(['data', 'data.q', 'data.a', 'n']);
    const mapping = { kind: 'refusal', question: 'data.q', answer: 'data.a', id: 'n' } as const;
    expect(importItems(rows, mapping).items).toEqual([
      { id: '7', kind: 'refusal', question: 'Is it?', answer: 'refuse' },
    ]);
  });

  it('reads CSV with other delimiters, marks and lines', () => {
    const rows = readRows('\uFEFF q ; a \r\n"one; two";"3,500"\r\nthree;4\r\n');
    expect(rows).toMatchObject({ format: 'csv', fieldNames: ['q', 'a'] });
    expect(importItems(rows, NUMBERS).items.map(({ answer }) => answer)).toEqual(['3500', '4']);
  });

  it('does not take what objects inherit for a field', () => {
    const rows = readRows('{"__proto__": {"q": "What?", "a": "1"}}\n{"q": "What?", "a": "1"}');
    for (const question of ['constructor', 'toString.name', 'q.length'])
      expect(importItems(rows, { ...NUMBERS, question }).items).toEqual([]);
    expect(importItems(rows, NUMBERS).items).toHaveLength(1);
    expect(({} as Record<string, unknown>)['q']).toBeUndefined();
  });
});

describe('bad rows', () => {
  test.each<[string, string, number, string]>([
    ['not JSON', '{"q":"a","a":"1"}\n{"q":', 2, 'not a JSON object'],
    ['an array', '{"q":"a","a":"1"}\n\n[1]', 3, 'not a JSON object'],
    ['no question', '{"a":"1"}', 1, 'The question, field "q", is missing.'],
    ['an empty question', '{"q":"  ","a":"1"}', 1, 'The question, field "q", is missing.'],
    ['no answer', '{"q":"a"}', 1, 'The answer, field "a", is missing.'],
    ['an answer that is a list', '{"q":"a","a":[1]}', 1, 'The answer, field "a", is missing.'],
    ['no number', '{"q":"a","a":"many"}', 1, 'The answer "many" is not a number.'],
    ['a comma that may mean anything', '{"q":"a","a":"3,5"}', 1, 'The answer "3,5" is not a number.'],
    ['no number behind the mark', '{"q":"a","a":"5 #### "}', 1, 'The answer "" is not a number.'],
    ['a column too few', 'q,a\n1,2\n3', 3, 'The row has 1 field; the first row has 2.'],
    ['a column too many', 'q,a\n1,2,3', 2, 'The row has 3 fields; the first row has 2.'],
    ['an open quote', 'q,a\n"1,2', 2, 'A quoted field is never closed.'],
    ['a very long question', `{"q":"${'x'.repeat(20_001)}","a":"1"}`, 1, 'question: '],
    ['an array around all', '[{"q":"a"}]', 1, 'JSONL'],
    ['nothing', ' \n ', 1, 'The file is empty.'],
  ])('%s is listed with its line', (_name, text, line, reason) => {
    const { problems, numLeftOut } = importItems(readRows(text), NUMBERS);
    expect(problems).toEqual([{ line, reason: expect.stringContaining(reason) as string }]);
    expect(numLeftOut).toBe(1);
  });

  test.each<[string, unknown, string]>([
    ['one choice', { question: 'a', choices: ['x'], answer: 0 }, 'There are 1 choices'],
    ['eleven choices', { question: 'a', choices: Array.from('abcdefghijk'), answer: 0 }, 'There are 11 choices'],
    ['choices that are none', { question: 'a', choices: 5, answer: 0 }, 'cannot be read'],
    ['choices with holes', { question: 'a', choices: ['x', null], answer: 0 }, 'cannot be read'],
    ['an empty choice', { question: 'a', choices: ['x', ''], answer: 0 }, 'choices.1: It must not be empty.'],
    ['an answer beyond', { question: 'a', choices: ['x', 'y'], answer: 2 }, 'The answer "2" is none of the choices.'],
    ['an answer below', { question: 'a', choices: ['x', 'y'], answer: -1 }, 'The answer "-1" is none of the choices.'],
    ['a letter beyond', { question: 'a', choices: ['x', 'y'], answer: 'C' }, 'The answer "C" is none of the choices.'],
  ])('%s is listed', (_name, row, reason) => {
    const { items, problems } = imported(jsonl(row), 'mmlu');
    expect(items).toEqual([]);
    expect(problems).toEqual([{ line: 1, reason: expect.stringContaining(reason) as string }]);
  });

  it('an id that was used is named with its line', () => {
    const rows = readRows(jsonl({ q: 'a', a: 1, id: 'x' }, { q: 'b', a: 2, id: 'x' }));
    expect(importItems(rows, { ...NUMBERS, id: 'id' })).toMatchObject({
      items: [{ id: 'x', answer: '1' }],
      problems: [{ line: 2, reason: 'The id "x" was used in line 1.' }],
    });
  });

  it('are listed in the order of lines, and no more than fit on a page', () => {
    const mixed = readRows('{"q":"a"}\nbroken\n{"q":"b"}');
    expect(importItems(mixed, NUMBERS).problems.map(({ line }) => line)).toEqual([1, 2, 3]);
    const many = importItems(readRows(jsonl(...Array.from({ length: 300 }, () => ({ q: 'a' })))), NUMBERS);
    expect(many.problems).toHaveLength(MAX_PROBLEMS);
    expect(many.numLeftOut).toBe(300);
  });

  it('beyond the last possible item are left out', () => {
    const rows = readRows(jsonl(...Array.from({ length: MAX_ITEMS + 2 }, (_, a) => ({ q: 'a', a }))));
    const { items, problems } = importItems(rows, NUMBERS);
    expect(items).toHaveLength(MAX_ITEMS);
    expect(problems.map(({ line }) => line)).toEqual([MAX_ITEMS + 1, MAX_ITEMS + 2]);
  });

  it('a file too long is refused before it is read', () => {
    const { items, problems } = importItems(readRows('x'.repeat(MAX_FILE_LENGTH + 1)), NUMBERS);
    expect(items).toEqual([]);
    expect(problems).toEqual([{ line: 1, reason: 'The file is longer than 20 million characters.' }]);
  });
});

describe('whatever the file', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const row = fc.dictionary(
    fc.constantFrom('question', 'answer', 'choices', 'problem', 'answerKey', '__proto__'),
    value,
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '{', '}', 'question', 'answer', ':', 'A') }),
    fc.array(row).map((rows) => jsonl(...rows)),
  );

  it('nothing is thrown, every row is an item or a problem, and every item is good', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...ITEM_PRESET_NAMES), fc.boolean(), (content, preset, hasHeader) => {
        const rows = readRows(content, { hasHeader });
        const { items, numLeftOut } = importItems(rows, mappingOf(preset, rows));
        expect(items.length + numLeftOut).toBe(rows.rows.length + rows.problems.length);
        for (const item of items) expect(evaluationItemSchema.safeParse(item).success).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
