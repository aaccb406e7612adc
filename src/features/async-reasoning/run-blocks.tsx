import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { BlockStrip } from '@/ui/block-strip.tsx';
import { Section } from '@/ui/section.tsx';
import { blocksOfViews } from './blocks-of-view.ts';
import { saveFile } from './save-file.ts';
import { currentRecording } from './runs/current-recording.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

/** The KV blocks of the run and the offsets at which the last step saw them; saves the run as a trace. */
export function RunBlocks({ run }: { readonly run: ReasoningRun }): ReactElement {
  return (
    <Section
      title="Blocks"
      gloss="tokens in the cache; below, the rotary offset: how far a stream’s newest token stood from each block’s first"
      className="run-blocks"
      facts={<SaveTrace run={run} />}
    >
      <LiveBlocks />
    </Section>
  );
}

function LiveBlocks(): ReactElement {
  const views = useAppState((state) => state.reasoning.views);
  const { blocks, rows } = useMemo(() => blocksOfViews(views), [views]);
  return <BlockStrip blocks={blocks} rows={rows} />;
}

/** The run that is shown; also in the middle of one, up to then. */
function SaveTrace({ run }: { readonly run: ReasoningRun }): ReactElement {
  const store = useAppStore();
  const isPossible = useAppState(
    ({ playback, live }) => playback?.source === 'recording' || (live.steps.length > 0 && live.phase !== 'failed'),
  );
  const save = async (): Promise<void> => {
    const state = store.getState();
    const shown = state.playback?.run ?? (await currentRecording(state, run));
    if (shown !== null) saveFile('duet-trace.json', 'application/json', JSON.stringify(shown));
  };
  return (
    <Button variant="default" disabled={!isPossible} onClick={() => void save()}>
      Save trace
    </Button>
  );
}
