import type { ReasoningEvent, WaitReason } from '@/protocol/reasoning.ts';

/** A wait between two steps. */
export interface WaitSpan {
  /** The step that was next. */
  readonly step: number;
  readonly reason: WaitReason;
  readonly fromMs: number;
  /** Null while it lasts. */
  readonly toMs: number | null;
}

/**
 * @param waits     ascending; one reason after another is one span each
 * @param nextStep  the step that is next when the event comes
 */
export function waitsAfter(waits: readonly WaitSpan[], event: ReasoningEvent, nextStep: number): readonly WaitSpan[] {
  const { kind, elapsedMs } = event;
  if (kind === 'waiting') {
    return [...endedAt(waits, elapsedMs), { step: nextStep, reason: event.reason, fromMs: elapsedMs, toMs: null }];
  }
  return kind === 'resumed' || kind === 'stepped' || kind === 'stopped' ? endedAt(waits, elapsedMs) : waits;
}

function endedAt(waits: readonly WaitSpan[], elapsedMs: number): readonly WaitSpan[] {
  const last = waits.at(-1);
  if (last === undefined || last.toMs !== null) return waits;
  return [...waits.slice(0, -1), { ...last, toMs: elapsedMs }];
}
