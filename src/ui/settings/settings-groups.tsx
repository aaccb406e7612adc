import './settings.css';
import { Accordion } from '@mantine/core';
import { useDeferredValue, useState, type ReactElement, type ReactNode } from 'react';
import { findSettings, type SettingName, type SettingsForm } from './settings-form.ts';

const CLASS_NAMES = {
  item: 'settings-group__item',
  control: 'settings-group__control',
  label: 'settings-group__label',
  content: 'settings-group__content',
};

interface SettingsGroupsProps<Settings extends object> {
  readonly form: SettingsForm<Settings>;
  readonly query: string;
  /** What the visitor has changed. */
  readonly changes: Partial<Settings>;
  readonly renderField: (name: SettingName<Settings>) => ReactNode;
  /** What stands above the fields of a group. */
  readonly extras: Readonly<Record<string, ReactNode>>;
}

/** All settings in their groups, or those that a search found, in groups that it opened. */
export function SettingsGroups<Settings extends object>({
  form,
  query,
  changes,
  renderField,
  extras,
}: SettingsGroupsProps<Settings>): ReactElement {
  const [opened, setOpened] = useState<readonly string[]>([]);
  // The search box stays quick while the list follows.
  const followed = useDeferredValue(query);
  const isSearching = followed.trim() !== '';
  const isIn =
    (group: string) =>
    (key: SettingName<Settings>): boolean =>
      form.fields[key].group === group;
  const found = findSettings(form, followed);
  const groups = Object.keys(form.groups).filter((group) => found.some(isIn(group)));
  return (
    <>
      <p className={isSearching ? 'settings-form__found' : 'visually-hidden'} role="status">
        {isSearching && foundText(followed, found.length, form.keys.length)}
      </p>
      <Accordion
        multiple
        order={3}
        variant="default"
        transitionDuration={0}
        classNames={CLASS_NAMES}
        value={isSearching ? groups : [...opened]}
        onChange={(next) => {
          if (!isSearching) setOpened(next);
        }}
      >
        {groups.map((group) => (
          <Accordion.Item key={group} value={group}>
            <Accordion.Control>
              {form.groups[group]}{' '}
              <span className="settings-group__count">{countText(form.keys.filter(isIn(group)), changes)}</span>
            </Accordion.Control>
            <Accordion.Panel>
              {(isSearching || opened.includes(group)) && (
                <div className="settings-group">
                  {!isSearching && extras[group]}
                  {found.filter(isIn(group)).map(renderField)}
                </div>
              )}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </>
  );
}

function foundText(query: string, count: number, total: number): string {
  if (count === 0) return `No setting has “${query.trim()}” in its label, name, help or source.`;
  return `${count} of ${total} settings`;
}

function countText(keys: readonly string[], changes: object): string {
  const numChanged = keys.filter((key) => key in changes).length;
  const settings = keys.length === 1 ? '1 setting' : `${keys.length} settings`;
  return numChanged > 0 ? `${settings}, ${numChanged} changed` : settings;
}
