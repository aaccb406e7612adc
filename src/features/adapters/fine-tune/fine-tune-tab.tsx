import './fine-tune.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, type ReactElement } from 'react';
import { DEFAULT_LORA } from '@/protocol/training.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { freeName } from '../lora-form.ts';
import { OutcomeLine } from '../outcome-line.tsx';
import type { Adapters } from '../use-adapters.ts';
import { EstimateView } from './estimate-view.tsx';
import { FineTuneForm } from './fine-tune-form.tsx';
import { LossChart } from './loss-chart.tsx';
import { RunOutcome, RunProgress } from './run-state.tsx';
import { TryIt } from './try-it.tsx';
import type { FineTuneDriver } from './use-fine-tune.ts';

interface FineTuneTabProps {
  readonly driver: FineTuneDriver;
  readonly adapters: Adapters;
}

/** Trains the attached adapter on texts of one's own, and shows what changed. */
export function FineTuneTab({ driver, adapters }: FineTuneTabProps): ReactElement {
  const phase = useAppState((state) => state.fineTune.phase);
  const isRunning = phase === 'running';
  const top = useRef<HTMLDivElement>(null);
  // The button that began it, or stopped it, is gone: the keyboard goes on from the top of what took its place.
  useEffect(() => {
    const element = top.current;
    if (!isRunning) return undefined;
    element?.focus();
    return () => element?.focus();
  }, [isRunning]);
  return (
    <div className="tune" ref={top} tabIndex={-1} data-running={isRunning} data-has-run={phase !== 'idle'}>
      {!isRunning && (
        <div className="tune__what">
          <Target adapters={adapters} />
          <FineTuneForm driver={driver} />
        </div>
      )}
      <div className="tune__results">
        {isRunning && <RunProgress onStop={driver.stop} />}
        <RunOutcome />
        <EstimateView />
        <LossChart />
        {!isRunning && <TryIt />}
      </div>
    </div>
  );
}

/** Which adapter is trained; where there is none, the ways to one. */
function Target({ adapters }: { readonly adapters: Adapters }): ReactElement {
  const list = useAppState((state) => state.adapters);
  const attached = attachedAdapter(list);
  if (attached !== null) {
    const { adapter } = attached;
    return (
      <>
        <div className="tune__target">
          <p>
            Trains <strong>{adapter.name}</strong>: rank {adapter.config.r}, {adapter.step.toLocaleString('en')}{' '}
            {adapter.step === 1 ? 'update' : 'updates'} so far.
          </p>
          <Button variant="default" onClick={() => void adapters.exportZip(adapter)}>
            Export it
          </Button>
        </div>
        {adapters.outcome?.kind === 'refused' && <OutcomeLine outcome={adapters.outcome} />}
      </>
    );
  }
  const known = list?.adapters ?? [];
  return (
    <div className="tune__target tune__target--none">
      <p>Training changes an adapter, never the model. None is attached.</p>
      <span className="adapters__actions">
        <Button onClick={() => void adapters.create(freeName(known.map(({ name }) => name)), DEFAULT_LORA)}>
          Make one
        </Button>
        {known.slice(-3).map((adapter) => (
          <Button key={adapter.id} variant="default" onClick={() => void adapters.attach(adapter)}>
            Attach “{adapter.name}”
          </Button>
        ))}
      </span>
      {adapters.outcome?.kind === 'refused' && <OutcomeLine outcome={adapters.outcome} />}
    </div>
  );
}
