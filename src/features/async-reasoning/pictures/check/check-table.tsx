import type { ReactElement } from 'react';
import { formatTiny } from '@/lib/format-tiny.ts';
import type { CheckReport, CheckRow } from '@/protocol/attention.ts';
import { verdictOf } from '@/state/check-words.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { formatToken } from '@/ui/format.ts';

/** What the recomputation found, stream by stream. */
export function CheckTable({ report }: { readonly report: CheckReport }): ReactElement {
  return (
    <div className="check__results">
      <table className="check__table" aria-label={`Step ${report.step}, recomputed from scratch`}>
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col">Largest difference</th>
            <th scope="col">KL, nats</th>
            <th scope="col">Best token</th>
          </tr>
        </thead>
        {report.rows.map((row) => (
          <ResultRow key={row.stream} row={row} tolerance={report.tolerance} />
        ))}
      </table>
      <p>
        Up to {formatTiny(report.tolerance)} counts as rounding. The run itself, replayed to this step, gave its
        recorded numbers again within{' '}
        <strong data-testid="rebuild-difference">{formatTiny(report.rebuildDifference)}</strong>.
      </p>
    </div>
  );
}

function ResultRow({ row, tolerance }: { readonly row: CheckRow; readonly tolerance: number }): ReactElement {
  const { stream, maxLogitDifference, klNats, best, bestText } = row;
  const { kind, text } = verdictOf(row, tolerance);
  const isSameToken = best.run === best.fresh;
  return (
    <tbody data-actor={stream}>
      <tr>
        <th scope="row">
          <ActorMark actor={stream} /> {stream}
        </th>
        <td>{formatTiny(maxLogitDifference)}</td>
        <td>{formatTiny(klNats)}</td>
        <td>
          <q>{formatToken(bestText.run)}</q>
          {isSameToken ? ', the same anew' : ', anew '}
          {!isSameToken && <q>{formatToken(bestText.fresh)}</q>}
        </td>
      </tr>
      <tr>
        <td colSpan={4} data-verdict={kind}>
          {text}
        </td>
      </tr>
    </tbody>
  );
}
