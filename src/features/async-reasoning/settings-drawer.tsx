import { Button, CopyButton, Drawer, NumberInput, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import { DEFAULT_REASONING_SETTINGS, REASONING_FIELDS, WRITE_BEFORE_SEND } from '@/state/reasoning-settings.ts';
import { useAppState } from '@/state/use-app-state.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

const NUMBER_KEYS = ['budget', 'probeInterval', 'yesBias', 'keepThoughtsFrom'] as const;

interface SettingsDrawerProps {
  readonly run: ReasoningRun;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Budget and cadence of a run. Changes reach a run under way between two of its steps. */
export function SettingsDrawer({ run, isOpen, onClose }: SettingsDrawerProps): ReactElement {
  const settings = useAppState((state) => state.reasoningSettings);
  const restoreDefaults = (): void => run.changeSettings(DEFAULT_REASONING_SETTINGS);
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size="sm"
      title="Settings"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="settings">
        {NUMBER_KEYS.map((key) => {
          const { label, unit, help, min, max, step } = REASONING_FIELDS[key];
          return (
            <NumberInput
              key={key}
              label={label}
              description={help}
              suffix={` ${unit}`}
              min={min}
              max={max}
              step={step}
              value={settings[key]}
              onChange={(value) => {
                if (typeof value === 'number') run.changeSettings({ [key]: value });
              }}
            />
          );
        })}
        <Switch
          label={WRITE_BEFORE_SEND.label}
          description={WRITE_BEFORE_SEND.help}
          checked={settings.writeBeforeSend}
          onChange={(event) => run.changeSettings({ writeBeforeSend: event.currentTarget.checked })}
        />
        <div className="settings__actions">
          <Button variant="default" onClick={restoreDefaults}>
            Restore defaults
          </Button>
          <CopyButton value={JSON.stringify(settings, null, 2)}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy as JSON'}
              </Button>
            )}
          </CopyButton>
        </div>
      </div>
    </Drawer>
  );
}
