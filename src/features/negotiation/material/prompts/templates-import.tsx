import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { isTemplateId, readTemplates } from '@/state/material-templates.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import type { OpenedFile } from '../opened-file.ts';
import type { Outcome } from '../outcome-line.tsx';
import { templateOf } from './template-groups.ts';

interface TemplatesImportProps {
  readonly file: OpenedFile;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onLeave: () => void;
}

/** What a file of prompts would change; nothing changes before the button is pressed. */
export function TemplatesImport({ file, onOutcome, onLeave }: TemplatesImportProps): ReactElement {
  const back = (
    <Button variant="default" onClick={onLeave}>
      Back
    </Button>
  );
  if ('problem' in file) {
    return (
      <Notice
        what={`“${file.name}” was not opened`}
        why={file.problem}
        remedy="Nothing was changed. Choose another file."
        action={back}
      />
    );
  }
  return <Preview name={file.name} text={file.text} onOutcome={onOutcome} onLeave={onLeave} />;
}

interface PreviewProps extends Omit<TemplatesImportProps, 'file'> {
  readonly name: string;
  readonly text: string;
}

function Preview({ name, text, onOutcome, onLeave }: PreviewProps): ReactElement {
  const edits = useAppState((state) => state.templateEdits);
  const imported = useAppState((state) => state.templatesImported);
  const putBack = useAppState((state) => state.templatePutBack);
  const read = useMemo(() => readTemplates(text, edits), [text, edits]);
  const ids = Object.keys(read.texts).filter(isTemplateId);
  const take = (): void => {
    imported(read.texts, new Date().toISOString());
    onOutcome({
      text: `${countText(ids.length)} changed.`,
      undo: () => {
        for (const id of ids) putBack(id, edits[id]);
      },
    });
    onLeave();
  };
  return (
    <section className="item-import" aria-label={`What “${name}” holds`}>
      <h3>What “{name}” holds</h3>
      <p role="status">
        {countText(ids.length)} to change; {read.numKnown} in use already; {read.problems.length} left out. Nothing has
        changed yet.
      </p>
      <div className="material__actions">
        <Button disabled={ids.length === 0} onClick={take}>
          {ids.length === 0 ? 'Nothing to change' : `Change ${countText(ids.length)}`}
        </Button>
        <Button variant="default" onClick={onLeave}>
          Cancel
        </Button>
      </div>
      {read.problems.length > 0 && (
        <>
          <h4>Left out: {read.problems.length}</h4>
          <ul className="item-import__lines">
            {read.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </>
      )}
      {ids.length > 0 && (
        <>
          <h4>Prompts that change</h4>
          <ul className="item-import__items">
            {ids.map((id) => (
              <li key={id}>
                {templateOf(id).name}
                {(edits[id]?.current ?? null) !== null && (
                  <small> in the place of your text, which stays among the earlier versions</small>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function countText(count: number): string {
  return count === 1 ? '1 prompt' : `${count} prompts`;
}
