/** The scripted run's blocks and streams: real bookkeeping of lengths, texts and what was read when. */
import { at } from '@/lib/assert.ts';
import type { Draft, StreamName, TextRange, TraceRow } from '@/protocol/reasoning.ts';
import { scriptedTurn, wordsOf } from './scripted-texts.ts';

interface Token {
  readonly text: string;
  /** Words of the draft that had been read when it was made. */
  readonly inputLength: number;
}

interface Block {
  readonly name: string;
  readonly length: () => number;
}

/** Words that stay, that are cut and that are added. */
export interface DraftChange {
  readonly keep: number;
  readonly removed: number;
  readonly added: readonly string[];
  readonly heldBackTokens: number;
}

const PROMPT_TOKENS = 3;
const PROBE_PROMPT_TOKENS = 12;
const PROBE_QUESTION_TOKENS = 6;

export class ScriptedStreams {
  readonly #repeats: number;
  /** Blocks of finished turns, which no longer change. */
  #history: readonly Block[] = [];
  #turn = 0;
  #input: readonly string[] = [];
  #made: Record<StreamName, Token[]> = { thinker: [], writer: [] };
  #script: Record<StreamName, string[]>;

  /** @param repeats  how often the script is played in one turn */
  constructor(repeats: number) {
    this.#repeats = repeats;
    this.#script = this.#scriptOf(0);
  }

  get turn(): number {
    return this.#turn;
  }

  get inputLength(): number {
    return this.#input.length;
  }

  isOut(stream: StreamName): boolean {
    return this.#made[stream].length >= this.#script[stream].length;
  }

  text(stream: StreamName): string {
    return this.#made[stream].map(({ text }) => text).join('');
  }

  count(stream: StreamName): number {
    return this.#made[stream].length;
  }

  next(stream: StreamName): string {
    const text = at(this.#script[stream], this.#made[stream].length);
    this.#made[stream].push({ text, inputLength: this.#input.length });
    return text;
  }

  /** Says more than was written down: at once, or at the end. */
  insert(stream: StreamName, text: string, where: 'next' | 'last'): void {
    const index = where === 'next' ? this.#made[stream].length : this.#script[stream].length;
    this.#script[stream].splice(index, 0, ...wordsOf(text));
  }

  planDraft({ text, sent, settled }: Draft): DraftChange {
    const words = wordsOf(text);
    const heldBackTokens = sent || settled === true || /\s$/.test(text) ? 0 : Math.min(1, words.length);
    const wanted = words.slice(0, words.length - heldBackTokens);
    const firstOther = wanted.findIndex((word, index) => word !== this.#input[index]);
    const keep = Math.min(this.#input.length, firstOther < 0 ? wanted.length : firstOther);
    return { keep, removed: this.#input.length - keep, added: wanted.slice(keep), heldBackTokens };
  }

  read({ keep, added }: DraftChange): void {
    this.#input = [...this.#input.slice(0, keep), ...added];
  }

  /** Thoughts that saw words of the draft behind the first `keep`. */
  thoughtsBehind(keep: number): { readonly tokens: number; readonly range: TextRange } {
    const tokens = this.#made.thinker;
    const first = tokens.findIndex(({ inputLength }) => inputLength > keep);
    const index = first < 0 ? tokens.length : first;
    const lengthOf = (part: readonly Token[]): number => part.reduce((sum, { text }) => sum + text.length, 0);
    const from = lengthOf(tokens.slice(0, index));
    return { tokens: tokens.length - index, range: { from, to: from + lengthOf(tokens.slice(index)) } };
  }

  /** Takes the newest thoughts away; the script goes on from there. */
  dropThoughts(count: number): void {
    this.#made.thinker.length -= count;
    this.#made.writer.length = 0;
  }

  nextTurn(): void {
    const { thinker, writer } = this.#made;
    const lengths = [PROMPT_TOKENS, this.#input.length, thinker.length, writer.length];
    const names = this.#ownNames();
    this.#history = [...this.#history, ...names.map((name, index) => ({ name, length: () => lengths[index] ?? 0 }))];
    this.#turn++;
    this.#input = [];
    this.#made = { thinker: [], writer: [] };
    this.#script = this.#scriptOf(this.#turn);
  }

  views(): Readonly<Record<StreamName | 'probe' | 'input', readonly string[]>> {
    const [prompt = '', input = '', thoughts = '', answer = ''] = this.#ownNames();
    return {
      thinker: this.#blocks('thinker').map(nameOf),
      writer: this.#blocks('writer').map(nameOf),
      probe: ['mode_switching_prompt', thoughts, answer, 'question'],
      input: [...this.#history.map(nameOf), prompt, input],
    };
  }

  /** Sizes of the probe's forward: all of its question is new. */
  probe(): Pick<TraceRow, 'lengths' | 'loc'> {
    const { thinker, writer } = this.#made;
    return sizesOf([PROBE_PROMPT_TOKENS, thinker.length, writer.length, PROBE_QUESTION_TOKENS], PROBE_QUESTION_TOKENS);
  }

  /** Sizes of a forward that read so many new words of the draft. */
  reading(added: number): Pick<TraceRow, 'lengths' | 'loc'> {
    return sizesOf([...this.#history.map(({ length }) => length()), PROMPT_TOKENS, this.#input.length], added);
  }

  row(stream: StreamName): TraceRow {
    const sizes = sizesOf(
      this.#blocks(stream).map(({ length }) => length()),
      1,
    );
    return { stream, input: 0, ...sizes, token: 0, margin: 1, top: [], logsumexp: 0 };
  }

  #blocks(stream: StreamName): readonly Block[] {
    const lengths = [
      PROMPT_TOKENS,
      this.#input.length,
      this.#made.thinker.length,
      ...(stream === 'writer' ? [this.#made.writer.length] : []),
    ];
    const names = this.#ownNames();
    return [...this.#history, ...lengths.map((length, index) => ({ name: at(names, index), length: () => length }))];
  }

  #ownNames(): readonly string[] {
    const names = ['input_prompt', 'input_block', 'thinker_output', 'writer_output'];
    return this.#turn === 0 ? names : names.map((name) => `${name}@${this.#turn}`);
  }

  #scriptOf(turn: number): Record<StreamName, string[]> {
    const { thoughts, answer } = scriptedTurn(turn);
    return {
      thinker: wordsOf(`${thoughts}\n\n`.repeat(this.#repeats)),
      writer: wordsOf(`${answer}\n\n`.repeat(this.#repeats)),
    };
  }
}

/** Of a forward with so many new tokens in the last block; offsets are those of its first. */
function sizesOf(lengths: readonly number[], numNew: number): Pick<TraceRow, 'lengths' | 'loc'> {
  const loc = lengths.map((_, index) => lengths.slice(index).reduce((sum, length) => sum + length, 0) - numNew);
  return { lengths, loc };
}

function nameOf({ name }: Block): string {
  return name;
}
