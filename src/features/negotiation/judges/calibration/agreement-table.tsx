import type { ReactElement } from 'react';
import type { JudgeAgreement } from '@/protocol/negotiation-api.ts';
import {
  NEGOTIATION_PAPER_SOURCE,
  PAPER_CONDITIONAL_MEANS,
  PAPER_JUDGE_AGREEMENTS,
  type PaperJudgeAgreement,
} from '@/protocol/negotiation-paper-results.ts';
import { percentText } from '../score-texts.ts';

type Figure = 'exact' | 'withinOne' | 'pearson' | 'quadraticKappa';

interface FigureText {
  readonly figure: Figure;
  readonly name: string;
  readonly meaning: string;
  readonly text: (value: number) => string;
}

const FIGURES: readonly FigureText[] = [
  { figure: 'exact', name: 'Equal', meaning: 'Share of equal scores; means are rounded.', text: percentText },
  { figure: 'withinOne', name: 'Within 1', meaning: 'Share at most one point apart.', text: percentText },
  {
    figure: 'pearson',
    name: 'Pearson r',
    meaning: 'Of the scores as they are; 1: on one line.',
    text: (value) => value.toFixed(2),
  },
  {
    figure: 'quadraticKappa',
    name: 'Quadratic κ',
    meaning: 'Beyond chance, far misses count more; 0: chance.',
    text: (value) => value.toFixed(2),
  },
];

/** Our two judges beside the paper's, and what the second gives where the first gave a score. */
export function AgreementTable({ agreement }: { readonly agreement: JudgeAgreement }): ReactElement {
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard */}
      <div className="judge-calibration__scroll" tabIndex={0} role="region" aria-label="Agreement, table">
        <table className="judge-calibration__table">
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Figure</span>
              </th>
              <th scope="col" className="judge-calibration__own">
                A and B
              </th>
              {PAPER_JUDGE_AGREEMENTS.map((paper) => (
                <th scope="col" key={paper.second + paper.first} className="judge-calibration__paper">
                  <span>paper</span> {paper.first} and {paper.second}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {FIGURES.map((row) => (
              <FigureRow key={row.figure} row={row} agreement={agreement} />
            ))}
          </tbody>
        </table>
      </div>
      <ConditionalMeans agreement={agreement} />
      <p className="judge-note">
        Marked “paper”: {NEGOTIATION_PAPER_SOURCE.title}, {NEGOTIATION_PAPER_SOURCE.reference} (
        {NEGOTIATION_PAPER_SOURCE.licence}), 100 dialogues of its own. Other answers and other judges: no contest, only
        a scale. With {agreement.count} answers, yours are rough.
      </p>
    </>
  );
}

interface FigureRowProps {
  readonly row: FigureText;
  readonly agreement: JudgeAgreement;
}

function FigureRow({ row: { figure, name, meaning, text }, agreement }: FigureRowProps): ReactElement {
  const value = agreement[figure];
  return (
    <tr>
      <th scope="row">
        {name} <span>{meaning}</span>
      </th>
      <td className="judge-calibration__own">
        {value === null ? <span title={MISSING[figure]}>not defined</span> : text(value)}
      </td>
      {PAPER_JUDGE_AGREEMENTS.map((paper: PaperJudgeAgreement) => (
        <td key={paper.second + paper.first} className="judge-calibration__paper">
          {text(paper[figure])}
        </td>
      ))}
    </tr>
  );
}

const MISSING: Readonly<Record<Figure, string>> = {
  exact: 'No answer has two scores.',
  withinOne: 'No answer has two scores.',
  pearson: 'One judge gave every answer the same score.',
  quadraticKappa: 'Both judges gave every answer the same score.',
};

function ConditionalMeans({ agreement }: { readonly agreement: JudgeAgreement }): ReactElement {
  const scores = [0, 1, 2, 3, 4, 5] as const;
  const textOf = (list: typeof PAPER_CONDITIONAL_MEANS, score: number): string => {
    const found = list.find((entry) => entry.score === score);
    return found === undefined ? '–' : `${found.mean.toFixed(2)} (${found.count})`;
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard
    <div className="judge-calibration__scroll" tabIndex={0} role="region" aria-label="Conditional means, table">
      <table className="judge-calibration__table">
        <caption>B’s mean where A gave this score, with the number of answers</caption>
        <thead>
          <tr>
            <th scope="col">A’s score</th>
            {scores.map((score) => (
              <th scope="col" key={score}>
                {score}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Yours</th>
            {scores.map((score) => (
              <td key={score}>{textOf(agreement.conditionalMeans, score)}</td>
            ))}
          </tr>
          <tr>
            <th scope="row" className="judge-calibration__paper">
              <span>paper</span> GPT-5.2 given GPT-4o-mini
            </th>
            {scores.map((score) => (
              <td key={score} className="judge-calibration__paper">
                {textOf(PAPER_CONDITIONAL_MEANS, score)}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  );
}
