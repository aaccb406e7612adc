import { DIALOGUE_TEMPLATES } from '@/protocol/negotiation/templates-dialogue.ts';
import { GENERATOR_TEMPLATES } from '@/protocol/negotiation/templates-generator.ts';
import { JUDGE_TEMPLATES } from '@/protocol/negotiation/templates-judge.ts';
import type { PromptTemplate } from '@/protocol/negotiation/prompt-template.ts';
import { TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';
import { isTemplateId } from '@/state/material-templates.ts';

const idsOf = (group: object): readonly TemplateId[] => Object.keys(group).filter(isTemplateId);

export const TEMPLATE_GROUPS: readonly { readonly name: string; readonly ids: readonly TemplateId[] }[] = [
  { name: 'Dialogue', ids: idsOf(DIALOGUE_TEMPLATES) },
  { name: 'Judges', ids: idsOf(JUDGE_TEMPLATES) },
  { name: 'Generator', ids: idsOf(GENERATOR_TEMPLATES) },
];

/** Without the literal types of its texts. */
export function templateOf(id: TemplateId): PromptTemplate {
  return TEMPLATES[id];
}
