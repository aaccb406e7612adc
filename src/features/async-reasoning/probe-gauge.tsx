import { Slider, Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import { REASONING_FIELDS } from '@/state/reasoning-settings.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatSigned } from '@/ui/format.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

/** Half the width of the scale, in nats. Sums beyond it stand at its end. */
const SCALE = 4;

function percentOn(value: number): number {
  return ((Math.min(SCALE, Math.max(-SCALE, value)) + SCALE) / (2 * SCALE)) * 100;
}

/** The probe's last margin, the bias that is added to it, and what the sum decides. */
export function ProbeGauge({ run }: { readonly run: ReasoningRun }): ReactElement {
  const margin = useAppState((state) => state.reasoning.probes.at(-1)?.margin ?? null);
  const yesBias = useAppState((state) => state.reasoningSettings.yesBias);
  const { min, max, step, help } = REASONING_FIELDS.yesBias;
  return (
    <div className="probe" data-actor="probe">
      <Tooltip
        multiline
        maw={320}
        label="ln P(yes) minus ln P(no) for the question whether the writer may go on, plus the bias. Above zero it goes on."
        events={{ hover: true, focus: true, touch: true }}
      >
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
        <div className="probe__sum" tabIndex={0} data-testid="probe-sum">
          {margin === null ? 'Probe: not asked yet' : <ProbeSum margin={margin} yesBias={yesBias} />}
        </div>
      </Tooltip>
      <ProbeScale margin={margin} sum={margin === null ? null : margin + yesBias} />
      <div className="probe__bias">
        <span className="probe__bias-name">yes bias</span>
        <Slider
          className="probe__slider"
          size="xs"
          color="gray"
          min={min}
          max={max}
          step={step}
          value={yesBias}
          label={(value) => formatSigned(value, 1)}
          marks={[{ value: 0 }]}
          thumbLabel={`Yes bias. ${help}`}
          onChange={(value) => run.changeSettings({ yesBias: Math.round(value * 10) / 10 })}
        />
        <span className="probe__value">{formatSigned(yesBias, 1)}</span>
      </div>
    </div>
  );
}

function ProbeSum({ margin, yesBias }: { readonly margin: number; readonly yesBias: number }): ReactElement {
  const sum = margin + yesBias;
  return (
    <>
      Probe: margin {formatSigned(margin)}, bias {formatSigned(yesBias)}, sum <strong>{formatSigned(sum)}</strong>,{' '}
      {sum > 0 ? 'the writer goes on' : 'the writer waits'}
    </>
  );
}

function ProbeScale({ margin, sum }: { readonly margin: number | null; readonly sum: number | null }): ReactElement {
  return (
    <div className="probe__scale" aria-hidden="true">
      <span className="probe__no">no</span>
      <div className="probe__line">
        <span className="probe__zero" />
        {margin !== null && sum !== null && (
          <>
            <span
              className="probe__span"
              style={{
                left: `${Math.min(percentOn(margin), percentOn(sum))}%`,
                width: `${Math.abs(percentOn(sum) - percentOn(margin))}%`,
              }}
            />
            <span className="probe__margin" style={{ left: `${percentOn(margin)}%` }} />
            <span className="probe__point" style={{ left: `${percentOn(sum)}%` }} />
          </>
        )}
      </div>
      <span className="probe__yes">yes</span>
    </div>
  );
}
