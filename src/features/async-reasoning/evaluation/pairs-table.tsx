import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { PairedDifference } from '@/protocol/evaluation.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { saveText } from '@/ui/save-file.ts';
import { pairsCsv } from './evaluation-csv.ts';
import { pairText, pValueText } from './pair-text.ts';
import { pointsText } from './result-columns.ts';

/** Configurations against each other on the questions that both have answered. */
export function PairsTable(): ReactElement | null {
  const pairs = useAppState((state) => state.evaluation.summary.pairs);
  if (pairs.length === 0) return null;
  return (
    <section className="evaluation__part" aria-labelledby="evaluation-pairs">
      <div className="evaluation__head">
        <h3 id="evaluation-pairs">Differences on the same questions</h3>
        <Button variant="default" onClick={() => saveText('duet-evaluation-pairs.csv', 'text/csv', pairsCsv(pairs))}>
          Save differences as CSV
        </Button>
      </div>
      <table className="pairs" aria-labelledby="evaluation-pairs">
        <thead>
          <tr>
            <th scope="col">Pair</th>
            <th scope="col">Difference, points</th>
            <th scope="col">Only first right</th>
            <th scope="col">Only second right</th>
            <th scope="col">p-value</th>
            <th scope="col">In words</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <Pair key={`${pair.first}\n${pair.second}`} pair={pair} />
          ))}
        </tbody>
      </table>
      <p className="evaluation__note">
        p-value: how often chance alone would split the questions at least as unevenly (exact McNemar test, two-sided).
        {pairs.length >= 3 && ' Of many pairs some look different by chance: one in twenty at 0.05.'}
      </p>
    </section>
  );
}

function Pair({ pair }: { readonly pair: PairedDifference }): ReactElement {
  const { first, second, difference, low, high, onlyFirstCorrect, onlySecondCorrect, pValue } = pair;
  return (
    <tr>
      <th scope="row">
        {first} <span className="pairs__and">against</span> {second}
      </th>
      <td data-label="Difference, points">
        {pointsText(difference)}
        <small>
          {pointsText(low)} to {pointsText(high)}
        </small>
      </td>
      <td data-label="Only first right">{onlyFirstCorrect}</td>
      <td data-label="Only second right">{onlySecondCorrect}</td>
      <td data-label="p-value">{pValueText(pValue)}</td>
      <td className="pairs__words">{pairText(pair)}</td>
    </tr>
  );
}
