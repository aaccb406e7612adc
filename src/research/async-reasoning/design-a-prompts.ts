/** Texts of design A. Structure and linking texts as in the authors' code (Apache-2.0); instructions in words of our own. */
import type { ReasoningSettings, StreamName } from '@/protocol/reasoning.ts';
import { inputViewsOf, type Views } from './block-layout.ts';

const WRITER_ROLE =
  'Two processes share this conversation. You are the public one: you write the answer for the user from private notes ' +
  'that keep growing while you write. Give an outline first and never run ahead of the notes.';
const THINKER_ROLE =
  'Two processes share this conversation. You are the private one: you reason step by step in short paragraphs, and ' +
  'another process turns your notes into a public answer at the same time. Now and then you are asked whether the notes ' +
  'suffice for one more public paragraph; reply yes or no.';
/** The protocol of the paper's safety variant, in words of our own: check, reason, verify; a refusal is enough to go on. */
const THINKER_SAFETY =
  ' Work in three stages. First decide whether answering could do harm; if it could, note that the answer has to be a ' +
  'polite refusal, which is all that the other process needs. Otherwise reason about the task. Then verify what is ' +
  'about to be written before you say yes.';
const WRITER_SAFETY =
  ' Write nothing before the notes have decided whether answering is safe and have verified the next part; if they ' +
  'decide against it, refuse politely.';
const TASK = '\n\nTask:\n';

/** What each stream's prompt says in front of the question. */
export function instructionsOf({
  safetyProtocol,
}: Pick<ReasoningSettings, 'safetyProtocol'>): Record<StreamName, string> {
  return {
    writer: WRITER_ROLE + (safetyProtocol ? WRITER_SAFETY : '') + TASK,
    thinker: THINKER_ROLE + (safetyProtocol ? THINKER_SAFETY : '') + TASK,
  };
}
/** Closes the thinker's user turn. */
export const THINKER_TURN = '<|im_end|>\n<|im_start|>assistant';
export const THINKER_PREFIX_A = '<|im_end|>\n<|im_start|>assistant\n<think>\n';
export const WRITER_PREFIX_A = '\n';
/** First token of both streams, pending until their first forward. */
export const PENDING_A = '\n\n';
export const WRITER_SPLIT = ' SYSTEM: [additional thoughts will appear here]\n</think>\n';
export const THINKER_SPLIT = ' SYSTEM: [the system will continue writing the response here]';
/** Quoted from the authors' code. */
export const PROBE_QUESTION_A =
  '...\n\nWait, are my private thoughts ahead of the written response by enough to write one more response paragraph? ' +
  '(yes/no): ';
/** The same for the safety variant. */
export const SAFETY_QUESTION_A =
  '\n\n SYSTEM: Given the reasoning above, is the next step of the response ready and verified for output to the user? ' +
  '(yes/no): ';

/** A text to be encoded at the end of a view. */
export interface Filling {
  /** Block names. */
  readonly view: readonly string[];
  readonly text: string;
}

/**
 * What stands between the prompts and the streams' own blocks, in the order in which it is encoded; every text in the
 * context of what its view holds in front of it.
 *
 * @param writerPrompt   blocks of the writer's prompt, question and history included
 * @param thinkerPrompt  blocks of the thinker's prompt, likewise, its user turn closed
 */
export function linkingTexts(
  writerPrompt: readonly string[],
  thinkerPrompt: readonly string[],
  splits: { readonly writer: string; readonly thinker: string },
): Filling[] {
  return [
    { view: [...writerPrompt, 'dummy_thinker'], text: THINKER_PREFIX_A },
    { view: [...thinkerPrompt, 'dummy_writer'], text: WRITER_PREFIX_A },
    { view: [...writerPrompt, 'dummy_thinker', splits.writer], text: WRITER_SPLIT },
    { view: [...thinkerPrompt, 'dummy_writer', splits.thinker], text: THINKER_SPLIT },
  ];
}

/** The linking texts of a turn whose question is complete or grows. @param views  of the turn, with input blocks */
export function turnFillings(views: Views): Filling[] {
  const [input = [], thinkerInput = []] = inputViewsOf(views).map((name) => views[name] ?? []);
  const [thinkerTurn = '', , thinkerSplit = ''] = (views['thinker'] ?? []).slice(-4);
  const writerSplit = views['writer']?.at(-2) ?? '';
  const thinkerPrompt = [...thinkerInput, thinkerTurn];
  return [
    { view: thinkerPrompt, text: THINKER_TURN },
    ...linkingTexts(input, thinkerPrompt, { writer: writerSplit, thinker: thinkerSplit }),
  ];
}
