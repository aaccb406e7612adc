import { Accordion } from '@mantine/core';
import { useDeferredValue, useState, type ReactElement, type ReactNode } from 'react';
import { REASONING_FIELDS, REASONING_KEYS, SETTINGS_GROUPS } from '@/protocol/reasoning-fields.ts';
import type { SettingsGroup } from '@/protocol/settings-field.ts';
import { useAppState } from '@/state/use-app-state.ts';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { findSettings, type SettingKey } from './search-settings.ts';
import { SettingField } from './setting-field.tsx';

const GROUPS = Object.keys(SETTINGS_GROUPS) as SettingsGroup[];

const CLASS_NAMES = {
  item: 'settings-group__item',
  control: 'settings-group__control',
  label: 'settings-group__label',
  content: 'settings-group__content',
};

interface SettingsGroupsProps {
  readonly run: ReasoningRun;
  readonly query: string;
  /** What stands above the fields of a group. */
  readonly extras: Partial<Record<SettingsGroup, ReactNode>>;
}

/** All settings in their groups, or those that a search found, in groups that it opened. */
export function SettingsGroups({ run, query, extras }: SettingsGroupsProps): ReactElement {
  const [opened, setOpened] = useState<readonly string[]>([]);
  // The search box stays quick while the list follows.
  const followed = useDeferredValue(query);
  const isSearching = followed.trim() !== '';
  const found = findSettings(followed);
  const groups = GROUPS.filter((group) => found.some((key) => REASONING_FIELDS[key].group === group));
  return (
    <>
      <p className={isSearching ? 'settings-form__found' : 'visually-hidden'} role="status">
        {isSearching && foundText(followed, found.length)}
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
              <GroupTitle group={group} />
            </Accordion.Control>
            <Accordion.Panel>
              {(isSearching || opened.includes(group)) && (
                <div className="settings-group">
                  {!isSearching && extras[group]}
                  {found.filter(isIn(group)).map((key) => (
                    <SettingField key={key} name={key} run={run} />
                  ))}
                </div>
              )}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </>
  );
}

function isIn(group: SettingsGroup): (key: SettingKey) => boolean {
  return (key) => REASONING_FIELDS[key].group === group;
}

function foundText(query: string, count: number): string {
  if (count === 0) return `No setting has “${query.trim()}” in its label, name, help or source.`;
  return `${count} of ${REASONING_KEYS.length} settings`;
}

function GroupTitle({ group }: { readonly group: SettingsGroup }): ReactElement {
  const numChanged = useAppState(
    (state) => REASONING_KEYS.filter(isIn(group)).filter((key) => key in state.reasoningChanges).length,
  );
  const numSettings = REASONING_KEYS.filter(isIn(group)).length;
  return (
    <>
      {SETTINGS_GROUPS[group]}{' '}
      <span className="settings-group__count">
        {numSettings} settings{numChanged > 0 && `, ${numChanged} changed`}
      </span>
    </>
  );
}
