import './fit-badge.css';
import { Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Fit } from '@/protocol/model-fit.ts';

const WORDS: Readonly<Record<Fit['kind'], string>> = {
  fits: 'fits',
  tight: 'tight',
  doesNotFit: 'does not fit',
  unknown: 'not measured',
};

/** Whether a model fits this device, in a word; the numbers on hover and on focus. */
export function FitBadge({ fit, more = '' }: { readonly fit: Fit; readonly more?: string }): ReactElement {
  const label = more === '' ? fit.why : `${fit.why} ${more}`;
  return (
    <Tooltip label={label} multiline maw={300} events={{ hover: true, focus: true, touch: true }}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the reason must be reachable by keyboard */}
      <span className="fit-badge" data-fit={fit.kind} tabIndex={0}>
        <span className="fit-badge__mark" aria-hidden="true" />
        {WORDS[fit.kind]}
      </span>
    </Tooltip>
  );
}
