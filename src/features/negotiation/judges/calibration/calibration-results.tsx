import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { csvText } from '@/lib/write-csv.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import {
  numUnreadable,
  scoredPairs,
  type ComparedAnswer,
  type JudgeCalibrationView,
} from '@/state/judge-calibration-slice.ts';
import { judgeOrder, type JudgeOrder, type PairCounts } from '@/state/judge-order.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { saveText } from '@/ui/save-file.ts';
import { percentText } from '../score-texts.ts';
import { AgreementTable } from './agreement-table.tsx';
import { AnswersTable } from './answers-table.tsx';
import { calibrationCsv } from './calibration-csv.ts';
import { ConfusionMap } from './confusion-map.tsx';
import { JudgeScatter } from './judge-scatter.tsx';

/** What came of a comparison: figures, pictures, every answer. */
export function CalibrationResults(): ReactElement {
  const view = useAppState((state) => state.judgeCalibration);
  const { judges, agreement } = view;
  const pairs = scoredPairs(view);
  const unreadable = numUnreadable(view);
  return (
    <>
      <section className="judge-calibration__part" aria-labelledby="judge-agreement">
        <div className="judge-calibration__head">
          <h3 id="judge-agreement">Agreement</h3>
          <Button
            variant="default"
            size="compact-xs"
            disabled={view.phase === 'running'}
            onClick={() => saveText('duet-judges.csv', 'text/csv', csvText(calibrationCsv(view)))}
          >
            Save as CSV
          </Button>
        </div>
        <p className="judge-calibration__judges">
          <strong>A</strong> {judges[0]} <strong>B</strong> {judges[1]}
        </p>
        <p className="judge-calibration__facts">
          <Fact
            value={pairs.length}
            unit="answers"
            meaning="Answers that both judges scored; only these are compared."
          />
          {agreement?.means !== null && agreement?.means !== undefined && (
            <Fact
              value={`${agreement.means[0].toFixed(2)} and ${agreement.means[1].toFixed(2)}`}
              unit="mean CA of A and B"
              meaning="Over the answers that both scored. In the paper 4.18 (GPT-4o-mini) and 3.42 (GPT-5.2)."
            />
          )}
          <Fact
            value={`${unreadable[0]} and ${unreadable[1]}`}
            unit="not read from A and B"
            meaning="Answers for which the judge gave nothing that could be read. They are in no figure, and are no 0."
          />
        </p>
        {agreement !== null && <AgreementTable agreement={agreement} />}
        <Order view={view} />
      </section>
      <div className="judge-calibration__pictures">
        <JudgeScatter pairs={pairs} conditionalMeans={agreement?.conditionalMeans ?? []} judges={judges} />
        <ConfusionMap pairs={pairs} judges={judges} />
      </div>
      <AnswersTable view={view} />
    </>
  );
}

function Order({ view }: { readonly view: JudgeCalibrationView }): ReactElement | null {
  const orders = [orderOf(view, 0), orderOf(view, 1)] as const;
  if (orders[0].all.count + orders[1].all.count === 0) return null;
  return (
    <table className="judge-calibration__table">
      <caption>Our answers in the right order; chance is 50 %</caption>
      <thead>
        <tr>
          <th scope="col">Pairs of answers to one dilemma</th>
          <th scope="col">A</th>
          <th scope="col">B</th>
        </tr>
      </thead>
      <tbody>
        <OrderRow name="Good above bad" orders={orders} of={({ goodOverBad }) => goodOverBad} />
        <OrderRow name="Any two of good, middling, bad" orders={orders} of={({ all }) => all} />
      </tbody>
    </table>
  );
}

interface OrderRowProps {
  readonly name: string;
  readonly orders: readonly [JudgeOrder, JudgeOrder];
  readonly of: (order: JudgeOrder) => PairCounts;
}

function OrderRow({ name, orders, of }: OrderRowProps): ReactElement {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{pairsText(of(orders[0]))}</td>
      <td>{pairsText(of(orders[1]))}</td>
    </tr>
  );
}

function pairsText({ right, tied, count }: PairCounts): string {
  if (count === 0) return 'none';
  return `${percentText(right / count)} (${right} of ${count}${tied > 0 ? `, ${tied} equal` : ''})`;
}

function orderOf({ answers, verdicts }: JudgeCalibrationView, judge: 0 | 1): JudgeOrder {
  return judgeOrder(
    verdicts.flatMap((pair, index) => {
      const known = knownOf(answers[index]);
      return known === undefined ? [] : [{ ...known, verdict: pair[judge] satisfies JudgeVerdict }];
    }),
  );
}

function knownOf(answer: ComparedAnswer | undefined): ComparedAnswer['known'] {
  return answer?.known;
}
