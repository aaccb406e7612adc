/** All prompts of the negotiation panel, by id. */
import { templateTextFaults } from './prompt-template.ts';
import { DIALOGUE_TEMPLATES } from './templates-dialogue.ts';
import { GENERATOR_TEMPLATES } from './templates-generator.ts';
import { JUDGE_TEMPLATES } from './templates-judge.ts';

export const TEMPLATES = { ...DIALOGUE_TEMPLATES, ...JUDGE_TEMPLATES, ...GENERATOR_TEMPLATES } as const;

export type TemplateId = keyof typeof TEMPLATES;

/** What keeps an edited text from taking the place of the template's own; nothing if it can. */
export function checkTemplateText(id: TemplateId, text: string): string[] {
  return templateTextFaults(TEMPLATES[id], text);
}
