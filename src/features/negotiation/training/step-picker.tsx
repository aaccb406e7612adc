import { Button, NativeSelect } from '@mantine/core';
import type { ReactElement } from 'react';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { useTraining } from './training-driver.ts';

/** Which step of the shown run is looked at. */
export function StepPicker(): ReactElement | null {
  const { openStep } = useTraining();
  const run = useAppState((state) => shownRun(state)?.run ?? null);
  const step = useAppState((state) => shownRun(state)?.step?.step ?? null);
  const isRecorded = useAppState((state) => shownRun(state)?.isRecorded === true);
  const openRecorded = useAppState((state) => state.recordedStepOpened);
  if (run === null || run.steps.length === 0) return null;
  const open = (wanted: number): void => (isRecorded ? openRecorded(wanted) : openStep(run.id, wanted));
  const numbers = run.steps.map((one) => one.step);
  const place = step === null ? -1 : numbers.indexOf(step);
  const neighbour = (by: number): number | undefined => numbers[place + by];
  const [before, behind] = [place > 0 ? neighbour(-1) : undefined, place >= 0 ? neighbour(1) : undefined];
  return (
    <div className="step-picker" data-lesson="step-picker" role="group" aria-label="Step">
      <Button
        data-lesson="step-earlier"
        variant="default"
        disabled={before === undefined}
        onClick={() => before !== undefined && open(before)}
      >
        Earlier
      </Button>
      <NativeSelect
        aria-label="Step of the run"
        value={step ?? ''}
        data={[
          ...(step === null ? [{ value: '', label: 'Choose a step' }] : []),
          ...numbers.map((number) => ({ value: String(number), label: `Step ${number} of ${run.plan.steps}` })),
        ]}
        onChange={(event) => open(Number(event.currentTarget.value))}
      />
      <Button variant="default" disabled={behind === undefined} onClick={() => behind !== undefined && open(behind)}>
        Later
      </Button>
      <span className="step-picker__run">
        {run.name}
        {isRecorded && ', recorded'}
      </span>
    </div>
  );
}
