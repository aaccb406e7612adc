/**
 * What calibration asks: short, of three kinds (reckoning, explaining, listing), so that answers of one and of several
 * paragraphs occur. Written for this purpose.
 */
export const WARM_UP_QUESTIONS: readonly string[] = [
  'A shop sells 24 apples in the morning and 18 in the afternoon. How many does it sell in all?',
  'Why does ice float on water?',
  'Name three animals that lay eggs and say where each of them lives.',
];
