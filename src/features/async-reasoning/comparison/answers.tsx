import { memo, type ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { idOfWay, type ComparisonLane } from '@/state/comparison-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { secondsText } from '../metric-rows.ts';
import { endText, failureOf, nameOfWay } from './ways.ts';

/** What each way wrote, side by side, and what it thought. */
export function Answers(): ReactElement {
  const lanes = useAppState((state) => state.comparison.lanes);
  return (
    <section className="comparison__part" aria-labelledby="comparison-answers">
      <h3 id="comparison-answers">Answers</h3>
      <div className="comparison__answers">
        {lanes.map((lane) => (
          <AnswerCard key={idOfWay(lane.way)} lane={lane} />
        ))}
      </div>
    </section>
  );
}

// While one way runs, the texts of the others are not laid out again.
const AnswerCard = memo(function AnswerCard({ lane }: { readonly lane: ComparisonLane }): ReactElement {
  const { way, track, run } = lane;
  const failure = failureOf(run);
  return (
    <details className="answer-card" open>
      <summary>
        <strong>{nameOfWay(way)}</strong> <span>{stateText(lane)}</span>
      </summary>
      {failure !== null && <p className="answer-card__failure">{`${failure.message} ${FAILURES[failure.code]}`}</p>}
      <p className="answer-card__text">{track.text.writer.trim() || '–'}</p>
      {track.numTokens.thinker > 0 && (
        <details className="answer-card__thoughts" data-actor="thinker">
          <summary>
            <ActorMark actor="thinker" /> Thoughts, {thoughtsText(lane)}
          </summary>
          <p>{track.text.thinker.trim() || '–'}</p>
        </details>
      )}
    </details>
  );
});

/** Another model's tokens are not counted apart; when it had thought to an end is known. */
function thoughtsText({ way, track, run }: ComparisonLane): string {
  if (typeof way === 'string') return `${run?.metrics.thinkerTokens ?? track.numTokens.thinker} tokens`;
  const until = `until ${secondsText((track.spans.thinker.at(-1)?.toMs ?? 0) / 1000)} s`;
  const numTokens = run !== null && 'model' in run ? run.numTokens : null;
  return numTokens === null ? until : `${until}; ${numTokens} tokens with the answer`;
}

function stateText({ status, run }: ComparisonLane): string {
  switch (status) {
    case 'waiting':
      return 'not begun';
    case 'running':
      return 'running';
    case 'unfinished':
      return 'not finished';
    case 'done':
      return run === null ? '' : endText(run);
    default:
      return status satisfies never;
  }
}
