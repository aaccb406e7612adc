import type { ReactElement } from 'react';

export function Timeline(): ReactElement {
  return <p className="pictures__hint">Not drawn yet.</p>;
}
