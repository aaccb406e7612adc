/** The prompts of a negotiation from the editable templates. */
import type { ChatMessage } from '@/protocol/generation.ts';
import { fillTemplate } from '@/protocol/negotiation/prompt-template.ts';
import { TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';
import type { NegotiationPrompts, SpokenText } from '@/protocol/negotiation-prompts.ts';
import type { NegotiationRole } from '@/protocol/negotiation-run.ts';

/** As the paper's dialogues address each other. */
const NAMES: Readonly<Record<NegotiationRole, string>> = { agent1: 'Agent A', agent2: 'Agent B' };

/** Of an answer that nobody negotiated. */
const NOT_STATED = 'Not stated.';

/**
 * @param texts  edited texts, by template; the others are ours
 * @throws {Failure} 'invalidConfig' from each prompt whose text has unknown slots or lacks a required one
 */
export function templatePrompts(texts: Readonly<Partial<Record<TemplateId, string>>> = {}): NegotiationPrompts {
  const fill = (id: TemplateId, values: Readonly<Record<string, string>>): string =>
    fillTemplate({ ...TEMPLATES[id], text: texts[id] ?? TEMPLATES[id].text }, values);
  const asUser = (content: string): readonly ChatMessage[] => [{ role: 'user', content }];
  return {
    opening({ role, dilemma, persona }) {
      const names = namesFor(role);
      const system = fill('agent', { ...names, initial_prompt: dilemma, persona });
      const messages: ChatMessage[] = [{ role: 'system', content: system }];
      if (role === 'agent1') messages.push({ role: 'user', content: fill('opening', names) });
      return messages;
    },
    heard: ({ role, utterance }) => fill('turn', { ...namesFor(role), utterance }),
    completion: ({ dilemma, persona1, persona2, dialogue }) =>
      asUser(
        fill('completion', {
          initial_prompt: dilemma,
          persona_1: persona1,
          persona_2: persona2,
          dialogue: written(dialogue),
        }),
      ),
    agreement: ({ dilemma, utterance1, utterance2, yes, no }) =>
      asUser(fill('agreement', { initial_prompt: dilemma, utterance_1: utterance1, utterance_2: utterance2, yes, no })),
    judge({ dilemma, persona1, persona2, completion, dialogue }) {
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

function namesFor(role: NegotiationRole): { readonly name: string; readonly other: string } {
  return { name: NAMES[role], other: NAMES[role === 'agent1' ? 'agent2' : 'agent1'] };
}

function written(dialogue: readonly SpokenText[]): string {
  return dialogue.map(({ role, text }) => `${NAMES[role]}: ${text}`).join('\n\n');
}
