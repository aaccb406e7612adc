import './score.css';
import { Popover } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { useState, type ReactElement } from 'react';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { DigitBars } from './digit-bars.tsx';
import { ScoreDetails } from './score-details.tsx';
import { badgeLabel, scoreText } from './score-texts.ts';

interface ScoreProps {
  readonly verdict: JudgeVerdict;
  /** What was judged; undefined where it cannot be judged again. */
  readonly answer: JudgedAnswer | undefined;
}

/** A verdict; behind it the rubric, the judge's probabilities, and re-judging. */
export function Score({ verdict, answer }: ScoreProps): ReactElement | null {
  const [isOpen, setIsOpen] = useState(false);
  // The popover itself hears only keys that are pressed in it, and the focus may have left it.
  useWindowEvent('keydown', ({ key }) => {
    if (key === 'Escape') setIsOpen(false);
  });
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      width="min(26rem, calc(100vw - 1.5rem))"
      position="bottom-start"
      shadow="md"
      withinPortal
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className="score"
          data-lesson="score"
          data-actor="judge"
          data-state={verdict.state}
          aria-label={badgeLabel(verdict)}
          onClick={(event) => {
            // Scores stand on cards that are themselves clicked.
            event.stopPropagation();
            setIsOpen(!isOpen);
          }}
        >
          {verdict.state === 'scored' ? (
            <>
              CA <strong>{scoreText(verdict.score)}</strong>
              {verdict.distribution !== undefined && <DigitBars distribution={verdict.distribution} />}
            </>
          ) : (
            'CA not read'
          )}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="score-pop" data-actor="judge" onClick={(event) => event.stopPropagation()}>
        <ScoreDetails verdict={verdict} answer={answer} />
      </Popover.Dropdown>
    </Popover>
  );
}
