import './before-after.css';
import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { formatSigned } from '@/ui/format.ts';
import { Fact } from '@/ui/fact.tsx';
import { otherConditions, pairDialogues, summaryOf, type PairSummary, type SideSummary } from './pair-dialogues.ts';
import { PairRow } from './pair-row.tsx';

interface BeforeAfterProps {
  readonly before: GroupRecord | null;
  readonly after: GroupRecord | null;
  readonly state: 'none' | 'running' | 'failed';
  /** How far it is, or why it failed. */
  readonly message?: string;
  /** Why it cannot be run now; null if it can. */
  readonly obstacle: string | null;
  readonly onRun: () => void;
  readonly onStop: () => void;
}

/** The same negotiation with the adapter as it was, and as it is behind the update. */
export function BeforeAfter(props: BeforeAfterProps): ReactElement {
  const { before, after, state } = props;
  const pairs = useMemo(() => pairDialogues(before, after), [before, after]);
  const summary = useMemo(() => summaryOf(pairs), [pairs]);
  const others = useMemo(
    () => (before === null || after === null ? [] : otherConditions(before, after)),
    [before, after],
  );
  const head = before ?? after;
  const opened = pairs.find(({ isIdentical }) => !isIdentical)?.row;
  return (
    <div className="before-after">
      <RunLine {...props} />
      {head === null ? (
        <p className="before-after__empty">
          {state === 'running'
            ? 'The first dialogues are on their way.'
            : 'Here will be the same dilemma, pair and seeds, negotiated with the adapter before the update and after it. What differs is what the update did.'}
        </p>
      ) : (
        <>
          <p className="before-after__about">
            <strong>{head.dilemma.goal}</strong> <span>{head.pair.theme}</span>
          </p>
          {others.length > 0 && (
            <p className="before-after__warning">
              These two cannot be compared: {others.join(', ')} {others.length === 1 ? 'is' : 'are'} not the same.
            </p>
          )}
          <Summary summary={summary} hasBefore={before !== null} hasAfter={after !== null} />
          <ol className="before-after__pairs">
            {pairs.map((pair) => (
              <PairRow key={pair.row} pair={pair} isOpenAtFirst={pair.row === opened} />
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function RunLine({ before, after, state, message, obstacle, onRun, onStop }: BeforeAfterProps): ReactElement {
  const isRunning = state === 'running';
  const hasBoth = before !== null && after !== null;
  return (
    <div className="before-after__run" data-state={state}>
      {isRunning ? (
        <Button onClick={onStop}>Stop</Button>
      ) : (
        <Button disabled={obstacle !== null} onClick={onRun}>
          {hasBoth ? 'Negotiate again' : 'Negotiate before and after'}
        </Button>
      )}
      {/* Always there, so that what comes into it is heard. */}
      <span role="status">{lineText(state, message, obstacle)}</span>
    </div>
  );
}

function lineText(state: BeforeAfterProps['state'], message: string | undefined, obstacle: string | null): string {
  if (state === 'running') return message ?? 'Negotiating.';
  if (state === 'failed')
    return `Failed: ${message ?? 'no reason is known.'}${obstacle === null ? '' : ` ${obstacle}`}`;
  return obstacle ?? message ?? 'Same dilemma, pair and seeds; only the adapter differs.';
}

interface SummaryProps {
  readonly summary: PairSummary;
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

function Summary({ summary, hasBefore, hasAfter }: SummaryProps): ReactElement {
  const { before, after, meanDifference, standardError, numPaired, numIdentical } = summary;
  return (
    <div className="before-after__summary">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Side</span>
            </th>
            <th scope="col">Mean score, 0 to 5</th>
            <th scope="col">Agreed</th>
            <th scope="col">Turns</th>
          </tr>
        </thead>
        <tbody>
          <SideLine name="Before" side={before} isThere={hasBefore} />
          <SideLine name="After" side={after} isThere={hasAfter} />
        </tbody>
      </table>
      {meanDifference !== null && (
        <p>
          <Fact
            value={formatSigned(meanDifference)}
            unit={standardError === null ? 'mean difference' : `\u00B1 ${standardError.toFixed(2)} mean difference`}
            meaning="After minus before, over dialogues that have a score on both sides, with its standard error. A difference of less than two standard errors may be chance."
          />
          <Fact
            value={`${numIdentical} of ${numPaired}`}
            unit="said word for word alike"
            meaning="Both sides draw the same random numbers, so a dialogue only changes where the update moved a probability far enough to choose another token."
          />
        </p>
      )}
    </div>
  );
}

const MISSING = '\u2013';

interface SideLineProps {
  readonly name: string;
  readonly side: SideSummary;
  readonly isThere: boolean;
}

function SideLine({ name, side, isThere }: SideLineProps): ReactElement {
  const { meanReward, agreedShare, meanTurns } = side;
  return (
    <tr>
      <th scope="row">{name}</th>
      {isThere ? (
        <>
          <td>{meanReward === null ? MISSING : meanReward.toFixed(2)}</td>
          <td>{agreedShare === null ? MISSING : `${Math.round(agreedShare * 100)} %`}</td>
          <td>{meanTurns === null ? MISSING : meanTurns.toFixed(1)}</td>
        </>
      ) : (
        <td colSpan={3} className="before-after__missing">
          not negotiated yet
        </td>
      )}
    </tr>
  );
}
