/** The streams of a trace, turn by turn, with the step at which each token was chosen. */
import { groupBy } from '@/lib/group-by.ts';
import type { ReasoningTrace, StreamName, TraceEventResult, TraceInputEvent, TraceRow } from '@/protocol/reasoning.ts';
import type { TokenChoice } from '@/protocol/scenario/outcome.ts';

export interface TraceStream {
  /** From 0 on. */
  readonly turn: number;
  readonly stream: StreamName;
  readonly tokenIds: readonly number[];
  /** Left out where the walk through the events does not end at the trace's own tokens. */
  readonly choices?: readonly (TokenChoice | null)[];
}

const STREAMS: readonly StreamName[] = ['thinker', 'writer'];

export function traceStreams(trace: ReasoningTrace): TraceStream[] {
  const { turns = [], final } = trace.result;
  const walked = walk(trace);
  return [...turns, final].flatMap((tokens, turn) =>
    STREAMS.map((stream): TraceStream => {
      const tokenIds = tokens[`${stream}_tokens`];
      const found = walked[turn]?.[stream] ?? [];
      const isSame = found.length === tokenIds.length && found.every(({ id }, i) => id === tokenIds[i]);
      return { turn, stream, tokenIds, ...(isSame && { choices: found.map(({ choice }) => choice) }) };
    }),
  );
}

interface WalkedToken {
  readonly id: number;
  readonly choice: TokenChoice | null;
}

type Walked = Record<StreamName, WalkedToken[]>;

function walk({ setup, result }: ReasoningTrace): Walked[] {
  const isLive = setup.events.some(({ kind }) => kind === 'start_thinker');
  const begun = isLive ? { thinker: [], writer: [] } : setup.stream_tokens;
  let streams: Walked = { thinker: given(begun.thinker), writer: given(begun.writer) };
  const turns: Walked[] = [streams];
  const events = groupBy(setup.events, ({ step }) => step);
  for (const { step, rows, events: results = [] } of result.steps) {
    for (const [i, event] of (events.get(step) ?? []).entries()) {
      if (event.kind === 'next_turn') {
        streams = { thinker: [], writer: [] };
        turns.push(streams);
      } else applyEvent(streams, event, results[i]);
    }
    for (const row of rows) streams[row.stream].push({ id: row.token, choice: choiceOf(row, step) });
  }
  return turns;
}

function applyEvent(streams: Walked, event: TraceInputEvent, result: TraceEventResult | undefined): void {
  switch (event.kind) {
    case 'start_thinker':
      streams.thinker = given(event.ids);
      streams.writer = [];
      return;
    case 'start_writer':
      streams.writer = given(event.ids);
      return;
    case 'rewind':
      for (const stream of STREAMS) streams[stream] = streams[stream].slice(0, event[stream]);
      return;
    case 'wake':
      streams[event.stream] = [...streams[event.stream].slice(0, -1), ...given(event.ids)];
      return;
    case 'inject':
      streams[event.stream].push(...given(event.ids));
      if (event.choose !== false && result?.token !== undefined)
        streams[event.stream].push({ id: result.token, choice: choiceOf(result, event.step) });
      return;
    case 'append_input':
    case 'edit_input':
    case 'set_params':
    case 'fill':
    case 'hold_writer':
    case 'next_turn':
  }
}

function given(ids: readonly number[]): WalkedToken[] {
  return ids.map((id) => ({ id, choice: null }));
}

function choiceOf({ margin, top }: Partial<Pick<TraceRow, 'margin' | 'top'>>, step: number): TokenChoice {
  return { step, ...(margin !== undefined && { margin }), ...(top && { top: top.slice(0, 2) }) };
}
