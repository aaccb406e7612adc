import { SegmentedControl } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { IntervalScatter } from '@/ui/interval-scatter.tsx';
import { chartLabel, DELAYS, pointsOf, type DelayKey } from './trade-off-points.ts';

/** How often right, over how long one waits. */
export function TradeOffChart(): ReactElement {
  const rows = useAppState((state) => state.evaluation.summary.rows);
  const [delay, setDelay] = useState<DelayKey>('adjustedDelaySeconds');
  const points = pointsOf(rows, delay);
  return (
    <section className="evaluation__part" aria-labelledby="evaluation-chart">
      <div className="evaluation__head">
        <h3 id="evaluation-chart">Accuracy against delay</h3>
        <SegmentedControl
          size="xs"
          aria-label="Delay to show"
          value={delay}
          onChange={setDelay}
          data={Object.entries(DELAYS).map(([value, label]) => ({ value: value as DelayKey, label }))}
        />
      </div>
      {points.length === 0 ? (
        <p className="evaluation__note">
          A configuration appears here with its first answer that has this delay. Up is better, left is better.
        </p>
      ) : (
        <>
          <IntervalScatter
            points={points}
            xTitle={`${DELAYS[delay]}, s`}
            yTitle="Accuracy, %"
            label={chartLabel(points, DELAYS[delay])}
          />
          <p className="evaluation__note">
            Up is better, left is better. Bars are 95 % intervals; the same numbers stand in the table.
          </p>
        </>
      )}
    </section>
  );
}
