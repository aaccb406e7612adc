import './settings.css';
import { Button, CopyButton } from '@mantine/core';
import { useRef, useState, type ReactElement } from 'react';
import { SettingsFile } from './settings-file.tsx';
import type { SettingsForm } from './settings-form.ts';

interface SettingsActionsProps<Settings extends object> {
  readonly form: SettingsForm<Settings>;
  readonly settings: Settings;
  readonly isChanged: boolean;
  /** What was changed last, in words, while it can be taken back. */
  readonly replaced: string | null;
  readonly onUndo: () => void;
  readonly onResetAll: () => void;
  readonly onLoad: (what: string, settings: Partial<Settings>) => void;
}

/** What can be done with all settings at once. */
export function SettingsActions<Settings extends object>({
  form,
  settings,
  isChanged,
  replaced,
  onUndo,
  onResetAll,
  onLoad,
}: SettingsActionsProps<Settings>): ReactElement {
  const [isLoading, setIsLoading] = useState(false);
  const actions = useRef<HTMLDivElement>(null);
  const closeFile = (): void => {
    setIsLoading(false);
    actions.current?.focus();
  };
  return (
    <div className="settings-actions" ref={actions} tabIndex={-1}>
      <div className="settings-actions__undo" role="status">
        {replaced !== null && (
          <>
            <span>{replaced}</span>
            <Button
              variant="default"
              onClick={() => {
                onUndo();
                actions.current?.focus();
              }}
            >
              Undo
            </Button>
          </>
        )}
      </div>
      {isLoading && (
        <SettingsFile
          form={form}
          onClose={closeFile}
          onLoad={(loaded) => {
            closeFile();
            onLoad(loadedText(Object.keys(loaded).length), loaded);
          }}
        />
      )}
      <div className="settings-actions__row">
        <Button variant="default" disabled={!isChanged} onClick={onResetAll}>
          Reset all
        </Button>
        <CopyButton value={JSON.stringify(settings, null, 2)}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy as JSON'}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" aria-expanded={isLoading} onClick={() => setIsLoading(!isLoading)}>
          Load from JSON
        </Button>
      </div>
    </div>
  );
}

function loadedText(count: number): string {
  return count === 1 ? '1 setting was loaded.' : `${count} settings were loaded.`;
}
