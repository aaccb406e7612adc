import type { ReactElement } from 'react';

export function RotaryDial(): ReactElement {
  return <p className="pictures__hint">Not drawn yet.</p>;
}
