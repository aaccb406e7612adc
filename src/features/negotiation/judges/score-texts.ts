/** Verdicts in words. */
import { at } from '@/lib/assert.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { CA_RUBRIC } from '@/protocol/negotiation/templates-judge.ts';

type Scored = Extract<JudgeVerdict, { readonly state: 'scored' }>;

/** 4.1; a whole number without fractions, so that digits are told from means. */
export function scoreText(score: number): string {
  return Number.isInteger(score) ? String(score) : score.toFixed(1);
}

/** The rubric's row that the score is nearest to. */
export function rubricOf(score: number): (typeof CA_RUBRIC)[number] {
  const nearest = Math.min(Math.max(Math.round(score), 0), CA_RUBRIC.length - 1);
  return at(CA_RUBRIC, CA_RUBRIC.length - 1 - nearest);
}

/** How the judge came to it, as far as the verdict shows. */
export function originOf({ distribution, raw }: Scored): string {
  if (distribution === undefined)
    return raw === undefined
      ? 'No probabilities and no text: by a rule or a person.'
      : 'Read from what the judge wrote; it gave no probabilities.';
  return raw === undefined
    ? 'Read from the probabilities of the digits; nothing was written.'
    : 'Read from the probabilities beside the digit that the judge wrote.';
}

/** Below it, a judge would mostly not have answered with a digit. */
const GOOD_MASS = 0.5;

/** What the share of probability on the digits says; undefined where the judge has none. */
export function massText({ answerMass }: Scored): { readonly text: string; readonly isWeak: boolean } | undefined {
  if (answerMass === undefined) return undefined;
  const percent = percentText(answerMass);
  return answerMass < GOOD_MASS
    ? {
        text: `Only ${percent} of the judge’s probability was on the digits 0 to 5. It would mostly have answered something else, so the score says little.`,
        isWeak: true,
      }
    : {
        text: `${percent} of the judge’s probability was on the digits 0 to 5: it understood what to answer.`,
        isWeak: false,
      };
}

/** 0.4 %, 31 %, 100 %. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent < 9.95 && percent > 0 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** What differs in each reading of an answer. */
export function readingNames(judgeSeesDialogue: boolean): readonly [string, string, string, string] {
  const dialogue = judgeSeesDialogue ? 'without the dialogue' : 'with the dialogue';
  return ['As it is', 'Goals in the other order', `Read ${dialogue}`, `Both: other order, ${dialogue}`];
}

/** What the badge says to those who do not see it. */
export function badgeLabel(verdict: JudgeVerdict): string {
  return verdict.state === 'scored'
    ? `Collective Agency ${scoreText(verdict.score)} of 5, ${rubricOf(verdict.score).label}. Show how it was judged`
    : 'The judge could not be read. Show why';
}
