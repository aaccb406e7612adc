import './settings/settings.css';
import { Button, CopyButton, Drawer, TextInput } from '@mantine/core';
import { useRef, useState, type ReactElement } from 'react';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { defaultsOf } from '@/state/effective-settings.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { CalibrateButton } from './calibration/calibrate-button.tsx';
import { differences } from './settings/active-preset.ts';
import { PresetList } from './settings/preset-list.tsx';
import { SettingsFile } from './settings/settings-file.tsx';
import { SettingsGroups } from './settings/settings-groups.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

interface SettingsDrawerProps {
  readonly run: ReasoningRun;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** A change of many settings at once, and what those that it changed were before. */
interface ReplacedSettings {
  readonly what: string;
  readonly before: Partial<ReasoningSettings>;
}

/** Every rule of a run: presets, groups with search, and the settings as a text. Changes reach a run under way. */
export function SettingsDrawer({ run, isOpen, onClose }: SettingsDrawerProps): ReactElement {
  const [query, setQuery] = useState('');
  const [isCalibrating, setIsCalibrating] = useState(false);
  const { replaced, replace, undo, forget } = useReplacement(run);
  const close = (): void => {
    setQuery('');
    forget();
    onClose();
  };
  const calibrate = (
    <div className="settings-group__extra">
      <p>A few warm-up questions show which threshold suits the loaded model.</p>
      <CalibrateButton run={run} onOpenChange={setIsCalibrating} />
    </div>
  );
  return (
    <Drawer.Root
      opened={isOpen}
      onClose={close}
      position="right"
      size="min(28rem, 100vw)"
      classNames={{ content: 'settings-drawer' }}
      closeOnEscape={!isCalibrating}
      trapFocus={!isCalibrating}
    >
      <Drawer.Overlay backgroundOpacity={0.2} />
      <Drawer.Content>
        {/* No banner: the page has one already. */}
        <Drawer.Header className="settings-head" role="presentation">
          <Drawer.Title>Settings</Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
          <TextInput
            className="settings-head__search"
            type="search"
            aria-label="Search settings"
            placeholder={`Search ${REASONING_KEYS.length} settings`}
            value={query}
            data-mantine-stop-propagation={query !== ''}
            onChange={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setQuery('');
            }}
          />
        </Drawer.Header>
        <Drawer.Body className="settings-form">
          {query.trim() === '' && (
            <PresetList onChoose={({ name, settings }) => replace(`Preset ${name} is set.`, settings)} />
          )}
          <SettingsGroups run={run} query={query} extras={{ probe: calibrate }} />
          <Actions replaced={replaced} onUndo={undo} onReplace={replace} />
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

interface ActionsProps {
  readonly replaced: ReplacedSettings | null;
  readonly onUndo: () => void;
  readonly onReplace: (what: string, settings: Partial<ReasoningSettings>) => void;
}

function Actions({ replaced, onUndo, onReplace }: ActionsProps): ReactElement {
  const store = useAppStore();
  const isChanged = useAppState((state) => Object.keys(state.reasoningChanges).length > 0);
  const [isLoading, setIsLoading] = useState(false);
  const actions = useRef<HTMLDivElement>(null);
  return (
    <div className="settings-actions" ref={actions} tabIndex={-1}>
      <div className="settings-actions__undo" role="status">
        {replaced !== null && (
          <>
            <span>{replaced.what}</span>
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
          onClose={() => {
            setIsLoading(false);
            actions.current?.focus();
          }}
          onLoad={(settings) => {
            setIsLoading(false);
            actions.current?.focus();
            onReplace(loadedText(Object.keys(settings).length), settings);
          }}
        />
      )}
      <div className="settings-actions__row">
        <Button
          variant="default"
          disabled={!isChanged}
          onClick={() => onReplace('All settings are the model’s defaults.', defaultsOf(store.getState().model.info))}
        >
          Reset all
        </Button>
        <CopySettings />
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

function CopySettings(): ReactElement {
  const settings = useAppState((state) => state.reasoningSettings);
  return (
    <CopyButton value={JSON.stringify(settings, null, 2)}>
      {({ copied, copy }) => (
        <Button variant="default" onClick={copy}>
          {copied ? 'Copied' : 'Copy as JSON'}
        </Button>
      )}
    </CopyButton>
  );
}

interface Replacement {
  readonly replaced: ReplacedSettings | null;
  readonly replace: (what: string, settings: Partial<ReasoningSettings>) => void;
  readonly undo: () => void;
  readonly forget: () => void;
}

/** Changes of many settings at once, of which the last can be taken back while the drawer is open. */
function useReplacement(run: ReasoningRun): Replacement {
  const store = useAppStore();
  const [replaced, setReplaced] = useState<ReplacedSettings | null>(null);
  return {
    replaced,
    replace(what, settings) {
      const now = store.getState().reasoningSettings;
      const changed = differences(now, settings);
      setReplaced({ what, before: differences({ ...now, ...changed }, now) });
      run.changeSettings(changed);
    },
    undo() {
      if (replaced !== null) run.changeSettings(replaced.before);
      setReplaced(null);
    },
    forget: () => setReplaced(null),
  };
}
