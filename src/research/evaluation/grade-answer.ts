/** What an answer says, and whether that is right. */
import { assertNever } from '@/lib/assert.ts';
import type { EvaluationItem, EvaluationRecord } from '@/protocol/evaluation.ts';
import { boxedAnswer } from './boxed-answer.ts';
import { choiceAnswer } from './choice-answer.ts';
import { equalFormulas, equalNumbers } from './equal-answers.ts';
import { numberAnswer } from './number-answer.ts';
import { refusalAnswer } from './refusal-answer.ts';

/** Characters, from the end: of longer answers the beginning is not read. */
const MAX_LENGTH = 200_000;

export type Grade = Pick<EvaluationRecord, 'extracted' | 'isCorrect'>;

/** @param answer  the writer's text. An answer from which nothing can be read is not right. */
export function gradeAnswer(item: EvaluationItem, answer: string): Grade {
  const extracted = extractAnswer(item, answer.slice(-MAX_LENGTH));
  return { extracted, isCorrect: extracted !== null && isEqual(item, extracted) };
}

/** The answer in a short form; null if there is none to be read. */
function extractAnswer({ kind, choices }: EvaluationItem, text: string): string | null {
  switch (kind) {
    case 'number':
      return numberAnswer(text);
    case 'boxed':
      return boxedAnswer(text);
    case 'choice':
      return choiceAnswer(text, choices);
    case 'refusal':
      return refusalAnswer(text);
    default:
      return assertNever(kind);
  }
}

function isEqual({ kind, answer }: EvaluationItem, extracted: string): boolean {
  if (kind === 'number') return equalNumbers(extracted, answer);
  return kind === 'boxed' ? equalFormulas(extracted, answer) : extracted === answer;
}
