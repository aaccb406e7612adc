import { Button } from '@mantine/core';
import type { ReactElement } from 'react';

/** What became of the last action. */
export interface Outcome {
  readonly text: string;
  readonly undo?: () => void;
}

interface OutcomeLineProps {
  readonly outcome: Outcome | null;
  readonly onUndone: () => void;
}

/** What became of the last action, and the way back; its place is kept. */
export function OutcomeLine({ outcome, onUndone }: OutcomeLineProps): ReactElement {
  const undo = outcome?.undo;
  return (
    <div className="material__outcome" role="status">
      <span>{outcome?.text}</span>
      {undo !== undefined && (
        <Button
          variant="default"
          onClick={() => {
            undo();
            onUndone();
          }}
        >
          Undo
        </Button>
      )}
    </div>
  );
}
