/** Slots that several templates share. */
import type { TemplateSlot } from './prompt-template.ts';

export const slot = (name: string, about: string, isRequired = true): TemplateSlot => ({ name, about, isRequired });

export const INITIAL_PROMPT = slot('initial_prompt', 'the dilemma');
export const PERSONA_1 = slot('persona_1', 'the hidden directive of the one who speaks first');
export const PERSONA_2 = slot('persona_2', 'the hidden directive of the other one');
export const DIALOGUE = slot('dialogue', 'the whole dialogue, each utterance behind its speaker’s name');
export const COMPLETION = slot('completion', 'the final answer');
