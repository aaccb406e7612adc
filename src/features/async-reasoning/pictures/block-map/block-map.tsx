import type { ReactElement } from 'react';

export function BlockMap(): ReactElement {
  return <p className="pictures__hint">Not drawn yet.</p>;
}
