import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { DILEMMAS } from './dilemmas.ts';
import { countWords } from './material-rules.ts';
import { PERSONA_PAIRS } from './persona-pairs.ts';
import { fillTemplate, MAX_TEMPLATE_LENGTH, type PromptTemplate, slotsIn } from './prompt-template.ts';
import { CATEGORY_CONSTRAINTS } from './templates-generator.ts';
import { checkTemplateText, type TemplateId, TEMPLATES } from './templates.ts';
import { ASPECTS, CA_RUBRIC } from './templates-judge.ts';

const all: readonly (readonly [string, PromptTemplate])[] = Object.entries(TEMPLATES);
const valuesOf = ({ slots }: PromptTemplate): Record<string, string> =>
  Object.fromEntries(slots.map(({ name }) => [name, `<${name}>`]));
const check = (id: string, text: string): string[] => checkTemplateText(isTemplateId(id) ? id : 'agent', text);
const isTemplateId = (id: string): id is TemplateId => id in TEMPLATES;
/** Runs what has to throw, and gives its failure. */
function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('There was no failure.');
}

describe('every template', () => {
  it.each(all)('%s is its own valid text, and names its slots only', (id, template) => {
    expect(template.id).toBe(id);
    expect(check(id, template.text)).toEqual([]);
    const inText = slotsIn(template.text);
    const names = template.slots.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(inText));
    for (const { name, isRequired } of template.slots) if (isRequired) expect(inText).toContain(name);
  });

  it.each(all)('%s is filled', (_id, template) => {
    const filled = fillTemplate(template, valuesOf(template));
    expect(slotsIn(filled)).toEqual([]);
    for (const name of slotsIn(template.text)) expect(filled).toContain(`<${name}>`);
    expect(filled).not.toMatch(/undefined|null|\[object/);
  });

  it.each(all)('%s says where its words come from', (_id, { source, text }) => {
    expect(source.note).not.toBe('');
    if (source.kind === 'ours') return;
    expect(source.credit).toMatch(/^Anantaprayoon, Babina, Asgharbeygi, Tarifi: .*arXiv 2603\.10476, CC BY 4\.0$/);
    for (const quote of source.quotes) expect(text).toContain(quote);
  });
});

