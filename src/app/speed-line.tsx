import './speed-line.css';
import { Button, CloseButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatRate } from '@/ui/format.ts';
import { ShortenedList } from '@/features/model/shortened-list.tsx';
import { useShortenedDefaults } from '@/features/model/use-shortened-defaults.ts';
import type { Panel } from './use-panel.ts';

interface SpeedLineProps {
  readonly panel: Panel;
  /** Opens the device report, which has the figures too. */
  readonly onDetails: () => void;
}

/** Above a panel whose defaults were shortened because the loaded model is slow here: the figure, what changed, the switch. */
export function SpeedLine({ panel, onDetails }: SpeedLineProps): ReactElement | null {
  const store = useAppStore();
  const speed = useAppState((state) => state.model.info?.speed ?? null);
  const isFull = useAppState((state) => state.usesFullBudgets);
  const isHidden = useAppState((state) => state.isSpeedLineHidden);
  const here = useShortenedDefaults().filter((one) => one.panel === panel);
  if (speed === null || isHidden || here.length === 0) return null;
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
      <CloseButton aria-label="Hide the speed" onClick={() => store.getState().speedLineHidden(true)} />
    </div>
  );
}
