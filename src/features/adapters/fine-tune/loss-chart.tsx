import { Button } from '@mantine/core';
import { lazy, Suspense, useMemo, useState, type ReactElement } from 'react';
import { csvText } from '@/lib/write-csv.ts';
import { summaryOf, thinnedPoints, type LossPoint } from '@/state/fine-tune-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { PictureTableView } from '@/ui/picture-table.tsx';
import { saveText } from '@/ui/save-file.ts';

// The chart library is large and needed only here. Where it cannot be fetched, the table says the same.
const StepLines = lazy(() =>
  import('@/ui/step-lines.tsx').then(
    (module) => ({ default: module.StepLines }),
    () => ({ default: MissingChart }),
  ),
);

const MAX_POINTS = 500;

const COLUMNS = ['Update', 'Loss, nats a token', 'Gradient norm', 'Learning rate'];

/** Loss and gradient norm over the updates of the last training. */
export function LossChart(): ReactElement {
  const points = useAppState((state) => state.fineTune.points);
  const shown = useMemo(() => thinnedPoints(points, MAX_POINTS), [points]);
  const [isTable, setIsTable] = useState(false);
  return (
    <section aria-labelledby="loss">
      <div className="adapters__head">
        <h3 id="loss">Loss and gradient</h3>
        {points.length > 0 && (
          <>
            <Button variant="default" onClick={() => setIsTable(!isTable)}>
              {isTable ? 'Chart' : 'Table'}
            </Button>
            <Button variant="default" onClick={() => saveCsv(points)}>
              Save as CSV
            </Button>
          </>
        )}
      </div>
      {points.length === 0 && (
        <p className="adapters__note">The loss of each step will stand here. It should fall, if not at every step.</p>
      )}
      {points.length > 0 && isTable && (
        <PictureTableView
          title="Loss and gradient"
          table={{
            columns: COLUMNS,
            rows: points.map(({ step, loss, gradNorm, learningRate }) => [
              step,
              loss.toFixed(4),
              gradNorm.toFixed(4),
              learningRate.toPrecision(3),
            ]),
          }}
        />
      )}
      {points.length > 0 && !isTable && (
        <Suspense fallback={<p className="adapters__note">Drawing the chart.</p>}>
          <StepLines
            series={[
              { key: 'loss', title: 'Loss over updates, nats a token', color: 'var(--actor-writer)' },
              { key: 'gradNorm', title: 'Gradient norm over updates, before clipping', color: 'var(--actor-thinker)' },
            ]}
            rows={shown}
            label={labelOf(points)}
          />
        </Suspense>
      )}
    </section>
  );
}

function MissingChart(): ReactElement {
  return <p className="adapters__note">The chart could not be loaded. The table holds the same numbers.</p>;
}

function labelOf(points: readonly LossPoint[]): string {
  const summary = summaryOf({ points });
  if (summary === null) return 'Loss';
  const { firstLoss, lastLoss, steps } = summary;
  return `Lines of loss and gradient norm over ${steps} updates; the loss begins at ${firstLoss.toFixed(3)} and is ${lastLoss.toFixed(3)} now. The same numbers stand in the table.`;
}

function saveCsv(points: readonly LossPoint[]): void {
  const lines = points.map(({ step, loss, gradNorm, learningRate }) => [step, loss, gradNorm, learningRate]);
  saveText('duet-fine-tune.csv', 'text/csv', csvText([['step', 'loss', 'grad_norm', 'learning_rate'], ...lines]));
}
