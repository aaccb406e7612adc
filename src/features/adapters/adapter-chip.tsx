import '@/ui/chips.css';
import './adapter-chip.css';
import { Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import type { AppState } from '@/state/app-store.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';

interface ChipFacts {
  /** Null: none is attached. */
  readonly name: string | null;
  readonly state: string;
  readonly isTraining: boolean;
}

function factsOf({ adapters, fineTune }: AppState): ChipFacts {
  const attached = attachedAdapter(adapters);
  const isTraining = fineTune.phase === 'running';
  return {
    name: attached?.adapter.name ?? null,
    state: isTraining ? `training ${fineTune.points.length}/${fineTune.steps}` : percentText(attached?.blend),
    isTraining,
  };
}

function percentText(blend: number | undefined): string {
  return blend === undefined ? '' : `${Math.round(blend * 100)} %`;
}

/** Which adapter the model uses, how much of it, and whether it is being trained; opens the adapters. */
export function AdapterChip({ onClick }: { readonly onClick: () => void }): ReactElement {
  const isReady = useAppState((state) => state.model.status === 'ready');
  const { name, state, isTraining } = useAppState(useShallow(factsOf));
  return (
    <Tooltip label="Load a model first: an adapter is a small change of one." disabled={isReady}>
      <button
        type="button"
        className="chip adapter-chip"
        aria-haspopup="dialog"
        // Not `disabled`, so that the reason can be reached by keyboard.
        aria-disabled={!isReady}
        data-short={isTraining ? 'state' : 'name'}
        onClick={() => {
          if (isReady) onClick();
        }}
      >
        <svg viewBox="0 0 14 14" width="14" height="14" className="adapter-chip__mark" aria-hidden="true">
          <path d="M2 1h3v12h-3zM7.5 5.5h5v3h-5z" fill="currentColor" />
        </svg>
        <span className="adapter-chip__label">Adapter: </span>
        {name === null ? <span className="chip__state">none</span> : <strong className="chip__name">{name}</strong>}
        {state !== '' && <span className="chip__state">{state}</span>}
        {!isReady && <span className="visually-hidden">(load a model first)</span>}
      </button>
    </Tooltip>
  );
}
