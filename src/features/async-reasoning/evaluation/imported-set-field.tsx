import { Button } from '@mantine/core';
import { useRef, useState, type DragEvent, type ReactElement } from 'react';
import { MAX_FILE_LENGTH } from '@/state/evaluation-import/read-rows.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { ImportPreview } from './import-preview.tsx';

interface OpenedFile {
  readonly name: string;
  readonly text: string;
}

/** UTF-8 has at most three bytes for each UTF-16 unit. */
const MAX_FILE_BYTES = 3 * MAX_FILE_LENGTH;
const MAX_SET_NAME = 100;

/** Questions from a file: chosen or dropped, looked through, and taken over only when that is wanted. */
export function ImportedSetField(): ReactElement {
  const imported = useAppState((state) => state.evaluationPlan.imported);
  const change = useAppState((state) => state.evaluationPlanChanged);
  const [file, setFile] = useState<OpenedFile | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isOver, setIsOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const open = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    setFile(null);
    setProblem(null);
    if (chosen.size > MAX_FILE_BYTES) {
      setProblem(`“${chosen.name}” is larger than ${MAX_FILE_BYTES / 1e6} MB.`);
      return;
    }
    try {
      setFile({ name: chosen.name, text: await chosen.text() });
    } catch {
      setProblem(`“${chosen.name}” could not be read.`);
    }
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    void open(event.dataTransfer.files[0]);
  };

  return (
    <div className="import">
      <div
        className="import__drop"
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        <span role="status">
          {imported === null
            ? 'Drop a file of questions here.'
            : `In use: ${countText(imported.items.length)} from “${imported.name}”.`}
        </span>
        <Button variant="default" onClick={() => input.current?.click()}>
          Choose a file
        </Button>
        <input
          ref={input}
          type="file"
          accept=".jsonl,.ndjson,.json,.csv,.tsv,text/csv,application/jsonl"
          className="visually-hidden"
          aria-label="Question file"
          tabIndex={-1}
          onChange={(event) => {
            void open(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
      </div>
      {problem !== null && (
        <Notice
          what="The file was not opened"
          why={problem}
          remedy="Nothing was changed. Choose a smaller or another file."
        />
      )}
      {file !== null && (
        <ImportPreview
          key={file.name + file.text.length}
          name={file.name}
          text={file.text}
          onUse={(items) => {
            change({ imported: { name: file.name.slice(0, MAX_SET_NAME), items }, numItems: items.length });
            setFile(null);
          }}
          onLeave={() => setFile(null)}
        />
      )}
    </div>
  );
}

function countText(count: number): string {
  return count === 1 ? '1 question' : `${count.toLocaleString('en')} questions`;
}
