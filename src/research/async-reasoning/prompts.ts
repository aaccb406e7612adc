/** Texts of design B, and what both designs share. Raw ChatML without a system turn, as in the reference data. */

/** The user turn stays open, so that it can grow; the thinker's prefix closes it. */
export const INPUT_OPENING = '<|im_start|>user\n';
export const THINKER_PREFIX = '<|im_end|>\n<|im_start|>assistant\n<think>';
/** First tokens of the streams; each is pending until its stream's first forward. */
export const THINKER_PENDING = '\n';
export const WRITER_PREFIX = ' ... [SYSTEM: thoughts will continue here]\n</think>';
export const WRITER_PENDING = '\n\n';
export const PROBE_PROMPT =
  '<|im_start|>user\nYou think and write at the same time. When asked, decide whether writing may go on: ' +
  'answer yes if the thoughts are enough for the next paragraph, even if the task is not solved yet, ' +
  'and no if the response has run out of thoughts.<|im_end|>\n<|im_start|>assistant\n<think>\n';
/** Quoted from the authors' code (Apache-2.0). */
export const PROBE_QUESTION =
  '...\n\nWait, are my current thoughts enough to write the next paragraph or formula? (yes/no): ';
/** Closes an answer and opens the next question, in both designs. */
export const NEXT_TURN = '<|im_end|>\n<|im_start|>user\n';
/** Told to the thinker when text that it has read was changed. */
export const EDIT_NOTE = ' ... [SYSTEM: the user has changed the question above]\n';

/** Told to the thinker with a remark, which also stands in the input block. @param number  of the remark, from 1 */
export function remarkForThinker(number: number, remark: string): string {
  return ` ... [SYSTEM: additional user input ${number} received]\n\nThe user adds: "${remark}"\n`;
}

/** Told to the writer. */
export function remarkForWriter(number: number): string {
  return ` ... [SYSTEM: additional user input ${number} received]\n\n`;
}
