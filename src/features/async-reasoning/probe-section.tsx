import { Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import { formatSigned } from '@/ui/format.ts';
import { Section } from '@/ui/section.tsx';
import { CalibrateButton } from './calibration/calibrate-button.tsx';
import { outcomeOf, type ProbeOutcome } from './probe-decision.ts';
import { ProbeScale } from './probe-scale.tsx';
import { ProbeSlider } from './probe-slider.tsx';
import { ProbeStrip } from './probe-strip.tsx';
import { useLastMargin, useProbeRule } from './use-probe.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

const OUTCOMES: Readonly<Record<ProbeOutcome, string>> = {
  yes: 'the writer goes on',
  no: 'the writer waits',
  between: 'it stays as it is',
};

/** The model's own answer to whether the writer may go on, and what can be set about it while it runs. */
export function ProbeSection({ run }: { readonly run: ReasoningRun }): ReactElement {
  return (
    <Section
      title="Probe"
      gloss="may the writer go on?"
      actor="probe"
      className="probe"
      lesson="probe"
      facts={<CalibrateButton run={run} />}
    >
      <Tooltip
        multiline
        maw={320}
        label="The model is asked whether its thoughts suffice to write on. Margin: ln P(yes) minus ln P(no). With the bias it has to be above the threshold."
        events={{ hover: true, focus: true, touch: true }}
      >
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
        <div className="probe__sum" tabIndex={0} data-testid="probe-sum">
          <ProbeSum />
        </div>
      </Tooltip>
      <ProbeStrip />
      <ProbeScale />
      <ProbeSlider run={run} setting="yesBias" label="bias" />
      <ProbeSlider run={run} setting="marginThreshold" label="threshold" />
    </Section>
  );
}

function ProbeSum(): ReactElement {
  const margin = useLastMargin();
  const rule = useProbeRule();
  if (margin === null) return <>Not asked yet.</>;
  return (
    <>
      margin {formatSigned(margin)}, with bias <strong>{formatSigned(margin + rule.yesBias)}</strong>:{' '}
      <strong>{OUTCOMES[outcomeOf(margin, rule)]}</strong>
    </>
  );
}
