/** The question of one turn of a live run: what is typed, what is encoded of it, and when which part was first read. */
import type { Draft, ReasoningSettings } from '@/protocol/reasoning.ts';
import { type DraftEdit, planDraftEdit, readableText } from './draft-edit.ts';
import type { ReasoningSession } from './reasoning-session.ts';

/** Tokens that an edit may cut while thoughts built on them are kept by size: a choice, about a word or two. */
export const MAX_KEPT_EDIT = 4;

export type EditPolicy = 'keep' | 'rewind' | 'restart';

/** What the streams held when the input block had grown to a length. */
export interface ReadMark {
  readonly inputLength: number;
  readonly thinkerLength: number;
  /** 0 while the writer had not started. */
  readonly writerLength: number;
}

export class LiveDraft {
  draft: Draft = { text: '', sent: false };
  /** What the input block holds. */
  inputIds: readonly number[] = [];
  /** The text that `inputIds` are a beginning of. */
  #inputText = '';
  #marks: readonly ReadMark[] = [];
  readonly #encode: (text: string) => readonly number[];
  #planned: { readonly draft: Draft; readonly inputIds: readonly number[]; readonly edit: DraftEdit } | undefined;

  /** @param encode  ids of a text; control tokens stay text */
  constructor(encode: (text: string) => readonly number[]) {
    this.#encode = encode;
  }

  get isSent(): boolean {
    return this.draft.sent;
  }

  /** Sending white space is not sending. */
  read({ text, sent, settled }: Draft): void {
    this.draft = { text, sent: sent && text.trim() !== '', settled: settled ?? false };
  }

  /** What is still to be done to the input block. Remembered, because most steps find the same draft and input. */
  plan(): DraftEdit {
    if (this.#planned?.draft !== this.draft || this.#planned.inputIds !== this.inputIds) {
      const edit = planDraftEdit(this.inputIds, this.draft, this.#encode);
      this.#planned = { draft: this.draft, inputIds: this.inputIds, edit };
    }
    return this.#planned.edit;
  }

  get isEmpty(): boolean {
    const { keep, appendIds } = this.plan();
    return keep + appendIds.length === 0;
  }

  /** Whether the draft says what was read, but for the line end of sending. */
  get isUnchanged(): boolean {
    const text = readableText(this.draft);
    return text === this.#inputText || text === `${this.#inputText}\n`;
  }

  /** Whether the draft changes text that was read, rather than going on behind it. */
  get isEdit(): boolean {
    const { keep } = this.plan();
    return keep < this.inputIds.length && !readableText(this.draft).startsWith(this.#inputText);
  }

  /** The input block now holds its first `keep` tokens and `ids`. */
  encoded(keep: number, ids: readonly number[]): void {
    this.#inputText = readableText(this.draft);
    if (keep === this.inputIds.length && ids.length === 0) return;
    this.inputIds = [...this.inputIds.slice(0, keep), ...ids];
    this.#marks = this.#marks.filter((mark) => mark.inputLength <= keep);
  }

  /** Remembers what the streams held when the input block came to have its present length. */
  mark(session: ReasoningSession): void {
    const inputLength = this.inputIds.length;
    if (this.#marks.at(-1)?.inputLength === inputLength) return;
    const { thinker, writer } = session.streams;
    const writerLength = session.isWriterStarted ? writer.tokens.length : 0;
    this.#marks = [...this.#marks, { inputLength, thinkerLength: thinker.tokens.length, writerLength }];
  }

  /** What the streams held when a token behind the first `keep` was first read; undefined if none was. */
  whenFirstReadBehind(keep: number): ReadMark | undefined {
    return this.#marks.find((mark) => mark.inputLength > keep);
  }

  /** Everything begins anew: nothing rests on what was read before. */
  forgetMarks(): void {
    this.#marks = [];
  }
}

/**
 * What becomes of thoughts that rest on changed text.
 *
 * @param removedTokens  that the edit cuts
 */
export function policyOf(onEdit: ReasoningSettings['onEdit'], removedTokens: number): EditPolicy {
  if (onEdit !== 'auto') return onEdit;
  return removedTokens <= MAX_KEPT_EDIT ? 'keep' : 'rewind';
}
