import { Tooltip } from '@mantine/core';
import { memo, type CSSProperties, type ReactElement } from 'react';
import type { ComparisonRun, OtherModel, OtherRun } from '@/protocol/comparison.ts';
import { idOfWay, type ComparisonWay } from '@/state/comparison-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { bestValue, isBest, metricRows, valueText, type MetricRow } from '../metric-rows.ts';
import { MODES } from '../modes.ts';
import { endText, modelName } from './ways.ts';

/** More columns than a phone has room for their heads. */
const MANY = 4;

interface MetricsTableProps {
  readonly ways: readonly ComparisonWay[];
  readonly runs: readonly (ComparisonRun | OtherRun | null)[];
}

/** All figures side by side; also what the pictures say, in words. */
export const MetricsTable = memo(function MetricsTable({ ways, runs }: MetricsTableProps): ReactElement {
  const speakingRate = useAppState(
    ({ comparison, reasoningSettings }) => (comparison.last?.settings ?? reasoningSettings).speakingRate,
  );
  return (
    <section className="comparison__part" aria-labelledby="comparison-table">
      <h3 id="comparison-table">Figures</h3>
      <table
        className="metrics"
        data-many={ways.length > MANY}
        aria-labelledby="comparison-table"
        style={{ '--num-ways': ways.length } as CSSProperties}
      >
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Figure</span>
            </th>
            {ways.map((way) => (
              <th scope="col" key={idOfWay(way)}>
                {typeof way === 'string' ? MODES[way].name : <OtherHead other={way} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metricRows(speakingRate).map((row) => (
            <Row key={row.key} row={row} ways={ways} runs={runs} />
          ))}
          <tr>
            <th scope="row">Ended</th>
            {ways.map((way, index) => (
              <td key={idOfWay(way)} className="metrics__stop">
                {endOf(runs[index])}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      <p className="metrics__note">
        ▸ marks the best of a row. Total, delays and steps count only for ways that came to the end of their answer.
      </p>
    </section>
  );
});

function OtherHead({ other }: { readonly other: OtherModel }): ReactElement {
  return (
    <>
      Other model <span className="metrics__other">{modelName(other)}</span>
    </>
  );
}

function endOf(run: ComparisonRun | OtherRun | null | undefined): string {
  return run === null || run === undefined ? '–' : endText(run);
}

interface RowProps extends MetricsTableProps {
  readonly row: MetricRow;
}

function Row({ row, ways, runs }: RowProps): ReactElement {
  const best = bestValue(row, runs);
  return (
    <tr>
      <th scope="row">
        <Tooltip label={row.meaning} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
          <span className="metrics__label" tabIndex={0}>
            {row.label}
          </span>
        </Tooltip>
        {row.unit !== '' && <span className="metrics__unit">{row.unit}</span>}
      </th>
      {ways.map((way, index) => (
        <Value key={idOfWay(way)} row={row} run={runs[index] ?? null} best={best} />
      ))}
    </tr>
  );
}

interface ValueProps {
  readonly row: MetricRow;
  readonly run: ComparisonRun | OtherRun | null;
  readonly best: number | null;
}

function Value({ row, run, best }: ValueProps): ReactElement {
  const text = valueText(row, run === null ? null : row.value(run.metrics));
  const marked = run !== null && isBest(row, run, best);
  return (
    <td data-best={marked}>
      {marked && (
        <>
          <span aria-hidden="true">▸ </span>
          <span className="visually-hidden">best: </span>
        </>
      )}
      {text}
    </td>
  );
}
