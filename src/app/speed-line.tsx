import './speed-line.css';
import { Button, CloseButton } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { DecodeSpeed } from '@/protocol/speed.ts';
import type { ShortenedDefault } from '@/state/shortened-defaults.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatRate } from '@/ui/format.ts';
import { ShortenedList } from '@/features/model/shortened-list.tsx';
import { useShortenedDefaults } from '@/features/model/use-shortened-defaults.ts';
import { focusPanel } from './focus-panel.ts';
import type { Panel } from './use-panel.ts';

interface SpeedLineProps {
  readonly panel: Panel;
  /** Opens the device report, which has the figures too. */
  readonly onDetails: () => void;
}

/** Above a panel whose defaults were shortened because the loaded model is slow here: the figure, what changed, the switch. */
export function SpeedLine({ panel, onDetails }: SpeedLineProps): ReactElement {
  const store = useAppStore();
  const speed = useAppState((state) => state.model.info?.speed ?? null);
  const isFull = useAppState((state) => state.usesFullBudgets);
  const isHidden = useAppState((state) => state.isSpeedLineHidden);
  const here = useShortenedDefaults().filter((one) => one.panel === panel);
  const isShown = speed !== null && !isHidden && here.length > 0;
  // Said once for a speed, however often the line comes and goes with the panels.
  const [said, setSaid] = useState('');
  const sentence = `About ${formatRate(speed?.tokensPerSecond ?? 0)} tokens a second with this model here: some defaults are shorter.`;
  const toSay = speed === null || isFull ? '' : isShown ? sentence : said;
  if (toSay !== said) setSaid(toSay);
  const hide = (): void => {
    store.getState().speedLineHidden(true);
    focusPanel();
  };
  return (
    <>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {isShown && <Line speed={speed} here={here} isFull={isFull} onDetails={onDetails} onHide={hide} />}
    </>
  );
}

interface LineProps extends Pick<SpeedLineProps, 'onDetails'> {
  readonly speed: DecodeSpeed;
  readonly here: readonly ShortenedDefault[];
  readonly isFull: boolean;
  readonly onHide: () => void;
}

function Line({ speed, here, isFull, onDetails, onHide }: LineProps): ReactElement {
  const store = useAppStore();
  const isVerySlow = speed.speedClass === 'verySlow';
  return (
    <div className="speed-line" role="region" aria-label="Speed of this machine">
      <p>
        About <strong>{formatRate(speed.tokensPerSecond)} tokens a second</strong> with this model here.{' '}
        {isFull ? (
          'The full budgets are used: a run can take minutes.'
        ) : (
          <>
            <span className="speed-line__short">Budgets are shorter.</span>
            <span className="speed-line__list">
              Shortened: <ShortenedList list={here} />.
            </span>
          </>
        )}
        {isVerySlow && ' Recorded runs play without waiting.'}
      </p>
      {!isFull && (
        <Button className="speed-line__short" variant="subtle" aria-haspopup="dialog" onClick={onDetails}>
          Which
        </Button>
      )}
      <Button variant="default" onClick={() => store.getState().fullBudgetsSwitched(!isFull)}>
        {isFull ? 'Shorten budgets' : 'Full budgets'}
      </Button>
      <CloseButton aria-label="Hide the speed" onClick={onHide} />
    </div>
  );
}
