import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import type { RunDifference, RunSide, SetupDifference } from '@/protocol/run-comparison.ts';
import { formatSigned, formatToken } from '@/ui/format.ts';
import type { ComparedRuns } from './use-runs.ts';

interface RunComparisonTableProps {
  readonly compared: ComparedRuns;
  readonly onBack: () => void;
}

/** Where two runs part, and why. */
export function RunComparisonTable({ compared, onBack }: RunComparisonTableProps): ReactElement {
  const { names, result } = compared;
  const { first, setup, equalSteps } = result;
  return (
    <div className="runs runs__compared">
      <p className="runs__verdict" role="status">
        {first === null
          ? `All ${equalSteps.toLocaleString('en')} steps are the same.`
          : `The first ${equalSteps.toLocaleString('en')} steps are the same. They part at step ${first.step.toLocaleString('en')}: ${WHAT[first.what]}.`}
      </p>
      {first !== null && <p>{first.why}</p>}
      <div className="runs__scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{first === null ? 'Run' : `Step ${first.step.toLocaleString('en')}`}</th>
              <th scope="col" dir="auto">
                A: {names.a}
              </th>
              <th scope="col" dir="auto">
                B: {names.b}
              </th>
            </tr>
          </thead>
          <tbody>
            <Row
              name="steps in all"
              a={result.numSteps.a.toLocaleString('en')}
              b={result.numSteps.b.toLocaleString('en')}
            />
            {first !== null && <DifferenceRows first={first} />}
          </tbody>
        </table>
      </div>
      <SetupDifferences differences={setup} />
      <Button variant="default" onClick={onBack}>
        Back to the runs
      </Button>
    </div>
  );
}

const WHAT: Readonly<Record<RunDifference['what'], string>> = {
  event: 'what was typed or read differs',
  state: 'other streams run',
  token: 'another token was chosen',
  probe: 'the probe decided differently',
  end: 'one run has ended',
};

const NOTHING = '\u2013';

const STATES: Readonly<Record<NonNullable<RunSide['state']>, string>> = {
  thinker_only: 'thinker only',
  thinker_and_writer: 'thinker and writer',
  writer_only: 'writer only',
};

function DifferenceRows({ first: { what, stream, a, b } }: { readonly first: RunDifference }): ReactElement {
  const show = (text: (side: RunSide) => string | undefined, name: string): ReactNode => {
    const [left, right] = [text(a), text(b)];
    return left === undefined && right === undefined ? null : (
      <Row name={name} a={left ?? NOTHING} b={right ?? NOTHING} />
    );
  };
  return (
    <>
      {show(({ state }) => (state === null ? 'ended' : STATES[state]), 'state')}
      {what === 'event' && show(eventsText, 'read in front of it')}
      {show(tokenText, stream === undefined ? 'token' : `token of the ${stream}`)}
      {show(({ margin }) => margin?.toFixed(3), 'margin over the second best token')}
      {show(({ score }) => (score === undefined ? undefined : formatSigned(score)), 'probe, score for writing on')}
      {show(({ yes }) => (yes === undefined ? undefined : yes ? 'yes' : 'no'), 'probe, decision')}
    </>
  );
}

function eventsText({ events = [] }: RunSide): string {
  return events.length === 0 ? 'nothing' : events.join(', ');
}

function tokenText({ token, text }: RunSide): string | undefined {
  return token === undefined ? undefined : `\u201C${formatToken(text ?? '')}\u201D (${token})`;
}

function Row({ name, a, b }: { readonly name: string; readonly a: string; readonly b: string }): ReactElement {
  return (
    <tr data-differs={a !== b}>
      <th scope="row">{name}</th>
      <td>{a}</td>
      <td>{b}</td>
    </tr>
  );
}

function SetupDifferences({ differences }: { readonly differences: readonly SetupDifference[] }): ReactElement {
  if (differences.length === 0) return <p>Model, device and all settings of the two runs are the same.</p>;
  return (
    <>
      <h3>Made with other settings</h3>
      <div className="runs__scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">A</th>
              <th scope="col">B</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ field, a, b }) => (
              <Row key={field} name={field} a={a} b={b} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
