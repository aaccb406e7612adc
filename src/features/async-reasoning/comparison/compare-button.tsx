import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { ComparisonDialog } from './comparison-dialog.tsx';

/** Opens the comparison with the other ways of answering. */
export function CompareButton({ run }: { readonly run: ReasoningRun }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button variant="default" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        Compare
      </Button>
      <ComparisonDialog run={run} isOpen={isOpen} onClose={() => setIsOpen(false)} />
    </>
  );
}
