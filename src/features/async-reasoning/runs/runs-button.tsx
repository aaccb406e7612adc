import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { RunsDialog } from './runs-dialog.tsx';

/** Opens the kept runs. */
export function RunsButton({ run }: { readonly run: ReasoningRun }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button variant="default" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        Runs
      </Button>
      <RunsDialog run={run} isOpen={isOpen} onClose={() => setIsOpen(false)} />
    </>
  );
}
