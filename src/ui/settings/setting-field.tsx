import './settings.css';
import { useRef, type ReactElement, type ReactNode } from 'react';
import { assertNever } from '@/lib/assert.ts';
import type { SettingsField } from '@/lib/settings-field.ts';
import { ChoiceSetting, NumberSetting, SwitchSetting, TextSetting, WordsSetting } from './setting-inputs.tsx';
import { rangeText, valueText } from './settings-text.ts';

/** One setting: its value, its default, and what may be done with it. */
export interface Setting {
  readonly value: unknown;
  readonly defaultValue: unknown;
  readonly isChanged: boolean;
  readonly change: (value: unknown) => void;
  /** As `change`, for what comes letter by letter. */
  readonly type: (value: unknown) => void;
  readonly reset: () => void;
}

interface SettingFieldProps {
  readonly name: string;
  readonly field: SettingsField;
  readonly setting: Setting;
  /** What else is to be known of it on this page. */
  readonly remark?: string;
  /** What holds for an empty text. */
  readonly placeholder?: string;
}

/** A setting with all that is known of it: label, input, range, help, source, when it counts, and the way back. */
export function SettingField({ name, field, setting, remark, placeholder = '' }: SettingFieldProps): ReactElement {
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
        placeholder={placeholder}
        description={<About field={field} setting={setting} remark={remark} />}
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
}

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
  readonly placeholder: string;
  readonly description: ReactNode;
}

// The values are checked against each field's schema.
function Input({ field, setting, placeholder, description }: InputProps): ReactElement {
  const { value, change, type } = setting;
  switch (field.kind) {
    case 'number':
      return <NumberSetting field={field} value={value as number} description={description} onChange={type} />;
    case 'switch':
      return <SwitchSetting field={field} value={value as boolean} description={description} onChange={change} />;
    case 'choice':
      return <ChoiceSetting field={field} value={value as string} description={description} onChange={change} />;
    case 'text':
      return (
        <TextSetting
          field={field}
          value={value as string}
          description={description}
          placeholder={placeholder}
          onChange={type}
        />
      );
    case 'words':
      return <WordsSetting field={field} value={value as string[]} description={description} onChange={change} />;
    default:
      return assertNever(field);
  }
}
