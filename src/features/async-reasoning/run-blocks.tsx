import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { isRunActive } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { BlockStrip } from '@/ui/block-strip.tsx';
import { Section } from '@/ui/section.tsx';
import { blocksOfViews } from './blocks-of-view.ts';
import { saveTrace } from './save-trace.ts';
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

/** Also in the middle of a run: the trace up to then. */
function SaveTrace({ run }: { readonly run: ReasoningRun }): ReactElement {
  const trace = useAppState((state) => state.reasoning.trace);
  const hasSteps = useAppState((state) => isRunActive(state.reasoning) && state.reasoning.steps.length > 0);
  const save = async (): Promise<void> => {
    const newest = trace ?? (await run.traceSoFar());
    if (newest !== null) saveTrace(newest);
  };
  return (
    <Button variant="default" disabled={trace === null && !hasSteps} onClick={() => void save()}>
      Save trace
    </Button>
  );
}
