/**
 * Chat messages as token ids, without decoding anything that was generated: utterances are placeholders in the texts, and
 * their ids are put where the placeholders stand.
 *
 * The template is rendered with a placeholder for each message's content. What the template itself writes is read with
 * control tokens; contents are read as plain text, so nothing that a person or a model wrote can open another turn.
 */
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';

/** A prompt with the number of its tokens in front of the first utterance: what rows of one group share. */
export interface Prompt {
  readonly ids: readonly number[];
  readonly numShared: number;
}

// Of the private use area: no text of ours, and no template, has them.
const SLOT = /\u{E000}(\d+)\u{E001}/u;
const CONTENT = /\u{E002}(\d+)\u{E003}/u;
const MARKS = /[\u{E000}-\u{E003}]/gu;

/** The placeholder of `utterances[index]`. */
export function slotOf(index: number): string {
  return `\u{E000}${index}\u{E001}`;
}

/** A text from outside, without what could be taken for a placeholder. */
export function withoutSlots(text: string): string {
  return text.replaceAll(MARKS, '');
}

/**
 * @param utterances  ids by the number of their placeholder, stop tokens left out
 * @throws {Failure} 'unsupportedModel' if the template leaves a message out
 */
export function promptTokens(
  tokenizer: ChatTokenizer,
  messages: readonly ChatMessage[],
  utterances: readonly (readonly number[])[],
): Prompt {
  const { pieces, slots } = promptPieces(tokenizer, messages);
  const ids = pieces.flatMap((piece, index) => {
    const slot = slots[index];
    return slot === undefined ? piece : [...piece, ...at(utterances, slot)];
  });
  return { ids, numShared: at(pieces, 0).length };
}

/**
 * The ids between the placeholders of a prompt.
 *
 * @returns `pieces`, one more than there are placeholders, and the placeholders' numbers in their order
 * @throws {Failure} 'unsupportedModel' if the template leaves a message out
 */
export function promptPieces(
  tokenizer: ChatTokenizer,
  messages: readonly ChatMessage[],
): { readonly pieces: readonly (readonly number[])[]; readonly slots: readonly number[] } {
  const contents = messages.map(({ role }, index) => ({ role, content: `\u{E002}${index}\u{E003}` }));
  const scaffold = tokenizer.renderChat(contents).split(CONTENT);
  const shown = new Set(scaffold.filter((_, part) => part % 2 === 1).map(Number));
  if (shown.size < messages.length)
    throw new Failure<FailureCode>(
      'unsupportedModel',
      "The model's chat template leaves a message out. Choose a model whose template takes a system message.",
    );
  const slots: number[] = [];
  let piece: number[] = [];
  const pieces = [piece];
  const add = (text: string, parseSpecial: boolean): void => {
    if (text !== '') piece.push(...tokenizer.encode(text, { parseSpecial }));
  };
  for (const [part, text] of scaffold.entries()) {
    if (part % 2 === 0) {
      add(text, true);
      continue;
    }
    for (const [index, words] of at(messages, Number(text)).content.split(SLOT).entries()) {
      if (index % 2 === 0) add(words, false);
      else {
        slots.push(Number(words));
        pieces.push((piece = []));
      }
    }
  }
  return { pieces, slots };
}

/** Two messages of one role in a row become one, an empty line between them: many templates insist on alternation. */
export function joined(messages: readonly ChatMessage[]): ChatMessage[] {
  const result: ChatMessage[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (last?.role !== message.role) result.push(message);
    else result[result.length - 1] = { role: last.role, content: `${last.content}\n\n${message.content}` };
  }
  return result;
}

/** The longest common start of two lists of ids. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a[length] === b[length]) length++;
  return length;
}

/**
 * The ids of words that must be one token each, all different.
 *
 * @throws {Failure} 'unsupportedModel' naming the first word that is not
 */
export function singleTokens(tokenizer: ChatTokenizer, words: readonly string[], purpose: string): number[] {
  const ids = words.map((word) => {
    const [id, ...rest] = tokenizer.encode(word, { parseSpecial: false });
    if (id === undefined || rest.length > 0)
      throw new Failure<FailureCode>(
        'unsupportedModel',
        `"${word}" is not one token of this model's vocabulary, which ${purpose} needs. ` +
          'Choose other words for the answers, another judge, or another model.',
      );
    return id;
  });
  if (new Set(ids).size < ids.length)
    throw new Failure<FailureCode>(
      'unsupportedModel',
      `Two of "${words.join('", "')}" are the same token, so ${purpose} cannot tell them apart.`,
    );
  return ids;
}
