import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Dilemma } from '@/protocol/negotiation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { reasonNotToNegotiate } from '@/state/negotiation-seat.ts';
import { negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { useNegotiationRun } from '../negotiation-run-context.tsx';

const EXAMPLE_IDS = ['bridge-doubtful-sensor', 'essay-two-points-short', 'town-hall-staircase'];

function examplesOf(all: readonly Dilemma[]): readonly Dilemma[] {
  const named = all.filter(({ id }) => EXAMPLE_IDS.includes(id));
  return named.length > 0 ? named : all.slice(0, 3);
}

/** Before the first group: what will happen, and where to begin. */
export function EmptyDialogue({ onMaterial }: { readonly onMaterial: () => void }): ReactElement {
  const run = useNegotiationRun();
  const store = useAppStore();
  const reason = useAppState(reasonNotToNegotiate);
  const isWithoutGpu = useAppState((state) => state.model.device?.available === false);
  const { groupSize, maxTurns } = useSizes();
  const choose = (id: string): void => {
    store.getState().dilemmaEvents.chosen(id);
    if (reason === null) run.start();
  };
  return (
    <div className="empty-dialogue">
      <p className="empty-dialogue__lead">
        Two personas of the model argue about the dilemma in {groupSize} {groupSize === 1 ? 'dialogue' : 'dialogues'} at
        once, for at most {maxTurns} turns; where they agree, one of them writes the answer, and a judge scores it from
        0 to 5 for Collective Agency: whether it widens what people can know, do and become.
      </p>
      {isWithoutGpu ? (
        <p>No model can run in this browser. Recorded negotiations of a real one can be watched, below the dilemma.</p>
      ) : (
        <>
          <Button disabled={reason !== null} onClick={() => run.start()}>
            {reason === null ? 'Start with this dilemma' : `Start: ${reason}`}
          </Button>
          <p>Or another one:</p>
          <ul>
            {examplesOf(DILEMMAS).map(({ id, goal, prompt }) => (
              <li key={id}>
                <button type="button" onClick={() => choose(id)}>
                  <strong>{goal}</strong>
                  <span>{prompt}</span>
                </button>
              </li>
            ))}
            <li>
              <button type="button" aria-haspopup="dialog" onClick={onMaterial}>
                <strong>All dilemmas and personas</strong>
              </button>
            </li>
          </ul>
        </>
      )}
    </div>
  );
}

function useSizes(): { readonly groupSize: number; readonly maxTurns: number } {
  const groupSize = useAppState((state) => negotiationSettingsOf(state).groupSize);
  const maxTurns = useAppState((state) => negotiationSettingsOf(state).maxTurns);
  return { groupSize, maxTurns };
}
