import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import type { JudgeConfig, JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatSeconds } from '@/ui/format.ts';
import { intoView } from '@/ui/into-view.ts';
import { Notice } from '@/ui/notice.tsx';
import { HumanRubric } from './human-rubric.tsx';
import { scoreText } from './score-texts.ts';
import type { Judging } from './use-judging.ts';

const TINY: JudgedAnswer = {
  dilemma: 'Two colleagues both need the only quiet room at nine. Who gets it?',
  persona1: 'Work without any noise.',
  persona2: 'Meet people face to face.',
  completion:
    'They look at the week together, book it in turns, and ask for a second room with the numbers that they have now.',
};

interface TryProps {
  readonly judge: JudgeConfig | null;
  readonly judging: Judging;
}

/** Has one short answer judged, to see whether the judge answers at all. */
export function TryButton({ judge, judging }: TryProps): ReactElement {
  const noModel = useAppState((state) => (judge?.kind === 'engine' ? modelObstacle(state) : null));
  const isRunning = judging.phase === 'running';
  const reason = reasonOf(judge, noModel);
  return (
    <>
      <Button
        variant="default"
        title="Has one short answer judged"
        disabled={!isRunning && reason !== ''}
        onClick={() => {
          if (isRunning) judging.cancel();
          else if (judge !== null) judging.start(TINY, { judge });
        }}
      >
        {isRunning ? 'Cancel test' : 'Test'}
      </Button>
      {reason !== '' && !isRunning && <span className="judge-note">{reason}</span>}
    </>
  );
}

/** Why it cannot be asked; empty when it can. */
function reasonOf(judge: JudgeConfig | null, noModel: string | null): string {
  if (judge === null) return 'Fill in what is missing first.';
  return noModel ?? '';
}

/** What the test came to. */
export function TryResult({ judging }: Pick<TryProps, 'judging'>): ReactElement {
  const { phase, judgement, failure, questions, elapsedMs } = judging;
  const verdict = judgement?.verdicts[0];
  return (
    <section className="judge-try" aria-label="Test" hidden={phase === 'idle'}>
      <div role="status">
        {phase === 'running' && (
          <p className="judge-note" ref={intoView}>
            The judge reads a short answer.
          </p>
        )}
        {verdict !== undefined && <RawVerdict verdict={verdict} elapsedMs={elapsedMs} />}
      </div>
      {questions.length > 0 && <HumanRubric questions={questions} />}
      {failure !== null && (
        <div ref={intoView}>
          <Notice what="The judge gave no answer" why={failure.message} remedy={FAILURES[failure.code]} />
        </div>
      )}
    </section>
  );
}

function RawVerdict({
  verdict,
  elapsedMs,
}: {
  readonly verdict: JudgeVerdict;
  readonly elapsedMs: number;
}): ReactElement {
  const took = `${formatSeconds(elapsedMs)} s`;
  if (verdict.state === 'unreadable')
    return (
      <div className="judge-try__result" data-state="unreadable" ref={intoView}>
        <p>
          <strong>The judge could not be read</strong> ({took}). {verdict.reason}
        </p>
        {verdict.raw !== '' && <pre className="judge-raw">{verdict.raw}</pre>}
      </div>
    );
  return (
    <div className="judge-try__result" ref={intoView}>
      <p>
        <strong>It works: CA {scoreText(verdict.score)}</strong> of 5, in {took}.{' '}
        {verdict.distribution === undefined
          ? 'Without probabilities: whole numbers.'
          : 'With probabilities: a mean over the digits.'}
      </p>
      {verdict.raw !== undefined && <pre className="judge-raw">{verdict.raw}</pre>}
    </div>
  );
}
