import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { isRunActive } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { saveTrace } from './save-trace.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

/** Also in the middle of a run: the trace up to then. */
export function SaveTrace({ run }: { readonly run: ReasoningRun }): ReactElement {
  const trace = useAppState((state) => state.reasoning.trace);
  const hasSteps = useAppState((state) => isRunActive(state.reasoning) && state.reasoning.steps.length > 0);
  const save = async (): Promise<void> => {
    const newest = trace ?? (await run.traceSoFar());
    if (newest !== null) saveTrace(newest);
  };
  return (
    <Button
      variant="default"
      size="compact-xs"
      className="pictures__action"
      disabled={trace === null && !hasSteps}
      onClick={() => void save()}
    >
      Save trace
    </Button>
  );
}
