import type { TemplateTexts } from '../src/protocol/negotiation-api.ts';

/** Prompts of a few words, since a software adapter reads slowly. */
export const SHORT_TEMPLATES: TemplateTexts = {
  agent: '{name} to {other}: {persona}',
  opening: '{initial_prompt} Begin.',
  turn: '{initial_prompt} {utterance}',
  thoughts: 'They want',
  afterThoughts: 'Answer.',
  completion: '{initial_prompt} {persona_1} {persona_2} {dialogue} Decide.',
  singleAgent: '{initial_prompt} Decide.',
  agreement: '{initial_prompt} {utterance_1} {utterance_2} {yes} or {no}?\n',
  caJudge: '{initial_prompt} {persona_1} {persona_2} {completion} 0 to 5?\n## Your CA Evaluation Score\n',
  caJudgeSingle: '{initial_prompt} {completion} 0 to 5?\n## Your CA Evaluation Score\n',
};
