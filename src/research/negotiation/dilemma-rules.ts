import { wordsOf } from './reply-text.ts';

/** From this share of common words on, two texts are taken for the same. */
const NEAR_DUPLICATE = 0.6;
/** Words so common that they say nothing about a text. */
const COMMON = new Set(
  'a an and are as at be but by do for from has have i in is it its of on or should that the their they this to was what when who will with would you your'.split(
    ' ',
  ),
);

/** What is wrong with a goal; undefined if nothing is. @param known  goals that must not come again */
export function goalFault(goal: string, known: readonly string[]): string | undefined {
  const numWords = goal.trim().split(/\s+/).filter(Boolean).length;
  if (numWords < 3 || numWords > 5) return `The goal has ${numWords} words; it must have three to five.`;
  const twin = known.find((other) => wordOverlap(goal, other) >= NEAR_DUPLICATE);
  return twin === undefined ? undefined : `The goal says the same as "${twin}".`;
}

/** What is wrong with a dilemma's text; undefined if nothing is. @param known  texts that must not come again */
export function dilemmaFault(prompt: string, known: readonly string[]): string | undefined {
  const numSentences = countSentences(prompt);
  if (numSentences < 2 || numSentences > 3) return `The text has ${numSentences} sentences; it must have two or three.`;
  if (!/\?["'”’)]*$/.test(prompt.trim())) return 'The text does not end with a question that asks for a decision.';
  const twin = known.find((other) => wordOverlap(prompt, other) >= NEAR_DUPLICATE);
  return twin === undefined ? undefined : `The text says nearly the same as "${twin.slice(0, 80)}".`;
}

/** Common words left out: the share of all words of both texts that both have (Jaccard), 0 to 1. */
export function wordOverlap(a: string, b: string): number {
  const [wordsA, wordsB] = [tellingWords(a), tellingWords(b)];
  const numCommon = [...wordsA].filter((word) => wordsB.has(word)).length;
  const numAll = wordsA.size + wordsB.size - numCommon;
  return numAll === 0 ? 0 : numCommon / numAll;
}

function tellingWords(text: string): Set<string> {
  return new Set(wordsOf(text).filter((word) => !COMMON.has(word)));
}

/** Ends of sentences: a mark, then the end or a space and no small letter; not behind a title or a single letter. */
function countSentences(text: string): number {
  const trimmed = text.trim();
  const ends = [...trimmed.matchAll(/[.!?…]["'”’)]*(?=\s+[^\p{Ll}\s]|$)/gu)];
  const real = ends.filter(
    ({ index }) => !/(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|vs|\p{L})$/u.test(trimmed.slice(0, index)),
  );
  const lastEnd = ends.at(-1);
  const isOpen = trimmed !== '' && (lastEnd === undefined || lastEnd.index + lastEnd[0].length < trimmed.length);
  return real.length + (isOpen ? 1 : 0);
}
