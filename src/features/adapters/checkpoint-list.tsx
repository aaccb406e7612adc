import { Button } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { AdapterInfo, CheckpointInfo } from '@/protocol/training-api.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatBytes, formatDate } from '@/ui/format.ts';
import { Confirmation } from '@/ui/confirmation.tsx';
import type { AdapterActions } from './use-adapters.ts';

interface CheckpointListProps {
  readonly adapter: AdapterInfo;
  readonly actions: AdapterActions;
}

/** Where the attached adapter's training can be taken up again. */
export function CheckpointList({ adapter, actions }: CheckpointListProps): ReactElement {
  const duet = useDuet();
  const store = useAppStore();
  const isTraining = useAppState((state) => state.fineTune.phase === 'running');
  const [checkpoints, setCheckpoints] = useState<readonly CheckpointInfo[]>([]);
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const show = (found: readonly CheckpointInfo[]): void => {
      if (isCurrent) setCheckpoints(found);
    };
    const load = (): void => {
      duet.training.listCheckpoints(adapter.id).then(show, () => show([]));
    };
    load();
    const unsubscribe = store.subscribe((state, before) => {
      const isSaved = state.fineTune.checkpoint !== before.fineTune.checkpoint;
      if (isSaved || state.adapters !== before.adapters) load();
    });
    return () => {
      isCurrent = false;
      unsubscribe();
    };
  }, [duet, store, adapter.id]);
  return (
    <section aria-labelledby="checkpoints">
      <div className="adapters__head">
        <h4 id="checkpoints">Checkpoints</h4>
        <Button variant="default" disabled={isTraining} onClick={() => void actions.saveCheckpoint()}>
          Save one now
        </Button>
      </div>
      {checkpoints.length === 0 && (
        <p className="adapters__note">
          None yet. Training saves one every few steps: weights and the optimiser’s moments, to go back to.
        </p>
      )}
      <ul className="checkpoints" aria-label="Checkpoints">
        {checkpoints.map((checkpoint) => (
          <li key={checkpoint.id}>
            <span>
              <strong>Update {checkpoint.step}</strong>
              {checkpoint.step === adapter.step && ' (now)'}
              <small>
                {formatDate(checkpoint.createdAt)} · {formatBytes(checkpoint.sizeBytes)}
              </small>
            </span>
            <Button
              variant="default"
              disabled={isTraining}
              aria-label={`Go back to update ${checkpoint.step}`}
              onClick={() => setAsked(checkpoint.id)}
            >
              Go back
            </Button>
            {asked === checkpoint.id && (
              <Confirmation
                question={`Go back to update ${checkpoint.step}? What was trained after it and is in no checkpoint is lost.`}
                yes="Go back to it"
                no="Stay here"
                onYes={() => {
                  setAsked(null);
                  void actions.goBack(checkpoint);
                }}
                onNo={() => setAsked(null)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
