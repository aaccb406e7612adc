/** The question of one turn of a live run: what is typed, what is encoded of it, and when which part was first read. */
import type { Draft, ReasoningSettings } from '@/protocol/reasoning.ts';
import { commonPrefixLength, type DraftEdit, planDraftEdit, readableText } from './draft-edit.ts';
import type { ReasoningSession } from './reasoning-session.ts';

/** Tokens that an edit may cut while thoughts built on them are kept by size: a choice, about a word or two. */
export const MAX_KEPT_EDIT = 4;

export type EditPolicy = 'keep' | 'rewind' | 'restart';

/** What the streams held when the text that was read had grown to a length. */
export interface ReadMark {
  /** UTF-16 units: a token may join text that was read at different times. */
  readonly textLength: number;
  readonly thinkerLength: number;
  /** 0 while the writer had not started. */
  readonly writerLength: number;
}

export class LiveDraft {
  draft: Draft = { text: '', sent: false };
  /** What the input block holds. */
  inputIds: readonly number[] = [];
  /** The text that `inputIds` are a beginning of; all of it, unless a long draft was read in part. */
  #inputText = '';
  #marks: readonly ReadMark[] = [];
  readonly #encode: (text: string) => readonly number[];
  #planned: { readonly draft: Draft; readonly inputIds: readonly number[]; readonly edit: DraftEdit } | undefined;

  /** @param encode  ids of a text; control tokens stay text */
  constructor(encode: (text: string) => readonly number[]) {
    this.#encode = rememberLast(encode);
  }

  get isSent(): boolean {
    return this.draft.sent;
  }

  /** Sending white space is not sending. */
  read({ text, sent, settled }: Draft): void {
    this.draft = { text, sent: sent && text.trim() !== '', settled: settled ?? false };
  }

  /** Text that was read is not held back again while its last word grows. */
  get #readable(): string {
    const readable = readableText(this.draft);
    const isReadFurther = readable.length < this.#inputText.length && this.draft.text.startsWith(this.#inputText);
    return isReadFurther ? this.#inputText : readable;
  }

  /** What is still to be done to the input block. Remembered, because most steps find the same draft and input. */
  plan(): DraftEdit {
    if (this.#planned?.draft !== this.draft || this.#planned.inputIds !== this.inputIds) {
      const edit = planDraftEdit(this.inputIds, this.draft, this.#encode, this.#readable);
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
    const isSame = text === this.#inputText || text === `${this.#inputText}\n`;
    return isSame && this.#encode(this.#inputText).length === this.inputIds.length;
  }

  /** Whether the draft changes text that was read, rather than going on behind it. */
  get isEdit(): boolean {
    const { keep } = this.plan();
    return keep < this.inputIds.length && !this.#readable.startsWith(this.#inputText);
  }

  /** The input block now holds its first `keep` tokens and `ids`. */
  encoded(keep: number, ids: readonly number[]): void {
    const readable = this.#readable;
    if (readable !== this.#inputText) {
      const unchanged = commonPrefixLength(this.#inputText, readable);
      // Of what was read together the front may be left: it keeps its mark.
      this.#marks = this.#marks
        .map((mark) => ({ ...mark, textLength: Math.min(mark.textLength, unchanged) }))
        .filter(({ textLength }, i, marks) => textLength > (marks[i - 1]?.textLength ?? 0));
      this.#inputText = readable;
    }
    if (keep < this.inputIds.length || ids.length > 0) this.inputIds = [...this.inputIds.slice(0, keep), ...ids];
  }

  /** Remembers what the streams hold when the text has come to be read. */
  mark({ streams, isWriterStarted }: Pick<ReasoningSession, 'streams' | 'isWriterStarted'>): void {
    const textLength = this.#inputText.length;
    if ((this.#marks.at(-1)?.textLength ?? 0) >= textLength) return;
    const writerLength = isWriterStarted ? streams.writer.tokens.length : 0;
    this.#marks = [...this.#marks, { textLength, thinkerLength: streams.thinker.tokens.length, writerLength }];
  }

  /** What the streams held when text that the draft changes was first read; undefined if none of it was. */
  whenChangedWasRead(): ReadMark | undefined {
    const unchanged = commonPrefixLength(this.#inputText, this.#readable);
    return this.#marks.find((mark) => mark.textLength > unchanged);
  }

  /** Everything begins anew: nothing rests on what was read before. */
  forgetMarks(): void {
    this.#marks = [];
  }
}

/** What is read of a draft and what is held back: a long draft is looked at before each of its pieces. */
const REMEMBERED = 2;

function rememberLast(encode: (text: string) => readonly number[]): (text: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (text) => {
    const ids = known.get(text) ?? encode(text);
    known.delete(text);
    known.set(text, ids);
    for (const oldest of known.keys()) if (known.size > REMEMBERED) known.delete(oldest);
    return ids;
  };
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
