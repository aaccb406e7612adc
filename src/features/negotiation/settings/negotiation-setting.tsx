import { memo, type ReactElement } from 'react';
import { NEGOTIATION_FIELDS } from '@/protocol/negotiation-fields.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { negotiationDefaultsOf, negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
import { budgetsOf } from '@/state/speed-budgets.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { SettingField } from '@/ui/settings/setting-field.tsx';

interface NegotiationSettingProps {
  readonly name: keyof NegotiationSettings;
}

/** One setting of a negotiation. */
export const NegotiationSetting = memo(function NegotiationSetting({ name }: NegotiationSettingProps): ReactElement {
  const store = useAppStore();
  const value: unknown = useAppState((state) => negotiationSettingsOf(state)[name]);
  const defaultValue: unknown = useAppState((state) => negotiationDefaultsOf(budgetsOf(state))[name]);
  const isChanged = useAppState((state) => name in state.negotiationChanges);
  const change = (chosen: unknown): void => store.getState().negotiationSettingsChanged({ [name]: chosen });
  return (
    <SettingField
      name={name}
      field={NEGOTIATION_FIELDS[name]}
      setting={{
        value,
        defaultValue,
        isChanged,
        change,
        type: change,
        reset: () => store.getState().negotiationSettingReset(name),
      }}
    />
  );
});
