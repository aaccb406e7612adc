import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { CalibrationPass, CalibrationReport } from '@/protocol/calibration.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatSigned } from '@/ui/format.ts';
import { MarginStrip } from '@/ui/margin-strip.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { sums } from './calibration-sums.ts';

interface CalibrationResultProps {
  readonly run: ReasoningRun;
  readonly report: CalibrationReport;
  readonly onLeave: () => void;
  readonly onAgain: () => void;
}

/** What was measured before and after, and whether to take it over. */
export function CalibrationResult({ run, report, onLeave, onAgain }: CalibrationResultProps): ReactElement {
  const { yesBias } = report.settings;
  const before = sums(report.before.margins.flat(), yesBias);
  const after = sums(report.after.margins.flat(), yesBias);
  const included = [...before, ...after, report.before.marginThreshold, report.after.marginThreshold];
  return (
    <>
      <p className="calibration__summary" role="status">
        {report.summary}
      </p>
      <PassTable report={report} />
      <MarginStrip
        title="Before: margin and bias at each probe, nats. Filled bars said yes"
        values={before}
        threshold={report.before.marginThreshold}
        included={included}
        empty="No probe was asked."
      />
      <MarginStrip
        title="After: the same questions with the new threshold"
        values={after}
        threshold={report.after.marginThreshold}
        included={included}
        empty="No probe was asked."
      />
      <Decision run={run} threshold={report.marginThreshold} onLeave={onLeave} onAgain={onAgain} />
    </>
  );
}

function PassTable({ report }: { readonly report: CalibrationReport }): ReactElement {
  const rows: readonly { name: string; meaning: string; text: (pass: CalibrationPass) => string }[] = [
    {
      name: 'Margin threshold',
      meaning: 'The writer goes on when margin and bias are above it.',
      text: (pass) => `${formatSigned(pass.marginThreshold)} nats`,
    },
    {
      name: 'Probes that said yes',
      meaning: `${percentText(report.targetShare)} were wanted.`,
      text: (pass) => percentText(pass.yesShare),
    },
    {
      name: 'Steps with writing',
      meaning: 'Steps in which the writer ran.',
      text: (pass) => percentText(pass.writingShare),
    },
  ];
  return (
    <table className="calibration__table">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Figure</span>
          </th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, meaning, text }) => (
          <tr key={name}>
            <th scope="row">
              {name} <span>{meaning}</span>
            </th>
            <td>{text(report.before)}</td>
            <td>{text(report.after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

interface DecisionProps {
  readonly run: ReasoningRun;
  readonly threshold: number;
  readonly onLeave: () => void;
  readonly onAgain: () => void;
}

function Decision({ run, threshold, onLeave, onAgain }: DecisionProps): ReactElement {
  const current = useAppState((state) => state.reasoningSettings.marginThreshold);
  const [previous, setPrevious] = useState<number | null>(null);
  const use = (): void => {
    setPrevious(current);
    run.changeSettings({ marginThreshold: threshold });
  };
  const undo = (): void => {
    if (previous !== null) run.changeSettings({ marginThreshold: previous });
    setPrevious(null);
  };
  const isUsed = previous !== null;
  return (
    <div className="calibration__actions">
      <span className="calibration__note" role="status">
        {isUsed && `The threshold is ${formatSigned(threshold)} now; it was ${formatSigned(previous)}.`}
      </span>
      {/* The same buttons before and after, so that the focus stays where it is. */}
      <Button variant={isUsed ? 'default' : 'filled'} onClick={isUsed ? undo : use}>
        {isUsed ? 'Undo' : 'Use this threshold'}
      </Button>
      <Button variant={isUsed ? 'filled' : 'default'} onClick={onLeave}>
        {isUsed ? 'Done' : 'Leave as it is'}
      </Button>
      {!isUsed && (
        <Button variant="default" onClick={onAgain}>
          Run again
        </Button>
      )}
    </div>
  );
}
