import { Slider } from '@mantine/core';
import type { ReactElement } from 'react';
import { REASONING_FIELDS } from '@/protocol/reasoning-fields.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatSigned } from '@/ui/format.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

/** Nats to either side. The drawer takes all that the field allows; a slider over so much would be too coarse. */
const REACH = 6;

interface ProbeSliderProps {
  readonly run: ReasoningRun;
  readonly setting: 'yesBias' | 'marginThreshold';
  readonly label: string;
}

/** One of the probe's numbers; a run under way follows. */
export function ProbeSlider({ run, setting, label }: ProbeSliderProps): ReactElement {
  const value = useAppState((state) => state.reasoningSettings[setting]);
  const { label: name, help, step } = REASONING_FIELDS[setting];
  const reach = Math.max(REACH, Math.ceil(Math.abs(value)));
  return (
    <div className="probe__setting">
      <span className="probe__setting-name" aria-hidden="true">
        {label}
      </span>
      <Slider
        className="probe__slider"
        size="xs"
        color="gray"
        min={-reach}
        max={reach}
        step={step}
        value={value}
        label={(shown) => formatSigned(shown, 1)}
        marks={[{ value: 0 }]}
        startPointValue={0}
        thumbLabel={`${name}. ${help}`}
        onChange={(chosen) => run.changeSettings({ [setting]: Math.round(chosen * 10) / 10 })}
      />
      <span className="probe__value">{formatSigned(value, 1)}</span>
    </div>
  );
}
