import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { currentRecording } from './runs/current-recording.ts';
import { saveText } from '@/ui/save-file.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

/** The run that is shown; also in the middle of one, up to then. */
export function SaveTrace({ run }: { readonly run: ReasoningRun }): ReactElement {
  const store = useAppStore();
  const isPossible = useAppState(
    ({ playback, live }) => playback?.source === 'recording' || (live.steps.length > 0 && live.phase !== 'failed'),
  );
  const save = async (): Promise<void> => {
    const state = store.getState();
    const shown = state.playback?.run ?? (await currentRecording(state, run));
    if (shown !== null) saveText('duet-trace.json', 'application/json', JSON.stringify(shown));
  };
  return (
    <Button variant="default" size="compact-xs" disabled={!isPossible} onClick={() => void save()}>
      Save trace
    </Button>
  );
}
