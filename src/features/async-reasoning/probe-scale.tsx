import type { CSSProperties, ReactElement } from 'react';
import { probeLimits, scaleFor } from './probe-decision.ts';
import { useLastMargin, useProbeRule } from './use-probe.ts';

/** The last margin, the bias that is added to it, and the threshold, with the hysteresis around it, on one line. */
export function ProbeScale(): ReactElement {
  const margin = useLastMargin();
  const rule = useProbeRule();
  const { start, stop } = probeLimits(rule);
  const sum = margin === null ? null : margin + rule.yesBias;
  const half = scaleFor([start, stop, ...(margin === null || sum === null ? [] : [margin, sum])]);
  const percentOf = (value: number): number => ((value + half) / (2 * half)) * 100;
  const between = (a: number, b: number): CSSProperties => ({
    left: `${percentOf(Math.min(a, b))}%`,
    width: `${Math.abs(percentOf(b) - percentOf(a))}%`,
  });
  return (
    <div className="probe__scale" aria-hidden="true">
      <span>no</span>
      <div className="probe__line">
        {start > stop && <span className="probe__band" style={between(stop, start)} />}
        <span className="probe__threshold" style={{ left: `${percentOf(rule.marginThreshold)}%` }} />
        {margin !== null && sum !== null && (
          <>
            <span className="probe__span" style={between(margin, sum)} />
            <span className="probe__margin" style={{ left: `${percentOf(margin)}%` }} />
            <span className="probe__point" style={{ left: `${percentOf(sum)}%` }} />
          </>
        )}
      </div>
      <span>yes</span>
    </div>
  );
}
