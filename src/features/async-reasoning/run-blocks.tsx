import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { BlockStrip } from '@/ui/block-strip.tsx';
import { Section } from '@/ui/section.tsx';
import { blocksOfViews } from './blocks-of-view.ts';
import { saveTrace } from './save-trace.ts';

/** The KV blocks of the run and the offsets at which the last step saw them; saves the run as a trace. */
export function RunBlocks(): ReactElement {
  const views = useAppState((state) => state.reasoning.views);
  const trace = useAppState((state) => state.reasoning.trace);
  const { blocks, rows } = useMemo(() => blocksOfViews(views), [views]);
  return (
    <Section
      title="Blocks"
      gloss="tokens in the cache; below, the rotary offset: how far a stream’s newest token stood from each block’s first"
      className="run-blocks"
      facts={
        <Button
          variant="default"
          disabled={trace === null}
          onClick={() => {
            if (trace !== null) saveTrace(trace);
          }}
        >
          Save trace
        </Button>
      }
    >
      <BlockStrip blocks={blocks} rows={rows} />
    </Section>
  );
}
