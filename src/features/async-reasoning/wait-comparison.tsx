import type { ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { thinkThenAnswerOf, waitOf, type ThinkThenAnswer, type Wait } from '@/state/reasoning-waits.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatSeconds } from '@/ui/format.ts';
import { useNow } from '@/ui/use-now.ts';

/** The two numbers that matter, on one scale: what was waited, and what think-then-answer would have taken. */
export function WaitComparison(): ReactElement {
  const clock = useAppState(
    useShallow(({ reasoning: { phase, sentMs, firstAnswerMs, startedAtMs } }) => ({
      phase,
      sentMs,
      firstAnswerMs,
      startedAtMs,
    })),
  );
  const now = useNow(waitOf(clock, 0).kind === 'running');
  const wait = waitOf(clock, now);
  const other = useAppState(useShallow(({ reasoning }) => thinkThenAnswerOf(reasoning)));
  const waitedMs = 'elapsedMs' in wait ? wait.elapsedMs : 0;
  const otherMs = other?.elapsedMs ?? 0;
  const longest = Math.max(waitedMs, otherMs, 1);
  return (
    <div className="waits" role="group" aria-label="Waiting, compared">
      <span className="waits__name">{wait.kind === 'running' ? 'you wait' : 'you waited'}</span>
      <WaitBar actor="writer" share={waitedMs / longest} />
      <Fact {...waitTexts(wait)} meaning="From Enter to the first token of the answer on the screen." />
      <span className="waits__name">think-then-answer would</span>
      <WaitBar actor="thinker" share={otherMs / longest} />
      <span className="waits__value">
        {other?.isAtLeast === true && 'at least '}
        {other === null ? <Fact value={'\u2013'} unit="" meaning={OTHER_UNKNOWN} /> : <OtherWait other={other} />}
      </span>
    </div>
  );
}

const OTHER_UNKNOWN =
  'Had nothing been written before the thoughts were complete, so long would the wait have been. Known after Enter.';

function OtherWait({ other }: { readonly other: ThinkThenAnswer }): ReactElement {
  const { thinkerTokens, msPerStep, isAtLeast } = other;
  const open = isAtLeast ? ' The thoughts have not ended by themselves, so it is at least that.' : '';
  return (
    <Fact
      value={formatSeconds(other.elapsedMs)}
      unit="s"
      meaning={`Estimate: it thinks after Enter only, so all ${thinkerTokens} thought tokens would come before the first word, at the measured ${Math.round(msPerStep)} ms for a step of thinking alone.${open}`}
    />
  );
}

function WaitBar({ actor, share }: { readonly actor: 'writer' | 'thinker'; readonly share: number }): ReactElement {
  return (
    <span className="waits__bar" data-actor={actor} aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}

function waitTexts(wait: Wait): { readonly value: string; readonly unit: string } {
  switch (wait.kind) {
    case 'notSent':
      return { value: '\u2013', unit: '' };
    case 'none':
      return { value: '0.0', unit: 's' };
    case 'unanswered':
      return { value: 'no answer', unit: '' };
    case 'running':
    case 'over':
      return { value: formatSeconds(wait.elapsedMs), unit: 's' };
    default:
      return wait satisfies never;
  }
}
