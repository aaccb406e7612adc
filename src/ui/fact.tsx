import { Tooltip } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

interface FactProps {
  /** Where it changes often, a component of its own. */
  readonly value: ReactNode;
  readonly unit: string;
  /** What the number means; shown on hover and on focus. */
  readonly meaning: ReactNode;
}

/** A number with its unit and its meaning. */
export function Fact({ value, unit, meaning }: FactProps): ReactElement {
  return (
    <Tooltip label={meaning} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
      <span className="fact" tabIndex={0}>
        <strong>{value}</strong> {unit}
      </span>
    </Tooltip>
  );
}
