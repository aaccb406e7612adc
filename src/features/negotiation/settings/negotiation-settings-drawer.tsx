import type { ReactElement } from 'react';
import { NEGOTIATION_PRESETS } from '@/protocol/negotiation-presets.ts';
import { negotiationDefaultsOf } from '@/state/negotiation-settings-slice.ts';
import { budgetsOf } from '@/state/speed-budgets.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { SettingsDrawer } from '@/ui/settings/settings-drawer.tsx';
import { NEGOTIATION_FORM } from './negotiation-form.ts';
import { NegotiationSetting } from './negotiation-setting.tsx';

interface NegotiationSettingsDrawerProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Every rule of a negotiation: presets, groups with search, and the settings as a text. */
export function NegotiationSettingsDrawer({ isOpen, onClose }: NegotiationSettingsDrawerProps): ReactElement {
  const store = useAppStore();
  const negotiationChanges = useAppState((state) => state.negotiationChanges);
  const defaults = negotiationDefaultsOf(useAppState(budgetsOf));
  return (
    <SettingsDrawer
      form={NEGOTIATION_FORM}
      presets={NEGOTIATION_PRESETS}
      settings={{ ...defaults, ...negotiationChanges }}
      changes={negotiationChanges}
      defaults={defaults}
      defaultsText="All settings are the defaults."
      onChange={(changed) => store.getState().negotiationSettingsChanged(changed)}
      renderField={(name) => <NegotiationSetting key={name} name={name} />}
      isOpen={isOpen}
      onClose={onClose}
    />
  );
}
