import { memo, useMemo, type ReactElement } from 'react';
import { blocksOf, type TextBlock } from './message-text.ts';

interface MessageBodyProps {
  readonly text: string;
  readonly isGrowing: boolean;
}

/** Plain text: paragraphs with their line ends, and code blocks. */
export function MessageBody({ text, isGrowing }: MessageBodyProps): ReactElement {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <>
      {blocks.map((block, index) => (
        // Blocks are only ever appended: the index is their identity.
        <Block key={index} kind={block.kind} text={block.text} hasCaret={isGrowing && index === blocks.length - 1} />
      ))}
    </>
  );
}

const Block = memo(function Block({ kind, text, hasCaret }: TextBlock & { readonly hasCaret: boolean }): ReactElement {
  const caret = hasCaret && <span className="stream__caret" aria-hidden="true" />;
  if (kind === 'code')
    return (
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, also by keyboard
      <pre tabIndex={0}>
        <code>{text}</code>
        {caret}
      </pre>
    );
  return (
    <p dir="auto">
      {text}
      {caret}
    </p>
  );
});
