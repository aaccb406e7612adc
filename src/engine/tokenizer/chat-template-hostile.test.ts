import { Template } from '@huggingface/jinja';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { readGoldenJson } from '@/testing/gguf-golden.ts';
import { renderChatTemplate } from './chat-template.ts';

const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
] as const;

const render = (template: string): string => renderChatTemplate(template, MESSAGES, { addGenerationPrompt: true });

function failureOf(template: string): Failure {
  let text: string;
  try {
    text = render(template);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`It was rendered, to ${text.length} characters.`);
}

/** What a value becomes when it is made of itself again and again. */
const grown = (first: string, next: string, times = 60): string =>
  `{% set ns = namespace(x=${first}) %}${`{% set ns.x = ${next} %}`.repeat(times)}`;

describe('a template that does not come to an end is stopped', () => {
  test.each([
    ['a long range', '{% for i in range(1000000000) %}x{% endfor %}'],
    ['a range backwards', '{% for i in range(0, -1000000000, -1) %}x{% endfor %}'],
    ['a range in tiny steps', '{% for i in range(0, 1, 0.00000000001) %}x{% endfor %}'],
    ['a range without an end', `{% for i in range(${'9'.repeat(400)}) %}x{% endfor %}`],
    ['loops in loops', `${'{% for i in range(1000) %}'.repeat(4)}{% set x = 1 %}${'{% endfor %}'.repeat(4)}`],
    ['empty loops in loops', `${'{% for i in range(9999) %}'.repeat(3)}${'{% endfor %}'.repeat(3)}`],
    [
      'a macro that calls itself twice',
      '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
    ],
    ['a text that doubles', grown("'abcdefgh'", 'ns.x ~ ns.x')],
    ['a list that doubles', grown('[1, 2]', 'ns.x + ns.x')],
    ['a list that holds itself twice', `${grown('[1]', '[ns.x, ns.x]')}{{ ns.x | tojson }}`],
    ['a text that is replaced by itself', grown("'aa'", "ns.x.replace('a', ns.x)")],
    ['an indent', `{{ ("a\\nb" | indent(400000000)).split(" ") | length }}`],
    [
      'work on a long text',
      `${grown("'abcdefgh'", 'ns.x ~ ns.x', 16)}${'{% for i in range(9999) %}'.repeat(2)}{{ ns.x | upper }}${'{% endfor %}'.repeat(2)}`,
    ],
    ['brackets in brackets', `{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`],
    ['blocks in blocks', '{% if true %}'.repeat(15_000)],
    ['blanks', `${' '.repeat(150_000)}x`],
    ['its length', 'x'.repeat(300_000)],
  ])('%s', (_name, template) => {
    expect(failureOf(template)).toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringMatching(/^The model's chat template (?:was stopped|is not valid): /),
    });
  });

  test('a macro that calls itself', () => {
    // The library takes the overflow of the stack for a name that is not known.
    expect(failureOf('{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}').code).toMatch(/invalidConfig|unsupportedModel/);
  });

  test('and the message says so', () => {
    expect(failureOf('{% for i in range(1000000000) %}x{% endfor %}')).toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringContaining('was stopped: range() would make 1000000000 numbers'),
    });
    expect(failureOf('{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}').message).toContain(
      'more steps than a template may',
    );
  });
});

const golden = readGoldenJson('smollm2/chat-template.json', z.object({ chat_template: z.string() }));

test('long conversations are no such thing', () => {
  const messages = Array.from({ length: 600 }, (_, i) => ({
    role: i % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: 'word '.repeat(i === 5 ? 100_000 : 50),
  }));
  const text = renderChatTemplate(golden.chat_template, messages, { addGenerationPrompt: true });
  expect(text.length).toBeGreaterThan(messages.reduce((sum, { content }) => sum + content.length, 0));
});

test('what templates use is as the library has it', () => {
  const template =
    '{{ range(3) | list }}{{ range(4, 0, -3) | list }}{{ range(0) | list }}{{ range(2, 1) | list }}{{ none }}{{ None }}' +
    '{{ true and not false }}{{ True or False }}{{ strftime_now("%Y") | length }}{% for x in [1, 2] if x > 1 %}{{ x }}{% endfor %}';
  expect(render(template)).toBe(new Template(template).render());
});

test('whatever is done to a template, there is a text or a Failure', () => {
  const words =
    '{% %} {{ }} {# #} - for i in range( 9 999999 ) ( [ ] if endif endfor set x = messages .content | tojson join ~ \' " \\ \n macro f() endmacro ** * namespace(a=1) __proto__ constructor loop.index [::-1]';
  const pieces = fc.constantFrom(...words.split(' '));
  const change = fc.tuple(fc.nat(), fc.nat({ max: 40 }), fc.array(pieces, { maxLength: 8 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let template = golden.chat_template;
      for (const [at, numCut, added] of changes) {
        const place = at % (template.length + 1);
        template = template.slice(0, place) + added.join(' ') + template.slice(place + numCut);
      }
      try {
        render(template);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 500 },
  );
});
