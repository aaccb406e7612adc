import type { PairedDifference } from '@/protocol/evaluation.ts';

const USUAL_LEVEL = 0.05;

/** A difference in one or two sentences, without claiming more than the test allows. */
export function pairText(pair: PairedDifference): string {
  const { first, second, numItems, onlyFirstCorrect, onlySecondCorrect, difference, pValue } = pair;
  if (numItems === 0) return 'No question has been answered by both yet.';
  const questions = numItems === 1 ? '1 question' : `${numItems} questions`;
  if (onlyFirstCorrect + onlySecondCorrect === 0) {
    return `Both right on the same of ${questions}: nothing here tells them apart.`;
  }
  if (difference === 0) return `Each alone right equally often on ${questions}: nothing here tells them apart.`;
  const [better, worse] = difference > 0 ? [first, second] : [second, first];
  const points = Math.abs(difference * 100).toFixed(1);
  const fact = `${better} was right ${points} points more often than ${worse} on ${questions}.`;
  return pValue < USUAL_LEVEL
    ? `${fact} That is seldom chance.`
    : `${fact} That may well be chance; more questions would tell.`;
}

export function pValueText(pValue: number): string {
  if (pValue < 0.001) return '< 0.001';
  return pValue.toFixed(pValue < 0.1 ? 3 : 2);
}
