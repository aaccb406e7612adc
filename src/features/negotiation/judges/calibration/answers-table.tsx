import type { ReactElement } from 'react';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { ComparedAnswer, JudgeCalibrationView } from '@/state/judge-calibration-slice.ts';

/** Every answer with both verdicts; its text is behind its name. */
export function AnswersTable({ view }: { readonly view: JudgeCalibrationView }): ReactElement {
  const { answers, verdicts } = view;
  return (
    <section className="judge-calibration__part" aria-labelledby="judge-answers">
      <h3 id="judge-answers">Answers</h3>
      <table className="judge-calibration__table">
        <thead>
          <tr>
            <th scope="col">Answer</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map(([first, second], index) => (
            // oxlint-disable-next-line react/no-array-index-key -- the same answer may come twice
            <tr key={index}>
              <td className="judge-calibration__answer">
                <AnswerText compared={answers[index]} />
              </td>
              <td>
                <VerdictText verdict={first} />
              </td>
              <td>
                <VerdictText verdict={second} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function AnswerText({ compared }: { readonly compared: ComparedAnswer | undefined }): ReactElement {
  return (
    <details>
      <summary>{compared?.name}</summary>
      <p>{compared?.answer.completion}</p>
    </details>
  );
}

function VerdictText({ verdict }: { readonly verdict: JudgeVerdict }): ReactElement {
  if (verdict.state === 'scored') return <>{verdict.score.toFixed(2)}</>;
  return (
    <span className="readings__unreadable" title={verdict.reason}>
      not read
    </span>
  );
}
