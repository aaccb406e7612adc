import { memo, useRef, type ReactElement, type ReactNode } from 'react';
import { assertNever } from '@/lib/assert.ts';
import { REASONING_FIELDS } from '@/protocol/reasoning-fields.ts';
import type { SettingsField } from '@/protocol/settings-field.ts';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import type { SettingKey } from './search-settings.ts';
import { ChoiceSetting, NumberSetting, SwitchSetting, TextSetting, WordsSetting } from './setting-inputs.tsx';
import { rangeText, valueText } from './settings-text.ts';
import { useSetting, type Setting } from './use-setting.ts';

/** Settings that the page itself overrides. */
const OVERRIDDEN: Partial<Record<SettingKey, string>> = {
  followUps: 'This page always waits for them; the setting counts for runs by script.',
};

interface SettingFieldProps {
  readonly name: SettingKey;
  readonly run: ReasoningRun;
}

/** A setting with all that is known of it: label, input, range, help, source, when it counts, and the way back. */
export const SettingField = memo(function SettingField({ name, run }: SettingFieldProps): ReactElement {
  const field: SettingsField = REASONING_FIELDS[name];
  const setting = useSetting(name, run);
  const box = useRef<HTMLDivElement>(null);
  const reset = (): void => {
    setting.reset();
    // The button goes; the keyboard stays at the setting.
    box.current?.querySelector<HTMLElement>('input, textarea')?.focus();
  };
  return (
    <div ref={box} className="setting" data-changed={setting.isChanged} data-setting={name}>
      <Input
        field={field}
        setting={setting}
        description={<About field={field} setting={setting} remark={OVERRIDDEN[name]} />}
      />
      {setting.isChanged && (
        <button
          type="button"
          className="setting__reset"
          aria-label={`Reset ${field.label} to ${valueText(field, setting.defaultValue)}`}
          onClick={reset}
        >
          Reset
        </button>
      )}
    </div>
  );
});

interface AboutProps {
  readonly field: SettingsField;
  readonly setting: Setting;
  readonly remark: string | undefined;
}

function About({ field, setting, remark }: AboutProps): ReactElement {
  return (
    <>
      <span className="setting__help">{field.help}</span>
      {remark !== undefined && <span className="setting__help">{remark}</span>}
      <span className="setting__facts">
        {field.kind === 'number' && `${rangeText(field)} · `}
        default {valueText(field, setting.defaultValue)} · {field.live ? 'counts at once' : 'counts from the next run'}
      </span>
      <span className="setting__facts">Source: {field.source}</span>
    </>
  );
}

interface InputProps {
  readonly field: SettingsField;
  readonly setting: Setting;
  readonly description: ReactNode;
}

// The store's values are checked against each field's schema.
function Input({ field, setting, description }: InputProps): ReactElement {
  const { value, change, type } = setting;
  switch (field.kind) {
    case 'number':
      return <NumberSetting field={field} value={value as number} description={description} onChange={type} />;
    case 'switch':
      return <SwitchSetting field={field} value={value as boolean} description={description} onChange={change} />;
    case 'choice':
      return <ChoiceSetting field={field} value={value as string} description={description} onChange={change} />;
    case 'text':
      return <TextSetting field={field} value={value as string} description={description} onChange={type} />;
    case 'words':
      return <WordsSetting field={field} value={value as string[]} description={description} onChange={change} />;
    default:
      return assertNever(field);
  }
}
