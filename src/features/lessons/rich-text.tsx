import { Fragment, type ReactElement } from 'react';

/** `*term*` is a term at its first use, `_word_` is stressed. */
export function RichText({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {text.split(/(\*[^*]+\*|_[^_]+_)/).map((part, index) => {
        // Parts of a fixed text never change places; every other one is marked.
        if (index % 2 === 0) return <Fragment key={index}>{part}</Fragment>;
        const marked = part.slice(1, -1);
        return part.startsWith('*') ? <dfn key={index}>{marked}</dfn> : <em key={index}>{marked}</em>;
      })}
    </>
  );
}
