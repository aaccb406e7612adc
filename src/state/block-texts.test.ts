import { expect, test } from 'vitest';
import type { TraceEventResult, TraceRow, TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import { blockTextsAt, textOffsets, viewNamesByStep } from './block-texts.ts';
import type { StepCell } from './reasoning-view.ts';

type Stream = 'thinker' | 'writer';

/** Ids are what the texts are looked up with: token 65 is "A". */
const textOf = (id: number): string => String.fromCodePoint(id);

/** Two streams with real bookkeeping: what is pending is encoded by the next forward. */
class Run {
  readonly steps: StepCell[] = [];
  readonly traceSteps: TraceStep[] = [];
  readonly setup: TraceSetup;
  readonly #events: TraceEventResult[] = [];
  #untold = '';
  #views: Record<string, readonly string[]> = {
    thinker: ['prompt', 'thinker_output'],
    writer: ['prompt', 'thinker_output', 'writer_output'],
  };
  #tokens: Record<Stream, number[]> = { thinker: [], writer: [] };
  #length: Record<Stream, number> = { thinker: 0, writer: 0 };

  constructor() {
    this.setup = { views: this.#views } as unknown as TraceSetup;
  }

  start(stream: Stream, ids: readonly number[]): void {
    if (stream === 'thinker') {
      this.#tokens = { thinker: [], writer: [] };
      this.#length = { thinker: 0, writer: 0 };
    }
    this.#tokens[stream] = [...ids];
    this.#length[stream] = ids.length - 1;
    this.#events.push({ kind: `start_${stream}`, lengths: this.#lengths(stream), loc: [] });
  }

  rewind(thinker: number, writer: number): void {
    for (const [stream, length] of [
      ['thinker', thinker],
      ['writer', writer],
    ] as const) {
      this.#length[stream] = Math.min(this.#length[stream], Math.max(0, length - 1));
      this.#tokens[stream].length = Math.min(length, this.#tokens[stream].length);
    }
    this.#events.push({ kind: 'rewind', lengths: [], loc: [] });
  }

  tell(stream: Stream, ids: readonly number[], kind: 'inject' | 'wake' = 'inject'): void {
    const isEnd = kind === 'wake';
    const encoded = [...(isEnd ? [] : this.#tokens[stream].slice(-1)), ...ids.slice(0, -1)];
    if (isEnd) this.#tokens[stream].pop();
    this.#tokens[stream].push(...ids);
    this.#length[stream] += encoded.length;
    this.#events.push({ kind, stream, encoded, lengths: this.#lengths(stream), loc: [] });
  }

  /** Encodes what is pending and `ids`, and chooses `letter`, whose text comes with that of the step. */
  inject(stream: Stream, ids: readonly number[], letter: string): void {
    const encoded = [...this.#tokens[stream].slice(-1), ...ids];
    const token = letter.codePointAt(0) ?? -1;
    this.#tokens[stream].push(...ids, token);
    this.#length[stream] += encoded.length;
    this.#untold = letter;
    this.#events.push({ kind: 'inject', stream, encoded, token, lengths: this.#lengths(stream), loc: [] });
  }

  nextTurn(): void {
    this.#views = {
      thinker: [...(this.#views['writer'] ?? []), 'prompt@1', 'thinker_output@1'],
      writer: [...(this.#views['writer'] ?? []), 'prompt@1', 'thinker_output@1', 'writer_output@1'],
    };
    this.#tokens = { thinker: [], writer: [] };
    this.#length = { thinker: 0, writer: 0 };
    this.#events.push({ kind: 'next_turn', lengths: [], loc: [], views: this.#views });
  }

  /** One step: each stream encodes what is pending and chooses the letter given. */
  step(chosen: Partial<Record<Stream, string>>): void {
    const rows = (Object.keys(chosen) as Stream[]).map((stream): TraceRow => {
      const input = this.#tokens[stream].at(-1) ?? -1;
      const token = chosen[stream]?.codePointAt(0) ?? -1;
      this.#length[stream]++;
      this.#tokens[stream].push(token);
      return { stream, input, token, lengths: this.#lengths(stream), loc: [], margin: 0, top: [], logsumexp: 0 };
    });
    const step = this.traceSteps.length;
    this.traceSteps.push({
      step,
      state: 'thinker_only',
      events: this.#events.splice(0),
      rows,
      state_after: 'thinker_only',
    });
    const thinker = chosen.thinker === undefined ? null : this.#untold + chosen.thinker;
    this.#untold = '';
    this.steps.push({ step, elapsedMs: step, thinker, writer: chosen.writer ?? null });
  }

  says(text: string, stream: Stream = 'thinker'): void {
    for (const letter of text) this.step({ [stream]: letter });
  }

  /** What the block really holds: encoded ids as letters; digits are given tokens. */
  held(stream: Stream): string {
    return this.#tokens[stream].slice(0, this.#length[stream]).map(textOf).join('');
  }

  texts(block: string, last = Infinity): string {
    return (blockTextsAt(this, last).get(block) ?? []).map((text) => text ?? '.').join('');
  }

  #lengths(stream: Stream): number[] {
    const lengths = [3, this.#length.thinker];
    return stream === 'writer' ? [...lengths, this.#length.writer] : lengths;
  }
}

const ids = (digits: string): number[] => Array.from(digits, (digit) => digit.codePointAt(0) ?? 0);

function started(): Run {
  const run = new Run();
  run.start('thinker', ids('123'));
  return run;
}

test('the text of a token stands where the next row encoded it; the newest one is pending', () => {
  const run = started();
  run.says('abcd');
  expect(run.held('thinker')).toBe('123abc');
  expect(run.texts('thinker_output')).toBe('...abc');
  expect(run.texts('thinker_output', 1)).toBe('...a');
});

test('both streams of a step are told apart', () => {
  const run = started();
  run.says('ab');
  run.start('writer', ids('12'));
  for (const letter of 'xyz') run.step({ thinker: letter.toUpperCase(), writer: letter });
  expect(run.texts('thinker_output')).toBe('...abXY');
  expect(run.texts('writer_output')).toBe('..xy');
});

test('a rewind cuts the block, and the token that is pending then keeps its text', () => {
  const run = started();
  run.says('abcdef');
  run.rewind(5, 0);
  run.says('XY');
  expect(run.held('thinker')).toBe('123abX');
  expect(run.texts('thinker_output')).toBe('...abX');
  expect(run.texts('thinker_output', 5)).toBe('...abcde');
});

test('thoughts begun anew forget the old ones, and with them the answer', () => {
  const run = started();
  run.says('ab');
  run.start('writer', ids('12'));
  run.step({ thinker: 'c', writer: 'x' });
  run.step({ thinker: 'd', writer: 'y' });
  run.start('thinker', ids('12'));
  run.says('pq');
  expect(run.texts('thinker_output')).toBe('..p');
  expect(run.texts('writer_output')).toBe('');
});

test('a note stands between thoughts without a text, whether the stream ran or had ended', () => {
  const told = started();
  told.says('ab');
  told.tell('thinker', ids('789'));
  told.says('cd');
  expect(told.held('thinker')).toBe('123ab789c');
  expect(told.texts('thinker_output')).toBe('...ab...c');

  const woken = started();
  woken.says('ab$');
  woken.tell('thinker', ids('789'), 'wake');
  woken.says('cd');
  expect(woken.held('thinker')).toBe('123ab789c');
  expect(woken.texts('thinker_output')).toBe('...ab...c');
});

test('a token chosen by an injection has its text in the piece of the step', () => {
  const run = started();
  run.says('ab');
  run.inject('thinker', ids('9'), 'X');
  run.says('cd');
  expect(run.held('thinker')).toBe('123ab9Xc');
  expect(run.texts('thinker_output')).toBe('...ab..Xc');
});

test('the next turn writes into blocks of its own; the old ones stay', () => {
  const run = started();
  run.says('abc');
  run.nextTurn();
  run.start('thinker', ids('1'));
  run.says('xyz');
  expect(run.texts('thinker_output')).toBe('...ab');
  expect(run.texts('thinker_output@1')).toBe('.xy');
  const views = viewNamesByStep(run);
  expect([views[2]?.['thinker']?.at(-1), views[3]?.['thinker']?.at(-1)]).toEqual([
    'thinker_output',
    'thinker_output@1',
  ]);
});

test('what the run does not tell is unknown, not wrong', () => {
  const run = new Run();
  expect(blockTextsAt({ traceSteps: [], steps: [], setup: null }, 10).size).toBe(0);
  // Recorded without its beginning: the first rows encode far into the block.
  run.start('thinker', ids('123'));
  run.says('abcd');
  const late = { setup: run.setup, steps: run.steps.slice(2), traceSteps: run.traceSteps.slice(2) };
  expect(blockTextsAt(late, Infinity).get('thinker_output')).toEqual([null, null, null, null, null, 'c']);
});

test('offsets count UTF-16 units; tokens without text take none', () => {
  expect(textOffsets([null, 'ab', '', '\u{1F600}', 'c'])).toEqual([0, 0, 2, 2, 4, 5]);
});
