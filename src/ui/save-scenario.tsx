import './save-scenario.css';
import { Button, Popover, type ButtonProps } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactElement } from 'react';
import { saveText } from './save-file.ts';

interface SaveScenarioProps extends Pick<ButtonProps, 'size'> {
  readonly isPossible: boolean;
  /** Rejects with the reason if a file cannot repeat what was done. */
  readonly make: () => Promise<{ readonly name: string; readonly text: string; readonly need: string }>;
}

interface Said {
  readonly role: 'alert' | 'status';
  readonly text: string;
}

/**
 * Offers the scenario that repeats what was just done; where there can be none, says why, and where it needs a file beside
 * it, which, over what is around it.
 */
export function SaveScenario({ isPossible, make, ...look }: SaveScenarioProps): ReactElement {
  const [said, setSaid] = useState<Said | null>(null);
  const save = async (): Promise<void> => {
    try {
      const { name, text, need } = await make();
      saveText(name, 'application/json', text);
      setSaid(need === '' ? null : { role: 'status', text: need });
    } catch (error) {
      setSaid({ role: 'alert', text: error instanceof Error ? error.message : String(error) });
    }
  };
  // The button keeps the focus. A dialog around it stays open.
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || said === null) return;
    event.stopPropagation();
    setSaid(null);
  };
  return (
    <Popover
      opened={said !== null}
      onDismiss={() => setSaid(null)}
      position="top-end"
      withRoles={false}
      trapFocus={false}
    >
      <Popover.Target>
        <Button
          {...look}
          variant="default"
          disabled={!isPossible}
          data-mantine-stop-propagation={said === null ? undefined : 'true'}
          onKeyDown={leave}
          title="A file that repeats this and expects the same tokens, for npm run scenario. “Share” makes a link of it"
          onClick={() => void save()}
        >
          Save as scenario
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="save-scenario__said">
        <p role={said?.role}>{said?.text}</p>
      </Popover.Dropdown>
    </Popover>
  );
}
