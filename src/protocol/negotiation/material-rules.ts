/** What a dilemma or a persona pair has to look like. Held by our own material; told to the author of other material. */
import type { Dilemma, PersonaPair } from '../negotiation.ts';

/** The paper's (section on dilemmas): a goal of 3 to 5 words, a prompt of 2 or 3 sentences. The length in words is ours. */
export const DILEMMA_RULES = { goalWords: [3, 5], promptSentences: [2, 3], maxPromptWords: 80 } as const;
/** One plain sentence, short enough for a small context. */
export const MAX_PERSONA_WORDS = 20;

/** A full stop behind one of these ends no sentence. */
const ABBREVIATION = /(?:^|[\s("'“‘])(?:dr|mr|mrs|ms|st|prof|vs|etc|e\.g|i\.e|a\.m|p\.m|no)\.$/i;
/** An end mark with closing quotes and brackets, and white space behind it or the end. */
const SENTENCE_END = /[.!?…]+["'”’)\]]*(?=\s|$)/g;

export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** The sentences of a text, each with its end mark; what stands behind the last end mark is one too. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let begin = 0;
  const close = (end: number): void => {
    const sentence = text.slice(begin, end).trim();
    if (/[\p{L}\p{N}]/u.test(sentence)) sentences.push(sentence);
    begin = end;
  };
  for (const match of text.matchAll(SENTENCE_END)) {
    const end = match.index + match[0].length;
    const isAbbreviation = end < text.length && ABBREVIATION.test(text.slice(Math.max(begin, end - 8), end));
    // “Never mind.” she says: a quotation that goes on in lower case.
    const goesOn = /^\s+\p{Ll}/u.test(text.slice(end, end + 20));
    if (!isAbbreviation && !goesOn) close(end);
  }
  close(text.length);
  return sentences;
}

/** @returns what is wrong with a dilemma, one sentence each; nothing if it keeps all rules */
export function dilemmaFaults({ goal, prompt }: Pick<Dilemma, 'goal' | 'prompt'>): string[] {
  const { goalWords, promptSentences, maxPromptWords } = DILEMMA_RULES;
  const faults: string[] = [];
  const numGoalWords = countWords(goal);
  if (numGoalWords < goalWords[0] || numGoalWords > goalWords[1])
    faults.push(`The goal has ${counted(numGoalWords, 'word')}; it should have ${goalWords.join(' to ')}.`);
  if (/[.!?;:\n]\s*$/.test(goal)) faults.push('The goal should end without a punctuation mark.');
  const numSentences = sentencesOf(prompt).length;
  if (numSentences < promptSentences[0] || numSentences > promptSentences[1])
    faults.push(`The prompt has ${counted(numSentences, 'sentence')}; it should have ${promptSentences.join(' or ')}.`);
  if (!prompt.trimEnd().endsWith('?'))
    faults.push('The prompt should end with a direct question that asks for a decision.');
  const numWords = countWords(prompt);
  if (numWords > maxPromptWords) faults.push(`The prompt has ${numWords} words; ${maxPromptWords} are the most.`);
  if (/[\r\n]/.test(prompt.trim())) faults.push('The prompt should be one paragraph.');
  return faults;
}

/** @returns what is wrong with a persona pair, one sentence each; nothing if it keeps all rules */
export function personaPairFaults({ persona1, persona2 }: Pick<PersonaPair, 'persona1' | 'persona2'>): string[] {
  const faults = [persona1, persona2].flatMap((persona, index) => {
    const sentences = sentencesOf(persona).length;
    const words = countWords(persona);
    return [
      ...(sentences === 1
        ? []
        : [`Persona ${index + 1} has ${counted(sentences, 'sentence')}; it should be one plain sentence.`]),
      ...(words > MAX_PERSONA_WORDS
        ? [`Persona ${index + 1} has ${words} words; ${MAX_PERSONA_WORDS} are the most.`]
        : []),
    ];
  });
  if (persona1.trim().toLowerCase() === persona2.trim().toLowerCase()) faults.push('Both personas are the same.');
  return faults;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
