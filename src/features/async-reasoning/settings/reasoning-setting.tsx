import { memo, type ReactElement } from 'react';
import { REASONING_FIELDS } from '@/protocol/reasoning-fields.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { SettingField } from '@/ui/settings/setting-field.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { useSetting } from './use-setting.ts';

/** Settings that the page itself overrides. */
const OVERRIDDEN: Partial<Record<keyof ReasoningSettings, string>> = {
  followUps: 'This page always waits for them; the setting counts for runs by script.',
};

interface ReasoningSettingProps {
  readonly name: keyof ReasoningSettings;
  readonly run: ReasoningRun;
}

/** One setting of asynchronous thinking. */
export const ReasoningSetting = memo(function ReasoningSetting({ name, run }: ReasoningSettingProps): ReactElement {
  const setting = useSetting(name, run);
  const remark = OVERRIDDEN[name];
  return (
    <SettingField
      name={name}
      field={REASONING_FIELDS[name]}
      setting={setting}
      placeholder="The design’s own"
      {...(remark === undefined ? {} : { remark })}
    />
  );
});
