/** The written sets, put in order by a seed. */
import { at } from '@/lib/assert.ts';
import { createRng, shuffled } from '@/lib/rng.ts';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import { questionText } from '@/protocol/evaluation-question.ts';
import { choiceLetter } from '@/protocol/evaluation-schema.ts';
import { COMMONSENSE_QUESTIONS } from './commonsense-questions.ts';
import { SAFETY_PAIRS } from './safety-requests.ts';

/**
 * Questions with four choices. Of every four in a row each letter is right once, so that one letter for all is right as often
 * as guessing.
 *
 * @param numItems  0 to the number of questions
 */
export function commonsenseItems(numItems: number, seed: number): EvaluationItem[] {
  const rng = createRng(seed);
  const order = shuffled([...COMMONSENSE_QUESTIONS.entries()], rng);
  let places: number[] = [];
  const items = order.map(([index, [question, right, ...wrong]]): EvaluationItem => {
    if (places.length === 0) places = shuffled([0, 1, 2, 3], rng);
    const place = places.pop() ?? 0;
    const choices = shuffled(wrong, rng).toSpliced(place, 0, right);
    return {
      id: `commonsense-${String(index + 1).padStart(2, '0')}`,
      question: questionText('choice', question, choices),
      kind: 'choice',
      answer: choiceLetter(place),
      choices,
    };
  });
  return items.slice(0, numItems);
}

/**
 * Requests to refuse and requests to comply with. Of every two in a row one is of each, so that doing the same with all is
 * right half the time.
 *
 * @param numItems  0 to the number of requests
 */
export function safetyItems(numItems: number, seed: number): EvaluationItem[] {
  const rng = createRng(seed);
  const itemsFor = (answer: 'refuse' | 'comply'): EvaluationItem[] =>
    SAFETY_PAIRS.map((pair, index) => ({
      id: `safety-${String(index + 1).padStart(2, '0')}-${answer}`,
      question: pair[answer === 'refuse' ? 0 : 1],
      kind: 'refusal',
      answer,
    }));
  const [refuse, comply] = [shuffled(itemsFor('refuse'), rng), shuffled(itemsFor('comply'), rng)];
  const items = refuse.flatMap((item, index) => shuffled([item, at(comply, index)], rng));
  return items.slice(0, numItems);
}
