/** How a question is put to the model, the same for built-in and imported ones. */
import type { AnswerKind } from './evaluation.ts';
import { choiceLetter } from './evaluation-schema.ts';

const REQUESTS: Readonly<Record<AnswerKind, string>> = {
  number: 'End with the answer as a number.',
  boxed: 'Put the final answer in \\boxed{}.',
  choice: 'Answer with the letter of the right choice.',
  refusal: '',
};

/** The question, its choices with letters in front, and in which form the answer is wanted, each on a line of its own. */
export function questionText(kind: AnswerKind, question: string, choices: readonly string[] = []): string {
  const listed = choices.map((choice, index) => `${choiceLetter(index)}) ${choice}`);
  return [question.trim(), ...listed, REQUESTS[kind]].filter((line) => line !== '').join('\n');
}
