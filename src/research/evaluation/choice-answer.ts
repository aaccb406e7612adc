/** Which of the listed choices an answer names. */
import { choiceLetter, MAX_CHOICES } from '@/protocol/evaluation-schema.ts';
import { boxedAnswer } from './boxed-answer.ts';

/** What may stand around a letter: brackets, quotes, emphasis, LaTeX. */
const OPENING = String.raw`[\s*_"'“‘([{$:]*(?:\\(?:text|textbf|mathrm|mathbf|boxed)\s?\{\s?\(?)?`;

/** "the answer is", "correct choice:", "option"; the last of them counts. */
const CUE =
  /\b(?:(?:answer|choice|option)(?:\s+(?:to\s+\S+\s+\S+|choice|option))?\s*(?:\*\*)?\s*(?:is|:|=|would be|must be|should be|→)|(?:answer|option|choice|choose|pick|select)(?=\s+[("'*]*[A-Z]\b))/gi;
/** How many are looked at, and how many characters behind each. */
const MAX_CUES = 50;
const CUE_REACH = 400;
const WORD_BEFORE = /^(?:\s|\*|:)*(?:(?:most likely|probably|clearly|therefore|thus|option|choice|letter)\s+)?/i;

/**
 * Reads, in this order: a box; what the last "the answer is" names, as a letter or as the text of a choice; a letter that
 * the answer begins with, as in "B." or "(B) Paris"; the only letter that stands in brackets, emphasis or by itself; the
 * only choice whose text is repeated. A letter counts in capitals, small only in brackets or alone; the article "a" and the
 * pronoun "I" never.
 *
 * @param choices  their texts; without them letters up to the tenth are read
 * @returns the letter; null if none is named, or several are and none stands out
 */
export function choiceAnswer(text: string, choices: readonly string[] | undefined): string | null {
  const reader = new ChoiceReader(choices);
  const boxed = boxedAnswer(text);
  return (
    (boxed === null ? null : reader.atStart(boxed)) ??
    reader.behindCue(text) ??
    reader.atStart(text) ??
    reader.only(text)
  );
}

const LETTER_FIRST =
  /^[\s*_"'“(]*(?:(?<letter>[B-HJ])(?=[\s).,:;*])|(?<ambiguous>[AI])(?=\s+(?:because|since|as|for|which|and|but|due)\b))/;
/** In front of a letter that is ruled out. */
const NOT_DENIED = String.raw`(?<!(?:\b[Nn]ot|\b[Nn]or|\b[Nn]either|\bexcept|n't|n’t)\s{1,2}(?:option\s)?[(*]{0,3})`;

class ChoiceReader {
  readonly #choices: readonly string[];
  readonly #last: string;
  readonly #named: RegExp;
  readonly #bracketed: RegExp;
  readonly #alone: RegExp;

  constructor(choices: readonly string[] | undefined) {
    const count = choices?.length ?? MAX_CHOICES;
    this.#last = choiceLetter(count - 1);
    const letters = `A-${this.#last}`;
    const small = letters.toLowerCase();
    this.#choices = (choices ?? []).map(plain);
    // "B", "B.", "(b)", "**C**"; not "A dog" and not "I think".
    this.#named = new RegExp(
      String.raw`^${OPENING}(?:(?<letter>[${letters}])(?=[)\]}.,:;*_"'”’$!]|\s*$|\s*[-–—\n(])|(?<=\()(?<bracketed>[${small}])(?=\))|(?<alone>[${small}])(?=[).]?\s*$))`,
    );
    this.#bracketed = new RegExp(
      String.raw`${NOT_DENIED}(?:\((?<letter>[${letters}])\)|\*\*\(?(?<bold>[${letters}])[).:]?\*\*)`,
      'g',
    );
    this.#alone = new RegExp(
      String.raw`(?<![\w'’-])${NOT_DENIED}(?:(?<letter>[${letters}])(?<![AI])(?![\w'’-])|(?<end>[AI])(?=[.,;:!?)]?\s*$)(?<=[${letters}]))`,
      'gm',
    );
  }

  /** The letter that a text begins with. */
  atStart(text: string): string | null {
    const { letter, bracketed, alone } = this.#named.exec(text)?.groups ?? {};
    return (letter ?? bracketed ?? alone)?.toUpperCase() ?? null;
  }

  /** Of several, the last that names a choice counts. */
  behindCue(text: string): string | null {
    for (const cue of [...text.matchAll(CUE)].slice(-MAX_CUES).toReversed()) {
      const begin = cue.index + cue[0].length;
      const rest = text.slice(begin, begin + CUE_REACH).replace(WORD_BEFORE, '');
      const [line = ''] = rest.trimStart().split('\n', 1);
      const found = this.#letterFirst(line) ?? this.atStart(line) ?? this.#textFirst(line);
      if (found !== null) return found;
    }
    return null;
  }

  /** The only choice that is named; letters count before texts. */
  only(text: string): string | null {
    for (const pattern of [this.#bracketed, this.#alone]) {
      const letters = new Set(lettersOf(text, pattern));
      if (letters.size > 0) return letters.size === 1 ? [...letters].join('') : null;
    }
    return this.#onlyText(text);
  }

  /** The longest choice with whose text a line begins. */
  #textFirst(line: string): string | null {
    const words = plain(line);
    const lengths = this.#choices.map((choice) => (`${words} `.startsWith(`${choice} `) ? choice.length : 0));
    const longest = Math.max(0, ...lengths);
    return longest === 0 ? null : choiceLetter(lengths.indexOf(longest));
  }

  /** A capital behind a cue is a letter even in front of more words, but for the article and the pronoun. */
  #letterFirst(line: string): string | null {
    const { letter, ambiguous } = LETTER_FIRST.exec(line)?.groups ?? {};
    const found = letter ?? ambiguous;
    return found !== undefined && found <= this.#last ? found : null;
  }

  #onlyText(text: string): string | null {
    const words = plain(text);
    const found = this.#choices.flatMap((choice, index) => (hasWords(words, choice) ? [index] : []));
    // "New York" is named where "York" is too.
    const whole = found.filter(
      (index) =>
        !found.some((other) => other !== index && hasWords(this.#choices[other] ?? '', this.#choices[index] ?? '')),
    );
    return whole.length === 1 ? choiceLetter(whole[0] ?? 0) : null;
  }
}

function lettersOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(
    ({ groups = {} }) => groups['letter'] ?? groups['bold'] ?? groups['end'] ?? '',
  );
}

/** Words and numbers alone, in small letters, with one space between them. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^(?:the|an?) /, '');
}

function hasWords(text: string, words: string): boolean {
  return words !== '' && ` ${text} `.includes(` ${words} `);
}
