import type { ReactElement } from 'react';

export function WhatItRead(): ReactElement {
  return <p className="pictures__hint">Not drawn yet.</p>;
}
