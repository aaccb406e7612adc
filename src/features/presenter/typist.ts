/** Types a preset's question into the page's text box at a person's pace. */
import type { Cue } from '@/protocol/presenter-presets.ts';

export interface TypistSeat {
  /** What stands in the box. */
  readonly draft: () => string;
  readonly typed: (text: string) => void;
  readonly submitted: (text: string) => void;
  readonly thinkerTokens: () => number;
  readonly writerTokens: () => number;
  /** Both settle early when `signal` fires. */
  readonly rest: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly until: (isTrue: () => boolean, signal: AbortSignal) => Promise<void>;
}

const KEY_MS = 85;
const ERASE_MS = 45;
const AFTER_WORD_MS = 60;
const AFTER_CLAUSE_MS = 260;

/** The rest behind a letter: longer behind words and clauses, and never quite the same. */
export function keyRestMs(character: string, index: number): number {
  // 0 to 40, without a pattern that the eye would find.
  const uneven = (index * 37) % 41;
  if (/[,.;?!]/.test(character)) return KEY_MS + AFTER_CLAUSE_MS + uneven;
  return KEY_MS + uneven + (character === ' ' ? AFTER_WORD_MS : 0);
}

/** Ends early, without an error, when `signal` fires or when somebody else types into the box. */
export async function typeCues(cues: readonly Cue[], seat: TypistSeat, signal: AbortSignal): Promise<void> {
  let expected = seat.draft();
  const isAlone = (): boolean => !signal.aborted && seat.draft() === expected;
  const put = (text: string): void => {
    expected = text;
    seat.typed(text);
  };
  for (const cue of cues) {
    if (!isAlone()) return;
    switch (cue.kind) {
      case 'write': {
        let index = 0;
        for (const character of cue.text) {
          if (!isAlone()) return;
          put(expected + character);
          await seat.rest(keyRestMs(character, index++), signal);
        }
        break;
      }
      case 'erase':
        for (let count = 0; count < cue.count && isAlone(); count++) {
          put(expected.slice(0, -1));
          await seat.rest(ERASE_MS, signal);
        }
        break;
      case 'rest':
        await seat.rest(cue.seconds * 1000, signal);
        break;
      case 'untilThoughts':
        await seat.until(() => !isAlone() || seat.thinkerTokens() >= cue.tokens, signal);
        break;
      case 'untilAnswer':
        await seat.until(() => !isAlone() || seat.writerTokens() >= cue.tokens, signal);
        break;
      case 'send':
        seat.submitted(expected);
        expected = seat.draft();
        break;
      default:
        cue satisfies never;
    }
  }
}
