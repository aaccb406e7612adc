import './runs.css';
import { Button } from '@mantine/core';
import { useRef, useState, type DragEvent, type ReactElement } from 'react';
import type { RunSummary } from '@/state/run-storage.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { Notice } from '@/ui/notice.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { RunComparisonTable } from './run-comparison-table.tsx';
import { RunRow } from './run-row.tsx';
import { SaveRun } from './save-run.tsx';
import { useRuns, type Outcome, type Runs } from './use-runs.ts';

interface RunsDialogProps {
  readonly run: ReasoningRun;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Runs that are kept in this browser and those that come with the page: to replay, compare, take along. */
export function RunsDialog({ run, isOpen, onClose }: RunsDialogProps): ReactElement {
  return (
    <Dialog title="Runs" isOpen={isOpen} onClose={onClose} isLocked={false} isFullScreen={false}>
      <RunsBody run={run} onClose={onClose} />
    </Dialog>
  );
}

function RunsBody({ run, onClose }: Omit<RunsDialogProps, 'isOpen'>): ReactElement {
  const runs = useRuns(run);
  const [isOver, setIsOver] = useState(false);
  const { compared } = runs;
  if (compared !== null) return <RunComparisonTable compared={compared} onBack={runs.closeComparison} />;
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    void runs.importFiles([...event.dataTransfer.files]);
  };
  return (
    <div
      className="runs"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <SaveRun onSave={runs.saveCurrent} />
      <Import onFiles={runs.importFiles} />
      <OutcomeLine outcome={runs.outcome} />
      <RunLists runs={runs} onClose={onClose} />
    </div>
  );
}

function RunLists({ runs, onClose }: { readonly runs: Runs; readonly onClose: () => void }): ReactElement {
  const [marked, setMarked] = useState<readonly RunSummary[]>([]);
  const isMarked = (summary: RunSummary): boolean => marked.some(({ key }) => key === summary.key);
  // Of three the first one gives way: two can be compared.
  const mark = (summary: RunSummary): void =>
    setMarked(isMarked(summary) ? marked.filter(({ key }) => key !== summary.key) : [...marked, summary].slice(-2));
  const replay = async (summary: RunSummary): Promise<void> => {
    if (await runs.replay(summary)) onClose();
  };
  const rowOf = (summary: RunSummary, isKept: boolean): ReactElement => (
    <RunRow
      key={summary.key}
      run={summary}
      isMarked={isMarked(summary)}
      onMark={() => mark(summary)}
      onReplay={() => void replay(summary)}
      onExport={() => void runs.exportRun(summary)}
      {...(isKept && {
        onRename: (name: string) => void runs.rename(summary, name),
        onDelete: () => {
          setMarked(marked.filter(({ key }) => key !== summary.key));
          void runs.remove(summary);
        },
      })}
    />
  );
  const [a, b] = marked;
  return (
    <>
      <section aria-labelledby="runs-kept">
        <div className="runs__head">
          <h3 id="runs-kept">Kept in this browser</h3>
          <Button
            variant="default"
            disabled={a === undefined || b === undefined}
            onClick={() => a !== undefined && b !== undefined && void runs.compare(a, b)}
          >
            Compare two runs
          </Button>
        </div>
        {runs.kept?.length === 0 && (
          <p className="runs__empty">
            Your last run will stand here once a question is answered or stopped, and every run that you save or import.
          </p>
        )}
        <ul className="runs__list">{runs.kept?.map((summary) => rowOf(summary, true))}</ul>
      </section>
      {runs.shipped.length > 0 && (
        <section aria-labelledby="runs-shipped">
          <div className="runs__head">
            <h3 id="runs-shipped">Recorded with this page</h3>
          </div>
          <ul className="runs__list">{runs.shipped.map((summary) => rowOf(summary, false))}</ul>
        </section>
      )}
    </>
  );
}

function Import({ onFiles }: { readonly onFiles: Runs['importFiles'] }): ReactElement {
  const file = useRef<HTMLInputElement>(null);
  return (
    <div className="runs__import">
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        multiple
        className="visually-hidden"
        aria-label="Run file"
        tabIndex={-1}
        onChange={(event) => {
          void onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <Button variant="default" onClick={() => file.current?.click()}>
        Import a file
      </Button>
      <span>or drop it here: an exported run, or a trace (async-trace-1).</span>
    </div>
  );
}

/** What became of the last action; its place is kept. */
function OutcomeLine({ outcome }: { readonly outcome: Outcome | null }): ReactElement {
  if (outcome?.kind === 'refused') return <Notice {...outcome} />;
  const undo = outcome?.undo;
  return (
    <div className="runs__outcome" role="status">
      <span>{outcome?.text}</span>
      {undo !== undefined && (
        <Button variant="default" size="compact-sm" onClick={() => void undo()}>
          Undo
        </Button>
      )}
    </div>
  );
}
