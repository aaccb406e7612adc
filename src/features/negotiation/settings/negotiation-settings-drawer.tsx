import type { ReactElement } from 'react';
import { NEGOTIATION_PRESETS } from '@/protocol/negotiation-presets.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
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
  return (
    <SettingsDrawer
      form={NEGOTIATION_FORM}
      presets={NEGOTIATION_PRESETS}
      settings={negotiationSettingsOf({ negotiationChanges })}
      changes={negotiationChanges}
      defaults={DEFAULT_NEGOTIATION}
      defaultsText="All settings are the defaults."
      onChange={(changed) => store.getState().negotiationSettingsChanged(changed)}
      renderField={(name) => <NegotiationSetting key={name} name={name} />}
      isOpen={isOpen}
      onClose={onClose}
    />
  );
}
