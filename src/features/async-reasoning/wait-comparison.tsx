import type { ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { thinkThenAnswerOf, waitOf, type ThinkThenAnswer, type Wait } from '@/state/reasoning-waits.ts';
import { isTimed } from '@/state/run-items.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatSeconds } from '@/ui/format.ts';
import { useNow } from '@/ui/use-now.ts';

/** The two numbers that matter, on one scale: what was waited, and what think-then-answer would have taken. */
export function WaitComparison(): ReactElement {
  return (
    <div className="waits" data-lesson="waits" role="group" aria-label="Waiting, compared">
      <span className="waits__name">
        <WaitName />
      </span>
      <WaitBar of="wait" />
      <Fact
        value={<WaitSeconds />}
        unit="s"
        meaning="From Enter to the first token of the answer on the screen. 0: it began before Enter."
      />
      <span className="waits__name">think-then-answer would</span>
      <WaitBar of="other" />
      <span>
        <AtLeast />
        <Fact value={<OtherSeconds />} unit="s" meaning={<OtherMeaning />} />
      </span>
    </div>
  );
}

const NO_NUMBER = '\u2013';

function useWait(): Wait {
  const clock = useAppState(
    useShallow(({ reasoning: { phase, sentMs, firstAnswerMs, startedAtMs } }) => ({
      phase,
      sentMs,
      firstAnswerMs,
      startedAtMs,
    })),
  );
  // A moment of the past has a clock of its own, and a trace without times none.
  const shownMs = useAppState(({ playback, reasoning }) =>
    playback === null ? null : reasoning.startedAtMs + reasoning.elapsedMs,
  );
  const isUntimed = useIsUntimed();
  const nowMs = useNow(shownMs === null && waitOf(clock, 0).kind === 'running');
  return isUntimed ? { kind: 'notSent' } : waitOf(clock, shownMs ?? nowMs);
}

/** A trace that tells no times is shown. */
function useIsUntimed(): boolean {
  return useAppState(({ playback }) => playback !== null && playback.run !== null && !isTimed(playback.run));
}

function useOther(): ThinkThenAnswer | null {
  const other = useAppState(useShallow(({ reasoning }) => thinkThenAnswerOf(reasoning)));
  return useIsUntimed() ? null : other;
}

function msOf(wait: Wait): number | null {
  if (wait.kind === 'none') return 0;
  return 'elapsedMs' in wait ? wait.elapsedMs : null;
}

function WaitName(): ReactElement {
  return <>{useWait().kind === 'running' ? 'you wait' : 'you waited'}</>;
}

function WaitSeconds(): ReactElement {
  const elapsedMs = msOf(useWait());
  return <>{elapsedMs === null ? NO_NUMBER : formatSeconds(elapsedMs)}</>;
}

function OtherSeconds(): ReactElement {
  const other = useOther();
  return <>{other === null ? NO_NUMBER : formatSeconds(other.elapsedMs)}</>;
}

function AtLeast(): ReactElement {
  return <>{useOther()?.isAtLeast === true && 'at least '}</>;
}

/** Drawn only while it is shown. */
function OtherMeaning(): ReactElement {
  const other = useOther();
  if (other === null) {
    return (
      <>
        Had nothing been written before the thoughts were complete, so long would the wait have been. Known after Enter.
      </>
    );
  }
  return (
    <>
      Estimate: it thinks after Enter only, so all {other.thinkerTokens} thought tokens would come before the first
      word, at the measured {Math.round(other.msPerStep)} ms for a step of thinking alone.
      {other.isAtLeast && ' The thoughts have not ended by themselves, so it is at least that.'}
    </>
  );
}

function WaitBar({ of }: { readonly of: 'wait' | 'other' }): ReactElement {
  const waitedMs = msOf(useWait()) ?? 0;
  const otherMs = useOther()?.elapsedMs ?? 0;
  const share = (of === 'wait' ? waitedMs : otherMs) / Math.max(waitedMs, otherMs, 1);
  return (
    <span className="waits__bar" data-actor={of === 'wait' ? 'writer' : 'thinker'} aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}
