import { Button, Textarea } from '@mantine/core';
import { useRef, useState, type DragEvent, type ReactElement } from 'react';
import { FINE_TUNE_LABELS, MAX_KEPT_DATA } from '@/state/fine-tune-form.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { describeData } from './describe-data.ts';
import { EXAMPLE_DATA } from './example-data.ts';

/** The engine reads five million characters, which have at most three bytes each. */
const MAX_FILE_BYTES = 15e6;

/** What to learn from: typed, pasted, opened or dropped. */
export function ExamplesField(): ReactElement {
  const data = useAppState((state) => state.fineTuneForm.data);
  const change = useAppState((state) => state.fineTuneFormChanged);
  const [problem, setProblem] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const write = (text: string): void => {
    setProblem(null);
    change({ data: text });
  };
  const open = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    if (file.size > MAX_FILE_BYTES) {
      setProblem(`“${file.name}” is larger than ${MAX_FILE_BYTES / 1e6} MB; the text stays as it was.`);
      return;
    }
    try {
      write(await file.text());
    } catch {
      setProblem(`“${file.name}” could not be read; the text stays as it was.`);
    }
  };
  return (
    <div
      className="examples"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event: DragEvent) => {
        const [file] = event.dataTransfer.files;
        // Dropped text goes where it is dropped.
        if (file === undefined) return;
        event.preventDefault();
        void open(file);
      }}
    >
      <Textarea
        label={FINE_TUNE_LABELS.data}
        description="Plain text, one example a paragraph; or JSONL, one object a line: { messages }, { prompt, completion } or { text }."
        rows={8}
        spellCheck={false}
        value={data}
        error={problem}
        onChange={(event) => write(event.currentTarget.value)}
      />
      <div className="examples__foot">
        <Button variant="default" onClick={() => input.current?.click()}>
          Open a file
        </Button>
        <Button variant="default" onClick={() => write(EXAMPLE_DATA)}>
          Load an example
        </Button>
        <span role="status">{describeData(data)}</span>
        <input
          ref={input}
          type="file"
          accept=".txt,.jsonl,.ndjson,.json,text/plain,application/jsonl"
          className="visually-hidden"
          aria-label="File of examples"
          tabIndex={-1}
          onChange={(event) => {
            void open(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
      </div>
      {data.length > MAX_KEPT_DATA && (
        <p className="adapters__note">
          Longer than {MAX_KEPT_DATA.toLocaleString('en')} characters: this text is not kept when the page is reloaded.
        </p>
      )}
    </div>
  );
}
