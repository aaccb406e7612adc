import { Button, SegmentedControl, Textarea, Tooltip } from '@mantine/core';
import { useRef, useState, type ReactElement } from 'react';
import { slotsIn, type PromptTemplate } from '@/protocol/negotiation/prompt-template.ts';
import type { TemplateId } from '@/protocol/negotiation/templates.ts';
import type { Outcome } from '../outcome-line.tsx';
import { Comparison, MarkedText } from './template-text.tsx';
import { templateOf } from './template-groups.ts';
import { TemplateHistory } from './template-history.tsx';
import { useTemplate, type EditedTemplate } from './use-template.ts';

interface TemplateEditorProps {
  readonly id: TemplateId;
  readonly onOutcome: (outcome: Outcome | null) => void;
}

type View = 'edit' | 'read' | 'compare';

/** One prompt: its text with its slots, what is wrong with it, where it comes from, and its earlier versions. */
export function TemplateEditor({ id, onOutcome }: TemplateEditorProps): ReactElement {
  const template = templateOf(id);
  const edited = useTemplate(id, onOutcome);
  const [view, setView] = useState<View>('edit');
  const field = useRef<HTMLTextAreaElement>(null);
  const insert = (slot: string): void => {
    const { current } = field;
    if (current === null) return;
    current.setRangeText(`{${slot}}`, current.selectionStart, current.selectionEnd, 'end');
    current.focus();
    edited.write(current.value);
  };
  return (
    <section className="template" aria-labelledby={`template-${id}`}>
      <div className="template__head">
        <h3 id={`template-${id}`}>{template.name}</h3>
        <span className="template__version">{versionText(template, edited)}</span>
        <SegmentedControl
          size="xs"
          aria-label="View"
          value={view}
          onChange={setView}
          data={[
            { value: 'edit', label: 'Edit' },
            { value: 'read', label: template.source.kind === 'paper' ? 'Slots and quotes' : 'Slots' },
            { value: 'compare', label: 'Compare with ours' },
          ]}
        />
      </div>
      <Warnings template={template} edited={edited} />
      {view === 'edit' && (
        <>
          <Slots template={template} text={edited.text} onInsert={insert} />
          <Textarea
            ref={field}
            aria-label={`Text of “${template.name}”`}
            aria-describedby={`faults-${id}`}
            className="template__text"
            spellCheck={false}
            value={edited.text}
            onChange={(event) => edited.write(event.currentTarget.value)}
          />
        </>
      )}
      {view === 'read' && <MarkedText text={edited.text} source={template.source} />}
      {view === 'compare' && <Comparison ours={template.text} text={edited.text} />}
      <ul className="template__faults" id={`faults-${id}`} aria-live="polite">
        {edited.faults.map((fault) => (
          <li key={fault}>{fault}</li>
        ))}
      </ul>
      <div className="material__actions">
        <Button disabled={!edited.isChanged || edited.faults.length > 0} onClick={edited.save}>
          Save
        </Button>
        <Button variant="default" disabled={!edited.isChanged} onClick={edited.discard}>
          Discard changes
        </Button>
        <Button variant="default" disabled={!edited.isEdited} onClick={edited.restoreOurs}>
          Restore ours
        </Button>
        {edited.isOutdated && !edited.isChanged && (
          <Button variant="default" disabled={edited.savedFaults.length > 0} onClick={edited.save}>
            Keep mine
          </Button>
        )}
      </div>
      <Source source={template.source} />
      <TemplateHistory id={id} edited={edited} />
    </section>
  );
}

function versionText({ version }: PromptTemplate, { edit, isChanged }: EditedTemplate): string {
  const current = edit?.current ?? null;
  const saved = current === null ? `ours, version ${version}` : `edited, from ours version ${current.ourVersion}`;
  return isChanged ? `${saved}; changes not saved` : saved;
}

function Warnings({
  template,
  edited,
}: {
  readonly template: PromptTemplate;
  readonly edited: EditedTemplate;
}): ReactElement | null {
  const { edit, isOutdated, savedFaults } = edited;
  if (savedFaults.length > 0) {
    return (
      <p className="template__warning" role="alert">
        Your saved text does not fit this prompt any more, so ours is in use: {savedFaults.join(' ')}
      </p>
    );
  }
  if (!isOutdated) return null;
  return (
    <p className="template__warning" role="alert">
      Ours has been renewed: version {template.version}, while yours was made from version {edit?.current?.ourVersion}.
      Compare them, then keep yours or restore ours.
    </p>
  );
}

interface SlotsProps {
  readonly template: PromptTemplate;
  readonly text: string;
  readonly onInsert: (slot: string) => void;
}

/** What can be put in; a click writes it at the caret. */
function Slots({ template, text, onInsert }: SlotsProps): ReactElement {
  const inText = slotsIn(text);
  return (
    <ul className="template__slots" aria-label="Slots">
      {template.slots.map(({ name, about, isRequired }) => {
        const isUsed = inText.includes(name);
        const state = isUsed ? 'in the text' : isRequired ? 'needed, missing' : 'not used';
        return (
          <li key={name}>
            <Tooltip label={`${about}; ${isRequired ? 'required' : 'may be left out'}. Click to insert.`}>
              <button
                type="button"
                className="template__slot"
                data-state={isUsed ? 'used' : isRequired ? 'missing' : 'unused'}
                // The caret stays where it is.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => onInsert(name)}
                aria-label={`Insert {${name}}: ${about}, ${isRequired ? 'required' : 'may be left out'}, ${state}`}
              >
                {`{${name}}`}
                {isRequired && <span aria-hidden="true">*</span>}
              </button>
            </Tooltip>
          </li>
        );
      })}
      <li className="material__note" aria-hidden="true">
        * required
      </li>
    </ul>
  );
}

function Source({ source }: Pick<PromptTemplate, 'source'>): ReactElement {
  return (
    <p className="template__source">
      {source.kind === 'ours' ? (
        <>
          <strong>Ours.</strong> {source.note}
        </>
      ) : (
        <>
          <strong>After the paper.</strong> {source.credit}. {source.note}
        </>
      )}
    </p>
  );
}
