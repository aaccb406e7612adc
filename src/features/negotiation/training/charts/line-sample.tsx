import type { ReactElement } from 'react';
import { runStyle } from './run-styles.ts';

/** How the run at this place is drawn. */
export function LineSample({ index }: { readonly index: number }): ReactElement {
  const { color, dash } = runStyle(index);
  return (
    <svg viewBox="0 0 26 10" width="26" height="10" className="line-sample" aria-hidden="true">
      <line x1="0" x2="26" y1="5" y2="5" stroke={color} strokeWidth="2" strokeDasharray={dash} />
    </svg>
  );
}
