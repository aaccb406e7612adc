import { Fragment, type ReactElement } from 'react';

/** Text between asterisks is a term at its first use. */
export function RichText({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {text.split('*').map((part, index) =>
        // Parts of a fixed text never change places.
        index % 2 === 1 ? <dfn key={index}>{part}</dfn> : <Fragment key={index}>{part}</Fragment>,
      )}
    </>
  );
}
