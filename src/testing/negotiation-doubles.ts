/** Short prompts, a chat tokenizer over the tiny vocabulary, and what a test negotiates about. */
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type { NegotiationPrompts, SpokenText } from '@/protocol/negotiation-prompts.ts';
import { DEFAULT_NEGOTIATION, type NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { ChatTokenizer } from '@/research/negotiation/chat-tokenizer.ts';
import type { PieceTokenizer } from './piece-tokenizer.ts';

export const DILEMMA: Dilemma = {
  id: 'the-tree',
  category: 'everyday',
  goal: 'Share the old tree',
  prompt: 'A tree. Cut it?',
  split: 'train',
  origin: 'ours',
};

export const PAIR: PersonaPair = {
  id: 'cut-keep',
  theme: 'cutting and keeping',
  persona1: 'Cut.',
  persona2: 'Keep.',
  split: 'train',
  origin: 'ours',
};

/** The tiny vocabulary has these as one token each. */
export function tinySettings(settings: Partial<NegotiationSettings> = {}): NegotiationSettings {
  const words = { agreementYes: 'yes', agreementNo: 'no' };
  return { ...DEFAULT_NEGOTIATION, ...words, maxUtteranceTokens: 4, maxCompletionTokens: 5, groupSize: 2, ...settings };
}

const textOf = (dialogue: readonly SpokenText[]): string =>
  dialogue.map(({ role, text }) => `${role}:${text}`).join('|');

export const SHORT_PROMPTS: NegotiationPrompts = {
  opening: ({ role, dilemma, persona }) => [
    { role: 'system', content: `${role} ${persona}` },
    { role: 'user', content: dilemma },
  ],
  heard: ({ utterance }) => `[${utterance}]`,
  thoughts: ({ role }) => ({ opening: `${role} thinks `, behind: `${role}!` }),
  completion: ({ dilemma, persona1, persona2, dialogue }) => [
    { role: 'user', content: `write ${persona1}${persona2} ${dilemma} ${textOf(dialogue)}` },
  ],
  alone: ({ dilemma }) => [{ role: 'user', content: `alone ${dilemma}` }],
  agreement: ({ dilemma, utterance1, utterance2, yes, no }) => [
    { role: 'user', content: `${yes}/${no} ${dilemma} (${utterance1}) (${utterance2})` },
  ],
  judge: ({ dilemma, persona1, persona2, completion, dialogue = [] }) => [
    { role: 'user', content: `score ${persona1}${persona2} ${dilemma} ${completion}${textOf(dialogue)}` },
  ],
  pairwise: ({ aspect, dilemma, answerA, answerB }) => [
    { role: 'user', content: `${aspect} ${dilemma} A:${answerA} B:${answerB}` },
  ],
};

/** ChatML turns; `<|im_end|>` and `<|endoftext|>` end an utterance. */
export function chatMl(tokenizer: PieceTokenizer): ChatTokenizer {
  const stopTokenIds = ['<|im_end|>', '<|endoftext|>'].map((piece) => tokenizer.idOf(piece) ?? -1);
  return {
    encode: (text, options) => tokenizer.encode(text, options),
    createTextStream: () => tokenizer.createTextStream(),
    renderChat: (messages) =>
      `${messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('')}<|im_start|>assistant\n`,
    stopTokenIds,
  };
}

/** Everything that a program yields, and what it returns. */
export async function collect<Event, Result>(
  run: AsyncGenerator<Event, Result>,
  onEvent: (event: Event) => void = () => undefined,
): Promise<{ readonly events: Event[]; readonly result: Result }> {
  const events: Event[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return { events, result: value };
    events.push(value);
    onEvent(value);
  }
}
