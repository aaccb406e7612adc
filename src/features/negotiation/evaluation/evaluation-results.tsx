import { useMemo, type ReactElement } from 'react';
import { NO_EVALUATION_SUMMARY } from '@/state/negotiation-evaluation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { DilemmaList } from './dilemma-list.tsx';
import { MadeWith } from './made-with.tsx';
import { paperSentence } from './report-facts.ts';
import { ResultTableView } from './result-table.tsx';
import {
  abilityTable,
  alignmentTable,
  contestantsTable,
  resolutionTable,
  winRateNotes,
  type ResultsOf,
} from './result-tables.ts';
import { WinRatePicture } from './win-rate-picture.tsx';
import { plotRows } from './win-rate-plot.ts';

/** Tables beside the paper's, the picture, every answer, and what it was made with. */
export function EvaluationResults(): ReactElement | null {
  const summary = useAppState((state) => state.negotiationEvaluation.summary);
  const contestants = useAppState((state) => state.negotiationEvaluation.plan?.contestants);
  const rows = useMemo(() => plotRows(summary.winRates, contestants ?? []), [summary, contestants]);
  if (contestants === undefined) return null;
  const results = { contestants, summary };
  return (
    <>
      <ResultTableView table={contestantsTable(results)} />
      <section className="contest__part" aria-labelledby="contest-picture">
        <h3 id="contest-picture">Win rates</h3>
        {rows.length === 0 ? (
          <p className="contest__note">
            {contestants.length < 2
              ? 'With one contestant there is nothing to compare.'
              : 'A comparison appears here when the judge has chosen the same answer in both orders.'}
          </p>
        ) : (
          <WinRatePicture rows={rows} />
        )}
        {winRateNotes(summary.winRates).map((note) => (
          <p key={note} className="contest__note">
            {note}
          </p>
        ))}
      </section>
      <ComparedTables results={results} />
      <DilemmaList />
      <MadeWith />
    </>
  );
}

/** Before there is anything of ours. */
export function PaperOnly(): ReactElement {
  return <ComparedTables results={{ contestants: [], summary: NO_EVALUATION_SUMMARY }} />;
}

function ComparedTables({ results }: { readonly results: ResultsOf }): ReactElement {
  return (
    <>
      <ResultTableView table={alignmentTable(results)} />
      <ResultTableView table={resolutionTable(results)} />
      <ResultTableView table={abilityTable(results)} />
      <p className="contest__note">{paperSentence()}</p>
    </>
  );
}