describe('the templates of the judges', () => {
  it.each(['caJudge', 'caJudgeDialogue', 'caJudgeSingle'] as const)('%s ends where the bare digit comes next', (id) => {
    const filled = fillTemplate(TEMPLATES[id], valuesOf(TEMPLATES[id]));
    expect(filled).toMatch(/\n## Your CA Evaluation Score\n$/);
    expect(checkTemplateText(id, TEMPLATES[id].text.trimEnd())).toEqual([
      expect.stringContaining('has to end with "## Your CA Evaluation Score\\n"'),
    ]);
    for (const { score } of CA_RUBRIC) expect(filled).toMatch(new RegExp(`^${score} = `, 'm'));
    for (const { name } of ASPECTS) expect(filled).toContain(`- ${name}: `);
  });

  it('show the dialogue by request only, and personas to those who judge a negotiation', () => {
    expect(slotsIn(TEMPLATES.caJudge.text)).toEqual(['initial_prompt', 'persona_1', 'persona_2', 'completion']);
    expect(slotsIn(TEMPLATES.caJudgeDialogue.text)).toContain('dialogue');
    expect(slotsIn(TEMPLATES.caJudgeSingle.text)).toEqual(['initial_prompt', 'completion']);
    expect(slotsIn(TEMPLATES.agreement.text)).toEqual(['initial_prompt', 'utterance_1', 'utterance_2', 'yes', 'no']);
  });
});

describe('the negotiator’s prompt', () => {
  it('is short with every dilemma and persona', () => {
    expect(countWords(TEMPLATES.agent.text)).toBeLessThanOrEqual(90);
    const longest = Math.max(
      ...DILEMMAS.map(({ prompt }) =>
        Math.max(
          ...PERSONA_PAIRS.map(({ persona1 }) =>
            countWords(
              fillTemplate(TEMPLATES.agent, { name: 'Ann', other: 'Ben', initial_prompt: prompt, persona: persona1 }),
            ),
          ),
        ),
      ),
    );
    expect(longest).toBeLessThanOrEqual(160);
  });
});

describe('the generator’s prompts', () => {
  it.each(Object.entries(CATEGORY_CONSTRAINTS))('name the constraints of %s', (category, constraints) => {
    const values = { category, constraints, goal: 'Return the lent ladder' };
    const prompt = fillTemplate(TEMPLATES.generatePrompt, values);
    expect(prompt).toContain(constraints);
    expect(prompt).toContain('about: Return the lent ladder.');
  });
});

describe('filling', () => {
  const template = {
    id: 'test',
    text: '{a} and {b}, {a}',
    slots: ['a', 'b', 'constructor'].map((name) => ({ name, about: '', isRequired: name === 'a' })),
  };

  it('puts a value wherever its slot stands, and leaves other braces alone', () => {
    expect(fillTemplate(template, { a: '1', b: '2' })).toBe('1 and 2, 1');
    expect(fillTemplate({ ...template, text: '{ a } {} {"a": 1} {A} {{a}}' }, { a: '1' })).toBe(
      '{ a } {} {"a": 1} {A} {1}',
    );
  });

  it('refuses a missing value, a value too many and a slot that is unknown, by name', () => {
    const failures = [
      failureOf(() => fillTemplate(template, { a: '1' })),
      failureOf(() => fillTemplate(template, { a: '1', b: '2', c: '3', d: '4' })),
      failureOf(() => fillTemplate({ ...template, text: '{a} {z}' }, { a: '1', z: '2' })),
      failureOf(() => fillTemplate({ ...template, text: '{constructor}' }, {})),
    ];
    expect(failures.map(({ code }) => code)).toEqual(Array(4).fill('invalidConfig'));
    expect(failures.map(({ message }) => message)).toEqual([
      'Template test: there is no value for the slot {b}.',
      'Template test: it has no slot {c}, {d}.',
      'Template test: its text names the unknown slot {z}.',
      'Template test: there is no value for the slot {constructor}.',
    ]);
  });

  it('never looks at what was put in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', 'a', 'b', '$', '&', '1', '`', "'", '{a}', '{b}', '{z}') }),
        fc.string(),
        (a, b) => {
          expect(fillTemplate(template, { a, b })).toBe(`${a} and ${b}, ${a}`);
        },
      ),
    );
  });
});

describe('an edited text', () => {
  it('needs the required slots, and may leave out names', () => {
    expect(checkTemplateText('agent', '{persona} {initial_prompt}')).toEqual([]);
    expect(checkTemplateText('singleAgent', 'Decide.')).toEqual(['The text needs the slot {initial_prompt}.']);
    expect(checkTemplateText('agent', 'You are {name}.')).toEqual(['The text needs the slot {persona}.']);
  });

  it('names no slot that there is not', () => {
    expect(checkTemplateText('singleAgent', '{initial_prompt} {persona} {x}')).toEqual([
      'There is no slot {persona}, {x}. The slots are {initial_prompt}.',
    ]);
  });

  it('is neither empty nor endless', () => {
    expect(checkTemplateText('opening', ' \n')).toEqual(['The text is empty.']);
    expect(checkTemplateText('opening', 'x'.repeat(MAX_TEMPLATE_LENGTH + 1))).toHaveLength(1);
  });

  it('is filled if it has no faults, whatever it is', () => {
    const unit = fc.constantFrom('{', '}', 'a', ' ', '\n', '{persona}', '{initial_prompt}', '{name}', '{x}', '$&');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const edited = { ...TEMPLATES.agent, text };
        if (checkTemplateText('agent', text).length === 0)
          expect(typeof fillTemplate(edited, valuesOf(TEMPLATES.agent))).toBe('string');
      }),
    );
  });
});
