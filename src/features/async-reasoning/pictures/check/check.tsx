import type { ReactElement } from 'react';

export function Check(): ReactElement {
  return <p className="pictures__hint">Not drawn yet.</p>;
}
