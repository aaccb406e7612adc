import { Button, Checkbox } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { RunSummary } from '@/state/run-storage.ts';
import { NameForm } from '@/ui/name-form.tsx';
import { runDate } from '../run-label.ts';

interface RunRowProps {
  readonly run: RunSummary;
  readonly isMarked: boolean;
  readonly onMark: () => void;
  readonly onReplay: () => void;
  readonly onExport: () => void;
  /** Absent for what comes with the page. */
  readonly onRename?: (name: string) => void;
  readonly onDelete?: () => void;
}

/** One run of a list. */
export function RunRow(props: RunRowProps): ReactElement {
  const { run, isMarked, onMark, onReplay, onExport, onRename, onDelete } = props;
  const [isNaming, setIsNaming] = useState(false);
  const steps = `${run.numSteps.toLocaleString('en')} ${run.numSteps === 1 ? 'step' : 'steps'}`;
  const facts = [run.model, run.device, runDate(run.createdAt), steps].filter(Boolean).join(' \u00B7 ');
  return (
    <li className="runs__row" aria-label={run.name}>
      <Checkbox
        size="sm"
        checked={isMarked}
        onChange={onMark}
        aria-label={`Mark \u201C${run.name}\u201D for comparing`}
      />
      {isNaming && onRename !== undefined ? (
        <NameForm
          name={run.name}
          maxLength={200}
          onDone={(name) => {
            setIsNaming(false);
            if (name !== null) onRename(name);
          }}
        />
      ) : (
        <div className="runs__what">
          <strong dir="auto">{run.name}</strong>
          <span>
            {run.isLast && <em>last run, not saved yet</em>}
            {facts}
          </span>
        </div>
      )}
      <div className="runs__actions">
        <Button size="compact-sm" onClick={onReplay}>
          Replay
        </Button>
        <Button size="compact-sm" variant="default" onClick={onExport}>
          Export
        </Button>
        {onRename !== undefined && (
          <Button size="compact-sm" variant="default" onClick={() => setIsNaming(true)}>
            {run.isLast ? 'Save' : 'Rename'}
          </Button>
        )}
        {onDelete !== undefined && (
          <Button size="compact-sm" variant="default" onClick={onDelete}>
            Delete
          </Button>
        )}
      </div>
    </li>
  );
}
