import './save-scenario.css';
import { Button, Popover, type ButtonProps } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactElement } from 'react';
import { saveText } from './save-file.ts';

interface SaveScenarioProps extends Pick<ButtonProps, 'size'> {
  readonly isPossible: boolean;
  /** Rejects with the reason if a file cannot repeat what was done. */
  readonly make: () => Promise<{ readonly name: string; readonly text: string }>;
}

/** Offers the scenario that repeats what was just done; where there can be none, says why, over what is around it. */
export function SaveScenario({ isPossible, make, ...look }: SaveScenarioProps): ReactElement {
  const [refusal, setRefusal] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    try {
      const { name, text } = await make();
      saveText(name, 'application/json', text);
      setRefusal(null);
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  // The button keeps the focus. A dialog around it stays open.
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || refusal === null) return;
    event.stopPropagation();
    setRefusal(null);
  };
  return (
    <Popover
      opened={refusal !== null}
      onDismiss={() => setRefusal(null)}
      position="top-end"
      withRoles={false}
      trapFocus={false}
    >
      <Popover.Target>
        <Button
          {...look}
          variant="default"
          disabled={!isPossible}
          data-mantine-stop-propagation={refusal === null ? undefined : 'true'}
          onKeyDown={leave}
          title="A file that repeats this and expects the same tokens, for npm run scenario"
          onClick={() => void save()}
        >
          Save as scenario
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="save-scenario__refusal">
        <p role="alert">{refusal}</p>
      </Popover.Dropdown>
    </Popover>
  );
}
