import { useState, type ReactElement } from 'react';
import { REASONING_PRESETS } from '@/protocol/reasoning-presets.ts';
import { defaultsOf } from '@/state/effective-settings.ts';
import { budgetsOf } from '@/state/speed-budgets.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { SettingsDrawer as Drawer } from '@/ui/settings/settings-drawer.tsx';
import { CalibrateButton } from './calibration/calibrate-button.tsx';
import { REASONING_FORM } from './settings/reasoning-form.ts';
import { ReasoningSetting } from './settings/reasoning-setting.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

interface SettingsDrawerProps {
  readonly run: ReasoningRun;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Every rule of a run: presets, groups with search, and the settings as a text. Changes reach a run under way. */
export function SettingsDrawer({ run, isOpen, onClose }: SettingsDrawerProps): ReactElement {
  const [isCalibrating, setIsCalibrating] = useState(false);
  const settings = useAppState((state) => state.reasoningSettings);
  const changes = useAppState((state) => state.reasoningChanges);
  const info = useAppState((state) => state.model.info);
  const budgets = useAppState(budgetsOf);
  const calibrate = (
    <div className="settings-group__extra">
      <p>A few warm-up questions show which threshold suits the loaded model.</p>
      <CalibrateButton run={run} onOpenChange={setIsCalibrating} />
    </div>
  );
  return (
    <Drawer
      form={REASONING_FORM}
      presets={REASONING_PRESETS}
      settings={settings}
      changes={changes}
      defaults={defaultsOf(info, budgets)}
      defaultsText="All settings are the model’s defaults."
      onChange={(changed) => run.changeSettings(changed)}
      renderField={(name) => <ReasoningSetting key={name} name={name} run={run} />}
      extras={{ probe: calibrate }}
      isOpen={isOpen}
      onClose={onClose}
      isCovered={isCalibrating}
    />
  );
}
