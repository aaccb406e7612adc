import { Failure } from '@/lib/failure.ts';
import { at } from '@/lib/assert.ts';
import type { FailureCode } from '@/protocol/failures.ts';

export interface SequenceRow {
  readonly promptIds: readonly number[];
  readonly completionIds: readonly number[];
}

/** A completion token whose log-probability is wanted. */
export interface Entry {
  /** Index of the row among all rows of the call. */
  readonly row: number;
  /** Index into the row's completion. */
  readonly index: number;
  readonly tokenId: number;
  /** The packed token whose hidden state predicts it. */
  readonly hiddenRow: number;
}

/**
 * Rows packed one behind the other, without padding. A prompt that several rows share stands once, in front of their own
 * tokens; every own token sees the prompt and its own row, so the numbers are those of separate rows. A completion's last
 * token is predicted but never read, and is left out.
 */
export interface PackedPass {
  readonly tokenIds: Uint32Array<ArrayBuffer>;
  /** [N, 4]: first token of the shared prompt, its length, the token's own start, end of the tokens that see it. */
  readonly tokenWords: Uint32Array<ArrayBuffer>;
  /** In the order of `hiddenRow`. */
  readonly entries: readonly Entry[];
  /** [N, 2]: the entries that a token predicts, as (first, count). */
  readonly spans: Uint32Array<ArrayBuffer>;
}

export interface PackOptions {
  /** Most tokens of one pass. */
  readonly tokensPerPass: number;
  /** Encode equal prompts once. Not with dropout, whose masks belong to a row. */
  readonly sharePrompts: boolean;
}

/**
 * Rows without a completion take part in no pass. Rows of equal prompts come together where they fit.
 *
 * @throws {Failure} 'invalidConfig' if a row has no prompt or is longer than a pass
 */
export function packRows(rows: readonly SequenceRow[], options: PackOptions): PackedPass[] {
  const groups = new Map<string, number[]>();
  rows.forEach((row, index) => {
    checkRow(row, index, options.tokensPerPass);
    if (row.completionIds.length === 0) return;
    const key = options.sharePrompts ? row.promptIds.join() : String(index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  const passes: PassBuilder[] = [];
  let current = new PassBuilder();
  for (const group of groups.values()) {
    let waiting = group;
    while (waiting.length > 0) {
      const fitting = rowsThatFit(rows, waiting, options.tokensPerPass - current.numTokens);
      if (fitting > 0) {
        current.addGroup(rows, waiting.slice(0, fitting));
        waiting = waiting.slice(fitting);
      }
      if (waiting.length > 0) {
        passes.push(current);
        current = new PassBuilder();
      }
    }
  }
  if (current.numTokens > 0) passes.push(current);
  return passes.map((pass) => pass.finish());
}

function checkRow(row: SequenceRow, index: number, tokensPerPass: number): void {
  const length = row.promptIds.length + Math.max(0, row.completionIds.length - 1);
  if (row.promptIds.length === 0)
    throw new Failure<FailureCode>(
      'invalidConfig',
      `rows[${index}].promptIds: a prompt of one token or more is needed.`,
    );
  if (length > tokensPerPass)
    throw new Failure<FailureCode>(
      'invalidConfig',
      `rows[${index}] has ${length} tokens, a pass takes ${tokensPerPass}: raise tokensPerPass or cut the row.`,
    );
}

/** How many of the first rows of a group fit, their prompt included. */
function rowsThatFit(rows: readonly SequenceRow[], group: readonly number[], room: number): number {
  let used = at(rows, at(group, 0)).promptIds.length;
  let count = 0;
  for (const index of group) {
    used += at(rows, index).completionIds.length - 1;
    if (used > room) break;
    count++;
  }
  return count;
}

class PassBuilder {
  readonly #tokenIds: number[] = [];
  readonly #tokenWords: number[] = [];
  readonly #entries: Entry[] = [];

  get numTokens(): number {
    return this.#tokenIds.length;
  }

  /** The prompt once, then each row's completion without its last token. */
  addGroup(rows: readonly SequenceRow[], group: readonly number[]): void {
    const { promptIds } = at(rows, at(group, 0));
    const prompt = this.numTokens;
    const ownLengths = group.map((index) => at(rows, index).completionIds.length - 1);
    const end = prompt + promptIds.length + ownLengths.reduce((sum, length) => sum + length, 0);
    for (const id of promptIds) this.#addToken(id, [0, 0, prompt, end]);
    group.forEach((row, i) => {
      const { completionIds } = at(rows, row);
      const own = this.numTokens;
      const ownEnd = own + at(ownLengths, i);
      completionIds.forEach((tokenId, index) => {
        const hiddenRow = index === 0 ? prompt + promptIds.length - 1 : own + index - 1;
        this.#entries.push({ row, index, tokenId, hiddenRow });
        if (own + index < ownEnd) this.#addToken(tokenId, [prompt, promptIds.length, own, ownEnd]);
      });
    });
  }

  finish(): PackedPass {
    const entries = this.#entries.toSorted((a, b) => a.hiddenRow - b.hiddenRow || a.row - b.row);
    const spans = new Uint32Array(2 * this.numTokens);
    entries.forEach(({ hiddenRow }, index) => {
      if (spans[2 * hiddenRow + 1] === 0) spans[2 * hiddenRow] = index;
      spans[2 * hiddenRow + 1] = at(spans, 2 * hiddenRow + 1) + 1;
    });
    return {
      tokenIds: Uint32Array.from(this.#tokenIds),
      tokenWords: Uint32Array.from(this.#tokenWords),
      entries,
      spans,
    };
  }

  #addToken(tokenId: number, words: readonly [number, number, number, number]): void {
    this.#tokenIds.push(tokenId);
    this.#tokenWords.push(...words);
  }
}
