import { Button, Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import type { EvaluationRow, MeanEstimate } from '@/protocol/evaluation.ts';
import { PAPER_RESULTS, PAPER_SOURCE, type PaperResult } from '@/protocol/paper-results.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { saveText } from '@/ui/save-file.ts';
import { resultsCsv } from './evaluation-csv.ts';
import { figureText, intervalText, percentText, RESULT_COLUMNS, type ResultColumn } from './result-columns.ts';

const ACCURACY_MEANING =
  'Share of right answers, with its 95 % interval (Wilson). An answer that could not be read counts as wrong.';
const UNREAD_MEANING = 'Answers in which no number, letter or refusal was found.';

/** One line per configuration, shaped like the paper's Table 1; the paper's own lines below, marked as theirs. */
export function ResultsTable(): ReactElement {
  const rows = useAppState((state) => state.evaluation.summary.rows);
  return (
    <section className="evaluation__part" aria-labelledby="evaluation-table">
      <div className="evaluation__head">
        <h3 id="evaluation-table">Results</h3>
        <Button variant="default" onClick={() => saveText('duet-evaluation-table.csv', 'text/csv', resultsCsv(rows))}>
          Save table as CSV
        </Button>
      </div>
      <table className="results" aria-labelledby="evaluation-table">
        <thead>
          <tr>
            <th scope="col">Configuration</th>
            <Head label="Accuracy" unit="%" meaning={ACCURACY_MEANING} />
            {RESULT_COLUMNS.map((column) => (
              <Head key={column.key} label={column.label} unit={column.unit} meaning={column.meaning} />
            ))}
            <Head label="Unread" unit="" meaning={UNREAD_MEANING} />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <OwnRow key={row.configuration} row={row} />
          ))}
        </tbody>
        <tbody className="results__paper">
          <tr>
            <th scope="rowgroup" colSpan={RESULT_COLUMNS.length + 3}>
              The paper’s own figures: {PAPER_SOURCE.reference}: {PAPER_SOURCE.model} on an {PAPER_SOURCE.device}; not
              comparable in absolute terms
            </th>
          </tr>
          {PAPER_RESULTS.map((row) => (
            <TheirRow key={`${row.benchmark} ${row.setup}`} row={row} />
          ))}
        </tbody>
      </table>
      <p className="evaluation__note">
        Means over answers; below each its 95 % interval. The fewer questions, the wider the intervals: with ten of them
        an accuracy of 50 % may be anything from 24 to 76 %.
      </p>
    </section>
  );
}

function Head({ label, unit, meaning }: Pick<ResultColumn, 'label' | 'unit' | 'meaning'>): ReactElement {
  return (
    <th scope="col">
      <Tooltip label={meaning} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
        <span className="results__label" tabIndex={0}>
          {label}
        </span>
      </Tooltip>
      {unit !== '' && <span className="results__unit"> {unit}</span>}
    </th>
  );
}

function OwnRow({ row }: { readonly row: EvaluationRow }): ReactElement {
  const { configuration, accuracy, numItems, numCorrect, numUnread } = row;
  return (
    <tr>
      <th scope="row">{configuration}</th>
      <td data-label="Accuracy, %">
        {accuracy === null ? '–' : percentText(accuracy.value)}
        {accuracy !== null && (
          <small>
            {percentText(accuracy.low)} to {percentText(accuracy.high)}; {numCorrect} of {numItems}
          </small>
        )}
      </td>
      {RESULT_COLUMNS.map((column) => (
        <Mean key={column.key} column={column} mean={row[column.key]} numItems={numItems} />
      ))}
      <td data-label="Unread">
        {numUnread}
        <small>of {numItems}</small>
      </td>
    </tr>
  );
}

interface MeanProps {
  readonly column: ResultColumn;
  readonly mean: MeanEstimate | null;
  readonly numItems: number;
}

function Mean({ column: { label, unit }, mean, numItems }: MeanProps): ReactElement {
  const dataLabel = unit === '' ? label : `${label}, ${unit}`;
  if (mean === null) return <td data-label={dataLabel}>–</td>;
  return (
    <td data-label={dataLabel}>
      {figureText(unit, mean.mean)}
      <small>
        {intervalText(unit, mean)}
        {mean.count < numItems && `; of ${mean.count}`}
      </small>
    </td>
  );
}

function TheirRow({ row }: { readonly row: PaperResult }): ReactElement {
  return (
    <tr>
      <th scope="row">
        {row.benchmark}, {row.setup}
      </th>
      <td data-label="Accuracy, %">{percentText(row.accuracy)}</td>
      {RESULT_COLUMNS.map(({ key, label, unit, paper }) => (
        <td key={key} data-label={unit === '' ? label : `${label}, ${unit}`} data-none={paper === null}>
          {paper === null ? '–' : row[paper].toLocaleString('en', { maximumFractionDigits: 3 })}
        </td>
      ))}
      <td data-label="Unread" data-none={true}>
        –
      </td>
    </tr>
  );
}
