import { Fragment, type ReactElement } from 'react';
import type { ShortenedDefault } from '@/state/shortened-defaults.ts';

/** Shortened defaults as part of a sentence: "96 instead of 512 steps, ...". */
export function ShortenedList({ list }: { readonly list: readonly ShortenedDefault[] }): ReactElement {
  return (
    <>
      {list.map(({ label, full, short }, index) => (
        <Fragment key={label}>
          {index > 0 && ', '}
          {short} instead of {full.toLocaleString('en')} {label}
        </Fragment>
      ))}
    </>
  );
}
