import { lazy, memo, Suspense, type ReactElement } from 'react';
import type { ComparisonRun, OtherRun } from '@/protocol/comparison.ts';
import { secondsText } from '../metric-rows.ts';
import { shortNameOfWay } from './ways.ts';

// The chart library is large and needed only here. Where it cannot be fetched, the table says the same.
const GroupedBars = lazy(() =>
  import('@/ui/grouped-bars.tsx').then(
    (module) => ({ default: module.GroupedBars }),
    () => ({ default: MissingChart }),
  ),
);

const SERIES = [
  { name: 'First token', color: 'var(--actor-writer)' },
  { name: 'Total delay', color: 'var(--ink)' },
  { name: 'Adjusted delay', color: 'var(--ink-faint)' },
] as const;

/** Waiting as bars. */
export const DelaysChart = memo(function DelaysChart({
  runs,
}: {
  readonly runs: readonly (ComparisonRun | OtherRun | null)[];
}): ReactElement {
  // What failed before it said anything has no bars.
  const ended = runs
    .filter((run) => run !== null)
    .filter(({ stop, metrics }) => stop !== 'failed' || metrics.timeToFirstTokenMs !== null);
  const rows = ended.map(({ metrics, ...run }) => ({
    name: shortNameOfWay('model' in run ? run.model : run.mode),
    values: {
      'First token': metrics.timeToFirstTokenMs === null ? null : metrics.timeToFirstTokenMs / 1000,
      'Total delay': metrics.totalDelaySeconds,
      'Adjusted delay': metrics.adjustedDelaySeconds,
    },
  }));
  return (
    <section className="comparison__part" aria-labelledby="comparison-chart">
      <h3 id="comparison-chart">Delays</h3>
      <div className="comparison__chart">
        <Suspense fallback={<p className="comparison__note">Drawing the chart.</p>}>
          <GroupedBars
            series={SERIES}
            rows={rows}
            format={(value) => `${secondsText(value)} s`}
            unit="s"
            label="Bars of first token, total delay and adjusted delay in seconds for each way; the same numbers stand in the table."
          />
        </Suspense>
      </div>
    </section>
  );
});

function MissingChart(): ReactElement {
  return <p className="comparison__note">The chart could not be loaded. The table holds the same numbers.</p>;
}
