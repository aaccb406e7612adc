import { expect, test } from 'vitest';
import { ANSWER_LEVELS, CALIBRATION_ANSWERS } from './calibration-answers.ts';
import { HELD_OUT_DILEMMAS, HELD_OUT_PERSONA_PAIRS } from './held-out.ts';
import { PERSONA_PAIRS } from './persona-pairs.ts';

const DILEMMA_IDS = [...new Set(CALIBRATION_ANSWERS.map(({ dilemmaId }) => dilemmaId))];
const answersTo = (dilemma: string): typeof CALIBRATION_ANSWERS =>
  CALIBRATION_ANSWERS.filter(({ dilemmaId }) => dilemmaId === dilemma);
const wordsIn = (text: string): number => text.split(/\s+/).length;

test('every dilemma has one answer of each level, and nothing that is held out is used', () => {
  expect(CALIBRATION_ANSWERS).toHaveLength(12);
  expect(DILEMMA_IDS).toHaveLength(4);
  for (const dilemma of DILEMMA_IDS) expect(answersTo(dilemma).map(({ level }) => level)).toEqual(ANSWER_LEVELS);
  expect(CALIBRATION_ANSWERS.filter(({ dilemmaId }) => HELD_OUT_DILEMMAS.has(dilemmaId))).toEqual([]);
  const heldOut = PERSONA_PAIRS.filter(({ id }) => HELD_OUT_PERSONA_PAIRS.has(id)).map(({ persona1 }) => persona1);
  expect(CALIBRATION_ANSWERS.filter(({ answer }) => heldOut.includes(answer.persona1))).toEqual([]);
});

test('length does not tell good from bad: the answers to a dilemma differ by less than a tenth', () => {
  for (const dilemma of DILEMMA_IDS) {
    const lengths = answersTo(dilemma).map(({ answer }) => wordsIn(answer.completion));
    expect(Math.max(...lengths) / Math.min(...lengths), `${dilemma}: ${lengths.join(' ')}`).toBeLessThan(1.1);
  }
});
