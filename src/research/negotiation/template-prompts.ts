/** The prompts of a negotiation from the editable templates. */
import type { ChatMessage } from '@/protocol/generation.ts';
import { DILEMMA_CATEGORIES } from '@/protocol/negotiation.ts';
import { fillTemplate } from '@/protocol/negotiation/prompt-template.ts';
import { CATEGORY_CONSTRAINTS } from '@/protocol/negotiation/templates-generator.ts';
import { TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';
import type { GeneratorPrompts, NegotiationPrompts, SpokenText } from '@/protocol/negotiation-prompts.ts';
import type { NegotiationRole } from '@/protocol/negotiation-run.ts';

/** As the paper's dialogues address each other. */
const NAMES: Readonly<Record<NegotiationRole, string>> = { agent1: 'Agent A', agent2: 'Agent B' };

/** Of an answer that nobody negotiated. */
const NOT_STATED = 'Not stated.';
/** Where no dilemma is known. */
const NONE_YET = '(none yet)';

/**
 * @param texts  edited texts, by template; the others are ours
 * @throws {Failure} 'invalidConfig' from each prompt whose text has unknown slots or lacks a required one
 */
export function templatePrompts(texts: TemplateTexts = {}): NegotiationPrompts {
  const fill = fillerOf(texts);
  return {
    opening({ role, dilemma, persona }) {
      const names = namesFor(role);
      const system = fill('agent', { ...names, initial_prompt: dilemma, persona });
      const messages: ChatMessage[] = [{ role: 'system', content: system }];
      if (role === 'agent1')
        messages.push({ role: 'user', content: fill('opening', { ...names, initial_prompt: dilemma }) });
      return messages;
    },
    heard: ({ role, dilemma, utterance }) => fill('turn', { ...namesFor(role), initial_prompt: dilemma, utterance }),
    thoughts: ({ role }) => ({
      opening: fill('thoughts', namesFor(role)),
      behind: fill('afterThoughts', namesFor(role)),
    }),
    completion: ({ dilemma, persona1, persona2, dialogue }) =>
      asUser(
        fill('completion', {
          initial_prompt: dilemma,
          persona_1: persona1,
          persona_2: persona2,
          dialogue: written(dialogue),
        }),
      ),
    alone: ({ dilemma }) => asUser(fill('singleAgent', { initial_prompt: dilemma })),
    agreement: ({ dilemma, utterance1, utterance2, yes, no }) =>
      asUser(fill('agreement', { initial_prompt: dilemma, utterance_1: utterance1, utterance_2: utterance2, yes, no })),
    judge({ dilemma, persona1, persona2, completion, dialogue }) {
      if (persona1 === '' && persona2 === '')
        return asUser(fill('caJudgeSingle', { initial_prompt: dilemma, completion }));
      const values = { initial_prompt: dilemma, persona_1: persona1, persona_2: persona2, completion };
      if (dialogue === undefined) return asUser(fill('caJudge', values));
      return asUser(fill('caJudgeDialogue', { ...values, dialogue: written(dialogue) }));
    },
    pairwise({ aspect, dilemma, persona1, persona2, answerA, answerB }) {
      const answers = { initial_prompt: dilemma, answer_a: answerA, answer_b: answerB };
      if (aspect === 'caAlignment') return asUser(fill('pairwiseAlignment', answers));
      const goals = { persona_1: persona1 ?? NOT_STATED, persona_2: persona2 ?? NOT_STATED };
      return asUser(fill('pairwiseConflict', { ...answers, ...goals }));
    },
  };
}

/** What the generator of dilemmas asks, from the editable templates; the rest as in `templatePrompts`. */
export function generatorPrompts(texts: TemplateTexts = {}): GeneratorPrompts {
  const fill = fillerOf(texts);
  return {
    goals: ({ category, count, known }) =>
      asUser(
        fill('generateGoals', {
          count: String(count),
          category: DILEMMA_CATEGORIES[category].name,
          constraints: CATEGORY_CONSTRAINTS[category],
          history: known.length === 0 ? NONE_YET : known.join('\n'),
        }),
      ),
    dilemma: ({ category, goal }) =>
      asUser(
        fill('generatePrompt', {
          category: DILEMMA_CATEGORIES[category].name,
          constraints: CATEGORY_CONSTRAINTS[category],
          goal,
        }),
      ),
    repair: ({ goal, text, faults }) => asUser(fill('repairPrompt', { goal, prompt: text, faults: faults.join('\n') })),
  };
}

/** A note on one aspect of an answer; for display. */
export function aspectPrompt(
  { name, meaning }: { readonly name: string; readonly meaning: string },
  { dilemma, completion }: { readonly dilemma: string; readonly completion: string },
  texts: TemplateTexts = {},
): readonly ChatMessage[] {
  return asUser(fillerOf(texts)('aspectNote', { aspect: name, meaning, initial_prompt: dilemma, completion }));
}

type TemplateTexts = Readonly<Partial<Record<TemplateId, string>>>;

function fillerOf(texts: TemplateTexts): (id: TemplateId, values: Readonly<Record<string, string>>) => string {
  return (id, values) => fillTemplate({ ...TEMPLATES[id], text: texts[id] ?? TEMPLATES[id].text }, values);
}

function asUser(content: string): readonly ChatMessage[] {
  return [{ role: 'user', content }];
}

function namesFor(role: NegotiationRole): { readonly name: string; readonly other: string } {
  return { name: NAMES[role], other: NAMES[role === 'agent1' ? 'agent2' : 'agent1'] };
}

function written(dialogue: readonly SpokenText[]): string {
  return dialogue.map(({ role, text }) => `${NAMES[role]}: ${text}`).join('\n\n');
}
