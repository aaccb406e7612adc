import type { ReactElement } from 'react';
import { formatSigned } from '@/ui/format.ts';

interface AdvantageBarProps {
  /** Null: not known. */
  readonly value: number | null;
  /** Where the bar is full. */
  readonly limit: number;
}

/** To the left in blue for below the mean, to the right in red for above it, nothing at 0. */
export function AdvantageBar({ value, limit }: AdvantageBarProps): ReactElement {
  const share = value === null ? 0 : Math.min(1, Math.abs(value) / limit) * 50;
  const isDown = value !== null && value < 0;
  return (
    <span className="lesson-bar">
      <span className="lesson-bar__track" aria-hidden="true">
        {share > 0 && (
          <i
            data-direction={isDown ? 'down' : 'up'}
            style={{ width: `${share}%`, ...(isDown ? { right: '50%' } : { left: '50%' }) }}
          />
        )}
      </span>
      <b>{value === null ? '\u2013' : formatSigned(value)}</b>
    </span>
  );
}
