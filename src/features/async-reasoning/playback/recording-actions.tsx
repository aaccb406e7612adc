import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';

/** What can be done with a recorded run that is shown. */
export function RecordingActions({ onAsk }: { readonly onAsk: (question: string) => void }): ReactElement {
  const store = useAppStore();
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const question = useAppState(
    ({ reasoning, playback }) => reasoning.turns[0]?.question ?? (reasoning.question || (playback?.draft ?? '')),
  );
  const close = (): void => store.getState().playbackClosed();
  return (
    <>
      <Button
        variant="default"
        disabled={!isModelReady || question.trim() === ''}
        onClick={() => {
          close();
          onAsk(question);
        }}
      >
        Ask this yourself
      </Button>
      <Button variant="default" onClick={close}>
        Close replay
      </Button>
    </>
  );
}
