/** Rule 0: what each event does to a session. */
import { assertNever } from '@/lib/assert.ts';
import type { TraceEventResult, TraceInputEvent } from '@/protocol/reasoning.ts';
import type { ReasoningSession } from './reasoning-session.ts';

const NOTHING_ENCODED = { lengths: [], loc: [] };

export async function applyEvent(session: ReasoningSession, event: TraceInputEvent): Promise<TraceEventResult> {
  const { kind } = event;
  switch (kind) {
    case 'append_input':
      return { kind, ...(await session.append(session.viewOf(event.view ?? 'input'), event.ids)) };
    case 'edit_input':
      return { kind, ...(await session.replace(session.viewOf(event.view ?? 'input'), event.keep, event.ids)) };
    case 'inject': {
      const { stream, ids, choose = true } = event;
      return { kind, stream, ...(await (choose ? session.inject(stream, ids) : session.tell(stream, ids))) };
    }
    case 'wake': {
      const woken = await session.tell(event.stream, event.ids);
      if (event.stream === 'thinker') wakeThinker(session);
      return { kind, stream: event.stream, ...woken };
    }
    case 'fill':
      return { kind, ...(await session.replace(event.view, 0, event.ids)) };
    case 'start_thinker': {
      session.clearStreams();
      const encoded = await session.startStream('thinker', event.ids);
      session.thoughtsFrom = event.ids.length;
      session.signal({ kind: 'thinkerStarted' });
      return { kind, ...encoded };
    }
    case 'start_writer': {
      const encoded = await session.startStream('writer', event.ids);
      session.isWriterStarted = true;
      if (!session.isWriterHeld) session.signal({ kind: 'writerStarted' });
      return { kind, ...encoded };
    }
    case 'rewind':
      session.rewind('thinker', event.thinker);
      session.rewind('writer', event.writer);
      rewound(session, event.thinker);
      return { kind, ...NOTHING_ENCODED };
    case 'next_turn': {
      const encoded = await session.nextTurn(event.keep_thoughts, event.ids);
      session.isWriterHeld = false;
      return { kind, ...encoded, views: session.views };
    }
    case 'hold_writer':
      session.isWriterHeld = event.hold;
      if (event.hold) session.signal({ kind: 'writerHeld' });
      return { kind, ...NOTHING_ENCODED };
    case 'set_params': {
      const { step: _, kind: __, probing, ...params } = event;
      session.isProbing = probing ?? session.isProbing;
      session.params = { ...session.params, ...params };
      return { kind, ...NOTHING_ENCODED };
    }
    default:
      return assertNever(event);
  }
}

/** A writer that is held stays so. */
function wakeThinker(session: ReasoningSession): void {
  session.thoughtsFrom = session.streams.thinker.tokens.length;
  const isWriterReady = session.isWriterStarted && !session.isWriterHeld;
  session.signal({ kind: isWriterReady ? 'thinkerWoken' : 'thinkerStarted' });
}

/** Thoughts that had ended on what is left of them stay ended. */
function rewound(session: ReasoningSession, length: number): void {
  session.thoughtsFrom = Math.min(session.thoughtsFrom, length);
  session.signal({ kind: 'rewound' });
  const { end_of_think_ids: endIds, thought_budget: budget = 0 } = session.params;
  const isSpent = budget > 0 && session.streams.thinker.tokens.length - session.thoughtsFrom >= budget;
  if (isSpent || endIds.includes(session.pending('thinker'))) session.signal({ kind: 'thoughtsEnded' });
}
