/** Reads a growing answer aloud in finished sentences, and reckons how much of it is still unspoken. */
import { endOfLastSentence } from '@/ui/sentences.ts';

/** The part of `speechSynthesis` that is used. */
export type Voice = Pick<SpeechSynthesis, 'speak' | 'cancel'>;

export interface Speaker {
  /** The answer as it stands; a shorter one than before is another answer. */
  textChanged(text: string, isComplete: boolean): void;
  /** Of what is written, what has not been said. */
  unspokenSeconds(): number;
  /** Falls silent and forgets the answer. */
  cancel(): void;
}

/** What browsers call rate 1 is about so many characters a second. */
const CHARACTERS_AT_RATE_1 = 15;
const MIN_RATE = 0.5;
const MAX_RATE = 3;

/** @param charactersPerSecond  read for each sentence, so that it can change */
export function createSpeaker(
  voice: Voice,
  createUtterance: (text: string) => SpeechSynthesisUtterance,
  charactersPerSecond: () => number,
): Speaker {
  let text = '';
  /** Up to where sentences were handed to the voice, and up to where it has come. */
  let handedTo = 0;
  let spokenTo = 0;
  /** Sentences of an answer that was dropped still report their end. */
  let answer = 0;

  function speakUpTo(end: number): void {
    const from = handedTo;
    const sentence = text.slice(from, end);
    handedTo = end;
    if (sentence.trim() === '') {
      if (spokenTo === from) spokenTo = end;
      return;
    }
    const utterance = createUtterance(sentence);
    utterance.rate = Math.min(MAX_RATE, Math.max(MIN_RATE, charactersPerSecond() / CHARACTERS_AT_RATE_1));
    const own = answer;
    const saidUpTo = (position: number): void => {
      if (own === answer) spokenTo = Math.max(spokenTo, position);
    };
    utterance.addEventListener('boundary', ({ charIndex }) => saidUpTo(from + charIndex));
    utterance.addEventListener('end', () => saidUpTo(end));
    // A sentence that the voice refuses must not hold the writer for ever.
    utterance.addEventListener('error', () => saidUpTo(end));
    voice.speak(utterance);
  }

  function cancel(): void {
    answer++;
    text = '';
    handedTo = 0;
    spokenTo = 0;
    voice.cancel();
  }

  return {
    textChanged(next, isComplete) {
      if (!next.startsWith(text.slice(0, handedTo))) cancel();
      text = next;
      const end = isComplete ? text.length : endOfLastSentence(text);
      if (end > handedTo) speakUpTo(end);
    },
    unspokenSeconds: () => (text.length - spokenTo) / charactersPerSecond(),
    cancel,
  };
}
