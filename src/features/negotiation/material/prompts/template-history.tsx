import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { checkTemplateText, type TemplateId } from '@/protocol/negotiation/templates.ts';
import type { TemplateVersion } from '@/state/material-templates.ts';
import { formatDate } from '@/ui/format.ts';
import { templateOf } from './template-groups.ts';
import { Comparison } from './template-text.tsx';
import type { EditedTemplate } from './use-template.ts';

interface TemplateHistoryProps {
  readonly id: TemplateId;
  readonly edited: EditedTemplate;
}

/** Earlier texts of the visitor's, to look at and to use again. */
export function TemplateHistory({ id, edited }: TemplateHistoryProps): ReactElement | null {
  const earlier = edited.edit?.earlier ?? [];
  if (earlier.length === 0) return null;
  return (
    <details className="template__history">
      <summary>Earlier versions of yours: {earlier.length}</summary>
      <ul aria-label="Earlier versions">
        {earlier.map((version) => (
          <Version key={version.savedAt + version.text} id={id} version={version} edited={edited} />
        ))}
      </ul>
    </details>
  );
}

interface VersionProps extends TemplateHistoryProps {
  readonly version: TemplateVersion;
}

function Version({ id, version, edited }: VersionProps): ReactElement {
  const [isShown, setIsShown] = useState(false);
  const faults = checkTemplateText(id, version.text);
  const date = formatDate(version.savedAt);
  return (
    <li>
      <div className="material__actions">
        <span className="template__date">{date}</span>
        <Button variant="default" aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
          Differences from ours
        </Button>
        <Button variant="default" disabled={faults.length > 0} onClick={() => edited.takeEarlier(version)}>
          Use again
        </Button>
      </div>
      {faults.length > 0 && <p className="material__note">It does not fit any more. {faults.join(' ')}</p>}
      {isShown && <Comparison ours={templateOf(id).text} text={version.text} />}
    </li>
  );
}
