import type { JudgedAnswer, RuleConfig } from '@/protocol/negotiation-api.ts';
import { assertNever } from '@/lib/assert.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { Judge } from './judge.ts';
import { wordsOf } from './reply-text.ts';

/** Scores by a rule: for checks, and to see training work without a judge. */
export class RuleJudge implements Judge {
  readonly name: string;
  readonly #rule: RuleConfig;

  constructor(rule: RuleConfig) {
    this.#rule = rule;
    this.name = `rule ${JSON.stringify(rule)}`;
  }

  score(transcript: JudgedAnswer): Promise<JudgeVerdict> {
    const score = Math.min(Math.max(this.#scoreOf(transcript), 0), 5);
    return Promise.resolve({ state: 'scored', score });
  }

  #scoreOf({ completion, persona1, persona2 }: JudgedAnswer): number {
    const rule = this.#rule;
    const words = wordsOf(completion);
    switch (rule.kind) {
      case 'word':
        return words.filter((word) => word === rule.word.toLowerCase()).length;
      case 'length':
        return 5 - (5 * Math.abs(words.length - rule.words)) / rule.words;
      case 'personas':
        return 5 * Math.min(overlap(persona1, words), overlap(persona2, words));
      default:
        return assertNever(rule);
    }
  }
}

/** Words of five letters and more say what a persona is about. */
function overlap(persona: string, words: readonly string[]): number {
  const wanted = new Set(wordsOf(persona).filter((word) => word.length >= 5));
  if (wanted.size === 0) return 0;
  return [...wanted].filter((word) => words.includes(word)).length / wanted.size;
}
