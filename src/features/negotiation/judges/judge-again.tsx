import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import type { AnswerJudgement, JudgeConfig, JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { judgeConfigOf } from '@/state/judge-slice.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { HumanRubric } from './human-rubric.tsx';
import { nameOfJudge } from './judge-texts.ts';
import { readingNames } from './score-texts.ts';
import { useJudging, type Judging } from './use-judging.ts';

const READINGS = 4;

/** The same answer read four times, and in words by aspect. */
export function JudgeAgain({ answer }: { readonly answer: JudgedAnswer }): ReactElement {
  const again = useJudging();
  const notes = useJudging();
  const questions = [...again.questions, ...notes.questions];
  const failure = again.failure ?? notes.failure;
  return (
    <div className="judge-again">
      <Actions answer={answer} again={again} notes={notes} />
      <div role="status">
        {again.phase === 'running' && (
          <p className="score-details__note">The judge reads the answer {READINGS} times.</p>
        )}
        {notes.phase === 'running' && <p className="score-details__note">The judge writes a note on each aspect.</p>}
        {again.judgement !== null && <Readings judgement={again.judgement} />}
        {notes.judgement !== null && <Notes judgement={notes.judgement} />}
      </div>
      {questions.length > 0 && <HumanRubric questions={questions} />}
      {failure !== null && (
        <Notice what="It was not judged again" why={failure.message} remedy={FAILURES[failure.code]} />
      )}
    </div>
  );
}

interface ActionsProps {
  readonly answer: JudgedAnswer;
  readonly again: Judging;
  readonly notes: Judging;
}

function Actions({ answer, again, notes }: ActionsProps): ReactElement {
  const store = useAppStore();
  const choice = useAppState((state) => state.judgeChoice);
  const noModel = useAppState((state) => (state.judgeChoice.kind === 'engine' ? modelObstacle(state) : null));
  const toggle = (judging: Judging, options: { readonly readings?: number; readonly notes?: boolean }): void => {
    if (judging.phase === 'running') judging.cancel();
    else judging.start(answer, { judge: judgeConfigOf(store.getState()), ...options });
  };
  return (
    <>
      <p className="score-details__note">
        Judging now: {nameOfJudge(choice)}.{noModel !== null && ` ${noModel}`}
      </p>
      {/* The same buttons cancel, so that the focus stays where it is. */}
      <div className="judge-actions">
        <Button
          variant="default"
          disabled={noModel !== null || notes.phase === 'running'}
          onClick={() => toggle(again, { readings: READINGS })}
        >
          {again.phase === 'running' ? 'Cancel' : 'Judge again'}
        </Button>
        {hasNotes(choice) && (
          <Button
            variant="default"
            disabled={noModel !== null || again.phase === 'running'}
            onClick={() => toggle(notes, { notes: true })}
          >
            {notes.phase === 'running' ? 'Cancel' : 'Notes per aspect'}
          </Button>
        )}
      </div>
    </>
  );
}

/** Only what writes can write them. */
function hasNotes({ kind }: JudgeConfig): boolean {
  return kind === 'engine' || kind === 'endpoint' || kind === 'webLlm';
}

/** What was waited for comes into sight, in a box that may be full. */
function intoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

function Readings({ judgement }: { readonly judgement: AnswerJudgement }): ReactElement {
  const seesDialogue = useAppState((state) => negotiationSettingsOf(state).judgeSeesDialogue);
  const { verdicts, mean, spread } = judgement;
  const names = readingNames(seesDialogue);
  return (
    <div className="judge-again__readings" ref={intoSight}>
      <table className="readings">
        <caption>Four readings of the same answer</caption>
        <tbody>
          {verdicts.map((verdict, index) => (
            <tr key={names[index]}>
              <th scope="row">{names[index]}</th>
              <td>
                <ReadingScore verdict={verdict} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Mean and standard deviation</th>
            <td>
              {mean === null
                ? 'none could be read'
                : `${mean.toFixed(2)}${spread === null ? '' : ` ± ${spread.toFixed(2)}`}`}
            </td>
          </tr>
        </tfoot>
      </table>
      {spread !== null && <p className="score-details__note">{spreadText(spread)}</p>}
    </div>
  );
}

function ReadingScore({ verdict }: { readonly verdict: JudgeVerdict }): ReactElement {
  return verdict.state === 'scored' ? (
    <>{verdict.score.toFixed(2)}</>
  ) : (
    <span className="readings__unreadable" title={verdict.reason}>
      not read
    </span>
  );
}

/** A small spread is small only beside what is compared with these scores. */
function spreadText(spread: number): string {
  return `What differs in the readings should not change a score. Here it does, by ${spread.toFixed(2)}: two answers whose scores lie no further apart than that are not told apart.`;
}

function Notes({ judgement }: { readonly judgement: AnswerJudgement }): ReactElement {
  const { notes = [] } = judgement;
  return (
    <div className="aspect-notes">
      <p className="score-details__label">Notes per aspect, for display; no part of the score</p>
      {notes.length === 0 ? (
        <p className="score-details__note">The judge wrote none that could be read.</p>
      ) : (
        <dl>
          {notes.map(({ aspect, text }) => (
            <div key={aspect}>
              <dt>{aspect}</dt>
              <dd>{text === '' ? 'nothing' : text}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
