import './prompts.css';
import { Button } from '@mantine/core';
import { useState, type DragEvent, type ReactElement } from 'react';
import type { TemplateId } from '@/protocol/negotiation/templates.ts';
import { writeTemplates } from '@/state/material-templates.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { saveText } from '@/ui/save-file.ts';
import { FileButton } from '@/ui/file-button.tsx';
import { openFile, type OpenedFile } from '../opened-file.ts';
import { OutcomeLine, type Outcome } from '../outcome-line.tsx';
import { TemplateEditor } from './template-editor.tsx';
import { TEMPLATE_GROUPS, templateOf } from './template-groups.ts';
import { TemplatesImport } from './templates-import.tsx';

/** All prompts of the panel: to read, edit, compare with ours, and take in and out. */
export function PromptsTab(): ReactElement {
  const store = useAppStore();
  const [id, setId] = useState<TemplateId>('agent');
  const [file, setFile] = useState<OpenedFile | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const numEdited = useAppState(
    (state) => Object.values(state.templateEdits).filter(({ current }) => current !== null).length,
  );
  const open = (chosen: File): void => {
    setOutcome(null);
    void openFile(chosen).then(setFile);
  };
  const drop = (event: DragEvent): void => {
    const [dropped] = event.dataTransfer.files;
    if (dropped === undefined) return;
    event.preventDefault();
    open(dropped);
  };
  return (
    <div className="material__columns prompts" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <div className="material__browse">
        <div className="material__actions">
          <FileButton label="Import" name="File of prompts" accept=".json,application/json" onFile={open} />
          <Button
            variant="default"
            disabled={numEdited === 0}
            onClick={() =>
              saveText('duet-prompts.json', 'application/json', writeTemplates(store.getState().templateEdits))
            }
          >
            {numEdited === 0 ? 'Export edited' : `Export ${numEdited} edited`}
          </Button>
        </div>
        <nav className="prompts__list" aria-label="Prompts">
          {TEMPLATE_GROUPS.map(({ name, ids }) => (
            <div key={name}>
              <h3>{name}</h3>
              <ul aria-label={name}>
                {ids.map((one) => (
                  <li key={one}>
                    <TemplateLink
                      id={one}
                      isOpen={one === id && file === null}
                      onOpen={() => {
                        setFile(null);
                        setOutcome(null);
                        setId(one);
                      }}
                    />
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </nav>
      </div>
      <div className="material__pane">
        <div className="material__scroll">
          {file === null ? (
            <TemplateEditor key={id} id={id} onOutcome={setOutcome} />
          ) : (
            <TemplatesImport file={file} onOutcome={setOutcome} onLeave={() => setFile(null)} />
          )}
        </div>
        <OutcomeLine outcome={outcome} onUndone={() => setOutcome(null)} />
      </div>
    </div>
  );
}

interface TemplateLinkProps {
  readonly id: TemplateId;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function TemplateLink({ id, isOpen, onOpen }: TemplateLinkProps): ReactElement {
  const isEdited = useAppState((state) => (state.templateEdits[id]?.current ?? null) !== null);
  const isUnsaved = useAppState((state) => state.templateDrafts[id] !== undefined);
  const mark = [...(isEdited ? ['edited'] : []), ...(isUnsaved ? ['not saved'] : [])].join(', ');
  return (
    <button type="button" className="prompts__link" aria-current={isOpen} onClick={onOpen}>
      <span>{templateOf(id).name}</span>
      {mark !== '' && <em>{mark}</em>}
    </button>
  );
}
