import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import type { NegotiationEvaluationReport } from '@/protocol/negotiation-evaluation.ts';
import { negotiationReportOf } from '@/state/negotiation-evaluation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { saveText } from '@/ui/save-file.ts';
import { piecesCsv, tablesCsv } from './evaluation-csv.ts';
import { factsOfReport, HOW_IT_WAS_MADE } from './report-facts.ts';
import { reportHtml } from './report-html.ts';

/** What was measured with what, and the ways to take it along. */
export function MadeWith(): ReactElement | null {
  const view = useAppState((state) => state.negotiationEvaluation);
  const report = useMemo(() => negotiationReportOf(view), [view]);
  if (report === null) return null;
  return (
    <section className="contest__part" aria-labelledby="contest-made">
      <h3 id="contest-made">Made with</h3>
      <dl className="contest-facts">
        {factsOfReport(report).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {HOW_IT_WAS_MADE.map((sentence) => (
        <p key={sentence} className="contest__note">
          {sentence}
        </p>
      ))}
      <SaveButtons report={report} />
    </section>
  );
}

function SaveButtons({ report }: { readonly report: NegotiationEvaluationReport }): ReactElement {
  return (
    <div className="contest__actions">
      <Button
        variant="default"
        title="All of it, with every token; can be opened here again"
        onClick={() => saveText('duet-negotiation-evaluation.json', 'application/json', JSON.stringify(report))}
      >
        Save as JSON
      </Button>
      <Button
        variant="default"
        title="One page with tables, picture and answers, that needs nothing else"
        onClick={() => saveText('duet-negotiation-evaluation.html', 'text/html', reportHtml(report))}
      >
        Save report as HTML
      </Button>
      <Button
        variant="default"
        onClick={() => saveText('duet-negotiation-evaluation-tables.csv', 'text/csv', tablesCsv(report))}
      >
        Save tables as CSV
      </Button>
      <Button
        variant="default"
        onClick={() => saveText('duet-negotiation-evaluation-parts.csv', 'text/csv', piecesCsv(report))}
      >
        Save parts as CSV
      </Button>
    </div>
  );
}
