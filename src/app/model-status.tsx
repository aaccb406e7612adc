import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { LoadProgressLine } from '@/features/model/load-progress.tsx';
import { useModelLoading } from '@/features/model/model-loading.tsx';
import { DEFAULT_MODEL_ID } from '@/protocol/model-catalogue.ts';
import { useAppState } from '@/state/use-app-state.ts';

/** What there is to say about the model while none is ready, in one line. */
export function ModelStatus({ onChoose }: { readonly onChoose: () => void }): ReactElement {
  const status = useAppState((state) => state.model.status);
  const sourceId = useAppState((state) => state.model.sourceId);
  const hasFailed = useAppState((state) => state.model.status === 'failed');
  const { load } = useModelLoading();
  if (status === 'loading') return <LoadProgressLine />;
  return (
    <div className="model-status">
      <Button onClick={() => load(sourceId ?? DEFAULT_MODEL_ID)}>{hasFailed ? 'Try again' : 'Load the model'}</Button>
      <Button variant="default" onClick={onChoose}>
        Choose
      </Button>
    </div>
  );
}
