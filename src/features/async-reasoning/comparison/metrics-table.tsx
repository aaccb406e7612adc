import { Tooltip } from '@mantine/core';
import { memo, type CSSProperties, type ReactElement } from 'react';
import type { ComparisonMode, ComparisonRun } from '@/protocol/comparison.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { bestValue, isBest, metricRows, valueText, type MetricRow } from '../metric-rows.ts';
import { MODES, STOPS } from '../modes.ts';

interface MetricsTableProps {
  readonly modes: readonly ComparisonMode[];
  readonly runs: readonly (ComparisonRun | null)[];
}

/** All figures side by side; also what the pictures say, in words. */
export const MetricsTable = memo(function MetricsTable({ modes, runs }: MetricsTableProps): ReactElement {
  const speakingRate = useAppState(
    ({ comparison, reasoningSettings }) => (comparison.last?.settings ?? reasoningSettings).speakingRate,
  );
  return (
    <section className="comparison__part" aria-labelledby="comparison-table">
      <h3 id="comparison-table">Figures</h3>
      <table
        className="metrics"

        aria-labelledby="comparison-table"
        style={{ '--num-modes': modes.length } as CSSProperties}
      >
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Figure</span>
            </th>
            {modes.map((mode) => (
              <th scope="col" key={mode}>
                {MODES[mode].name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metricRows(speakingRate).map((row) => (
            <Row key={row.key} row={row} modes={modes} runs={runs} />
          ))}
          <tr>
            <th scope="row">Ended</th>
            {modes.map((mode, index) => (
              <td key={mode} className="metrics__stop">
                {endText(runs[index])}
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

function endText(run: ComparisonRun | null | undefined): string {
  return run === null || run === undefined ? '–' : STOPS[run.stop];
}

interface RowProps extends MetricsTableProps {
  readonly row: MetricRow;
}

function Row({ row, modes, runs }: RowProps): ReactElement {
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
      {modes.map((mode, index) => (
        <Value key={mode} row={row} run={runs[index] ?? null} best={best} />
      ))}
    </tr>
  );
}

interface ValueProps {
  readonly row: MetricRow;
  readonly run: ComparisonRun | null;
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
