import { Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { CA_RUBRIC } from '@/protocol/negotiation/templates-judge.ts';
import { JudgeAgain } from './judge-again.tsx';
import { massText, originOf, percentText, rubricOf, scoreText } from './score-texts.ts';

interface ScoreDetailsProps {
  readonly verdict: JudgeVerdict;
  readonly answer: JudgedAnswer | undefined;
}

/** What a score means, how sure the judge was, and what it says when it is asked again. */
export function ScoreDetails({ verdict, answer }: ScoreDetailsProps): ReactElement {
  return (
    <div className="score-details" data-lesson="score-details">
      {verdict.state === 'scored' ? <ScoredHead verdict={verdict} /> : <UnreadableHead verdict={verdict} />}
      <RubricScale verdict={verdict} />
      {verdict.state === 'scored' && <ScoredFacts verdict={verdict} />}
      {verdict.raw !== undefined && verdict.raw !== '' && (
        <div>
          <p className="score-details__label">What the judge wrote</p>
          <pre className="judge-raw">{verdict.raw}</pre>
        </div>
      )}
      {answer === undefined ? (
        <p className="score-details__note">It cannot be judged again: the answer is not at hand.</p>
      ) : (
        <JudgeAgain answer={answer} />
      )}
    </div>
  );
}

function ScoredHead({ verdict }: { readonly verdict: Extract<JudgeVerdict, { state: 'scored' }> }): ReactElement {
  const { label, content } = rubricOf(verdict.score);
  return (
    <div>
      <p className="score-details__head">
        <strong>{scoreText(verdict.score)}</strong> of 5, {label}
      </p>
      <p className="score-details__content">{content}.</p>
    </div>
  );
}

function UnreadableHead({
  verdict,
}: {
  readonly verdict: Extract<JudgeVerdict, { state: 'unreadable' }>;
}): ReactElement {
  return (
    <div className="score-details__unreadable">
      <p className="score-details__head">
        <strong>The judge could not be read</strong>
      </p>
      <p>{verdict.reason} This is no score, and not a 0: it counts in no mean and teaches nothing.</p>
    </div>
  );
}

/** The rubric from 5 to 0 with the judge's probabilities and the place of the score. */
function RubricScale({ verdict }: { readonly verdict: JudgeVerdict }): ReactElement {
  const nearest = verdict.state === 'scored' ? rubricOf(verdict.score).score : null;
  const distribution = verdict.state === 'scored' ? verdict.distribution : undefined;
  return (
    <ol className="rubric-scale" aria-label="Rubric, best first">
      {CA_RUBRIC.map(({ score, label, content }) => {
        const p = distribution?.[score];
        return (
          <li key={score} data-nearest={score === nearest} aria-current={score === nearest ? true : undefined}>
            <Tooltip label={content} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
              <span className="rubric-scale__label" tabIndex={0}>
                <span className="rubric-scale__digit">{score}</span> {label}
              </span>
            </Tooltip>
            {p !== undefined && (
              <>
                <span className="rubric-scale__bar" aria-hidden="true">
                  <span style={{ width: `${p * 100}%` }} />
                </span>
                <span className="rubric-scale__p">{percentText(p)}</span>
              </>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function ScoredFacts({ verdict }: { readonly verdict: Extract<JudgeVerdict, { state: 'scored' }> }): ReactElement {
  const mass = massText(verdict);
  return (
    <>
      <p className="score-details__note">
        {originOf(verdict)}
        {verdict.distribution !== undefined &&
          ` ${scoreText(verdict.score)} is the mean of the digits, weighted as above.`}
      </p>
      {mass !== undefined && (
        <p className="score-details__note" data-weak={mass.isWeak}>
          {mass.text}
        </p>
      )}
    </>
  );
}
