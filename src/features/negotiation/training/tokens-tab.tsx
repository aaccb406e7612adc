import type { ReactElement } from 'react';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { StepPicker } from './step-picker.tsx';
import { TokenView } from './tokens/token-view.tsx';

/** What a step trained, token by token. */
export function TokensTab(): ReactElement {
  const step = useAppState((state) => shownRun(state)?.step ?? null);
  return (
    <>
      <StepPicker />
      {step === null ? (
        <p className="training-live__empty">
          Each token that a step has trained will stand here, coloured by its advantage and by what the update did to
          its probability. Finish a step, or open a run.
        </p>
      ) : (
        <TokenView key={step.step} step={step} />
      )}
    </>
  );
}
