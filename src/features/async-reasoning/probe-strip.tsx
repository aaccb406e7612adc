import type { ReactElement } from 'react';
import type { ProbeMark } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { axisFor, outcomeOf, probeLimits, type ProbeRule } from './probe-decision.ts';
import { useProbeRule } from './use-probe.ts';

const NUM_SHOWN = 40;

/**
 * The newest margins with the bias, and the threshold through them: what another bias or threshold would have decided
 * can be seen before it is set for good. A yes stands on its base and is full, a no hangs and is hollow.
 */
export function ProbeStrip(): ReactElement {
  const rule = useProbeRule();
  const probes = useAppState((state) => state.reasoning.probes);
  const shown = probes.slice(-NUM_SHOWN);
  const { start, stop } = probeLimits(rule);
  const { low, high } = axisFor([start, stop, ...shown.map(({ margin }) => margin + rule.yesBias)]);
  const percentOf = (value: number): number => ((high - value) / (high - low)) * 100;
  return (
    <svg className="probe-strip" role="img" aria-label={stripText(shown, rule)}>
      {start > stop && (
        <rect
          className="probe-strip__band"
          x="0"
          width="100%"
          y={`${percentOf(start)}%`}
          height={`${percentOf(stop) - percentOf(start)}%`}
        />
      )}
      <line
        className="probe-strip__threshold"
        x1="0"
        x2="100%"
        y1={`${percentOf(rule.marginThreshold)}%`}
        y2={`${percentOf(rule.marginThreshold)}%`}
      />
      {shown.map((probe, index) => (
        <svg
          key={probe.step}
          x={`${((index + 0.5) / NUM_SHOWN) * 100}%`}
          y={`${percentOf(probe.margin + rule.yesBias)}%`}
          overflow="visible"
        >
          <path
            className="probe-strip__mark"
            data-yes={probe.yes}
            d={probe.yes ? 'M0 -4L3.5 3H-3.5Z' : 'M0 4L3.5 -3H-3.5Z'}
          />
        </svg>
      ))}
    </svg>
  );
}

export function stripText(shown: readonly ProbeMark[], rule: ProbeRule): string {
  if (shown.length === 0) return 'Margins of the probes; none yet';
  const numYes = shown.filter(({ yes }) => yes).length;
  const numAbove = shown.filter(({ margin }) => outcomeOf(margin, rule) === 'yes').length;
  return `Last ${shown.length} probes: ${numYes} said yes; with bias and threshold as they stand, ${numAbove} would`;
}
