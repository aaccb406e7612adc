import { Button, Switch } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { SPEED_THRESHOLDS, type DecodeSpeed } from '@/protocol/speed.ts';
import { reasonNotToLoad } from '@/state/engine-use.ts';
import { FULL_BUDGETS, suggestedBudgets } from '@/state/speed-budgets.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatRate } from '@/ui/format.ts';
import { ShortenedList } from './shortened-list.tsx';
import { useShortenedDefaults } from './use-shortened-defaults.ts';

const { fast, moderate, slow } = SPEED_THRESHOLDS;

const CLASSES: Readonly<Record<DecodeSpeed['speedClass'], string>> = {
  fast: `fast, from ${fast} tokens a second on`,
  moderate: `moderate, ${moderate} to ${fast} tokens a second`,
  slow: `slow, ${slow} to ${moderate} tokens a second`,
  verySlow: `very slow, below ${slow} tokens a second`,
};

/** How fast the loaded model is here, what that shortens, and the way back to the full budgets. */
export function SpeedSection({ speed }: { readonly speed: DecodeSpeed | null }): ReactElement {
  const isReady = useAppState((state) => state.model.status === 'ready');
  return (
    <section aria-label="Speed">
      <h3>Speed</h3>
      {!isReady && <p>Measured when a model is loaded for the first time.</p>}
      {isReady && speed === null && <p>Not measured: the load named a kernel shape.</p>}
      {isReady && speed !== null && <Measured speed={speed} />}
      {isReady && <MeasureAgain />}
    </section>
  );
}

function Measured({ speed }: { readonly speed: DecodeSpeed }): ReactElement {
  const store = useAppStore();
  const isFull = useAppState((state) => state.usesFullBudgets);
  // Also while all that would be shorter is set by hand: a reset asks for the default again.
  const isSlow = useAppState((state) => suggestedBudgets(state.model.info) !== FULL_BUDGETS);
  const shortened = useShortenedDefaults();
  return (
    <>
      <dl>
        <dt>Each of two streams</dt>
        <dd>
          {formatRate(speed.tokensPerSecond)} tokens a second; median of {speed.numSteps} steps,{' '}
          {speed.origin === 'measured' ? 'measured at this load or since' : 'measured at an earlier load'}
        </dd>
        <dt>Class</dt>
        <dd>{CLASSES[speed.speedClass]}</dd>
        <dt>Shorter by default</dt>
        <dd>{shortened.length === 0 ? 'nothing' : <ShortenedList list={shortened} />}</dd>
      </dl>
      {isSlow && (
        <Switch
          label="Use the full budgets all the same"
          checked={isFull}
          onChange={({ currentTarget }) => {
            store.getState().fullBudgetsSwitched(currentTarget.checked);
            store.getState().speedLineHidden(false);
          }}
        />
      )}
    </>
  );
}

function MeasureAgain(): ReactElement {
  const duet = useDuet();
  const [state, setState] = useState<'idle' | 'measuring' | 'failed'>('idle');
  const reason = useAppState(reasonNotToLoad);
  const measure = (): void => {
    setState('measuring');
    duet.measureSpeed().then(
      () => setState('idle'),
      () => setState('failed'),
    );
  };
  return (
    <p className="report__again">
      <Button variant="default" disabled={reason !== null} loading={state === 'measuring'} onClick={measure}>
        Measure the speed
      </Button>{' '}
      <span role="status">
        {reason ?? (state === 'failed' ? 'The measurement failed. Try again, or load the model anew.' : '')}
      </span>
    </p>
  );
}
