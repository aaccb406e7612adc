import './settings.css';
import { Drawer, TextInput } from '@mantine/core';
import { useState, type ReactElement, type ReactNode } from 'react';
import { PresetList } from './preset-list.tsx';
import { differences, type Preset } from './presets.ts';
import { SettingsActions } from './settings-actions.tsx';
import type { SettingName, SettingsForm } from './settings-form.ts';
import { SettingsGroups } from './settings-groups.tsx';

interface SettingsDrawerProps<Settings extends object> {
  readonly form: SettingsForm<Settings>;
  readonly presets: Readonly<Record<string, Preset<Settings>>>;
  readonly settings: Settings;
  readonly changes: Partial<Settings>;
  readonly defaults: Settings;
  /** What has happened when all of them are set back. */
  readonly defaultsText: string;
  /** Sets these; the others stay. */
  readonly onChange: (settings: Partial<Settings>) => void;
  readonly renderField: (name: SettingName<Settings>) => ReactNode;
  readonly extras?: Readonly<Record<string, ReactNode>>;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** While another dialog is open above it. */
  readonly isCovered?: boolean;
}

/** A change of many settings at once, and what those that it changed were before. */
interface ReplacedSettings<Settings> {
  readonly what: string;
  readonly before: Partial<Settings>;
}

/** Every setting: presets, groups with search, and the settings as a text. */
export function SettingsDrawer<Settings extends object>({
  form,
  presets,
  settings,
  changes,
  defaults,
  defaultsText,
  onChange,
  renderField,
  extras = {},
  isOpen,
  onClose,
  isCovered = false,
}: SettingsDrawerProps<Settings>): ReactElement {
  const [query, setQuery] = useState('');
  // The last change of many settings, which can be taken back while the drawer is open.
  const [replaced, setReplaced] = useState<ReplacedSettings<Settings> | null>(null);
  const replace = (what: string, wanted: Partial<Settings>): void => {
    const changed = differences(settings, wanted);
    setReplaced({ what, before: differences({ ...settings, ...changed }, settings) });
    onChange(changed);
  };
  const undo = (): void => {
    if (replaced !== null) onChange(replaced.before);
    setReplaced(null);
  };
  const close = (): void => {
    setQuery('');
    setReplaced(null);
    onClose();
  };
  return (
    <Drawer.Root
      opened={isOpen}
      onClose={close}
      position="right"
      size="min(28rem, 100vw)"
      classNames={{ content: 'settings-drawer' }}
      closeOnEscape={!isCovered}
      trapFocus={!isCovered}
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
            placeholder={`Search ${form.keys.length} settings`}
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
            <PresetList
              presets={presets}
              settings={settings}
              onChoose={(preset) => replace(`Preset ${preset.name} is set.`, preset.settings)}
            />
          )}
          <SettingsGroups form={form} query={query} changes={changes} renderField={renderField} extras={extras} />
          <SettingsActions
            form={form}
            settings={settings}
            isChanged={Object.keys(changes).length > 0}
            replaced={replaced?.what ?? null}
            onUndo={undo}
            onResetAll={() => replace(defaultsText, defaults)}
            onLoad={replace}
          />
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
