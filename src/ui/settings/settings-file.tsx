import './settings.css';
import { Button, Textarea } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { FileButton } from '../file-button.tsx';
import type { SettingsForm } from './settings-form.ts';
import { parseSettings } from './settings-text.ts';

interface SettingsFileProps<Settings extends object> {
  readonly form: SettingsForm<Settings>;
  readonly onLoad: (settings: Partial<Settings>) => void;
  readonly onClose: () => void;
}

/** Settings from a text or a file, taken over as a whole or not at all. */
export function SettingsFile<Settings extends object>({
  form,
  onLoad,
  onClose,
}: SettingsFileProps<Settings>): ReactElement {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  const load = (source: string): void => {
    const parsed = parseSettings(form, source);
    setProblem(parsed.problem);
    if (parsed.settings !== null) onLoad(parsed.settings);
  };
  const read = async (chosen: File): Promise<void> => {
    const content = await chosen.text();
    setText(content);
    load(content);
  };

  return (
    <div className="settings-file">
      <Textarea
        label="Settings as JSON"
        description="All settings or some of them, as “Copy as JSON” gives them."
        autosize
        minRows={3}
        maxRows={8}
        data-autofocus
        classNames={{ input: 'settings-file__text' }}
        spellCheck={false}
        value={text}
        error={problem === null ? null : `${problem} Nothing was changed.`}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setProblem(null);
        }}
      />
      <div className="settings-file__actions">
        <Button onClick={() => load(text)} disabled={text.trim() === ''}>
          Load
        </Button>
        <FileButton
          label="Choose a file"
          name="Settings file"
          accept=".json,application/json"
          onFile={(file) => void read(file)}
        />
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}
