import { memo, type ReactElement } from 'react';
import type { ComparisonLane } from '@/state/comparison-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { MODES, STOPS } from '../modes.ts';

/** What each way wrote, side by side, and what it thought. */
export function Answers(): ReactElement {
  const lanes = useAppState((state) => state.comparison.lanes);
  return (
    <section className="comparison__part" aria-labelledby="comparison-answers">
      <h3 id="comparison-answers">Answers</h3>
      <div className="comparison__answers">
        {lanes.map((lane) => (
          <AnswerCard key={lane.mode} lane={lane} />
        ))}
      </div>
    </section>
  );
}

// While one way runs, the texts of the others are not laid out again.
const AnswerCard = memo(function AnswerCard({ lane }: { readonly lane: ComparisonLane }): ReactElement {
  const { mode, track, run } = lane;
  return (
    <details className="answer-card" open>
      <summary>
        <strong>{MODES[mode].name}</strong> <span>{stateText(lane)}</span>
      </summary>
      <p className="answer-card__text">{track.text.writer.trim() || '–'}</p>
      {track.numTokens.thinker > 0 && (
        <details className="answer-card__thoughts" data-actor="thinker">
          <summary>
            <ActorMark actor="thinker" /> Thoughts, {run?.metrics.thinkerTokens ?? track.numTokens.thinker} tokens
          </summary>
          <p>{track.text.thinker.trim() || '–'}</p>
        </details>
      )}
    </details>
  );
});

function stateText({ status, run }: ComparisonLane): string {
  switch (status) {
    case 'waiting':
      return 'not begun';
    case 'running':
      return 'running';
    case 'unfinished':
      return 'not finished';
    case 'done':
      return run === null ? '' : STOPS[run.stop];
    default:
      return status satisfies never;
  }
}
