import { Fragment, useMemo, type ReactElement } from 'react';
import type { TemplateSource } from '@/protocol/negotiation/prompt-template.ts';
import { markedParts } from './marked-parts.ts';
import { diffTexts, type DiffPart } from './text-diff.ts';

interface MarkedTextProps {
  readonly text: string;
  readonly source: TemplateSource;
}

/** The text to read, with its slots and what is quoted from the paper. */
export function MarkedText({ text, source }: MarkedTextProps): ReactElement {
  const hasQuotes = source.kind === 'paper' && source.quotes.length > 0;
  const parts = useMemo(() => markedParts(text, source.kind === 'paper' ? source.quotes : []), [text, source]);
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard */}
      <div className="template__read" tabIndex={0} role="region" aria-label="Text with its slots">
        {parts.map(({ kind, text: part, begin }) =>
          kind === 'plain' ? (
            <Fragment key={begin}>{part}</Fragment>
          ) : kind === 'slot' ? (
            <code key={begin} className="template__in-text">
              {part}
            </code>
          ) : (
            <q key={begin} className="template__quote">
              {part}
            </q>
          ),
        )}
      </div>
      {hasQuotes && (
        <p className="material__note">
          Marked with quotation marks and a line below: taken word for word from the paper, CC BY 4.0.
        </p>
      )}
    </>
  );
}

interface ComparisonProps {
  readonly ours: string;
  readonly text: string;
}

/** What differs from ours, in one text. */
export function Comparison({ ours, text }: ComparisonProps): ReactElement {
  const parts = useMemo(() => diffTexts(ours, text), [ours, text]);
  if (ours === text) return <p className="material__empty">The text is ours, word for word.</p>;
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard */}
      <div className="template__read" tabIndex={0} role="region" aria-label="Differences from ours">
        {parts.map((part, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the parts have no names, and change all together
          <Difference key={index} part={part} />
        ))}
      </div>
      <p className="material__note">Struck through: only in ours. Underlined: only in yours.</p>
    </>
  );
}

function Difference({ part: { kind, text } }: { readonly part: DiffPart }): ReactElement {
  if (kind === 'same') return <>{text}</>;
  return kind === 'removed' ? <del>{visible(text)}</del> : <ins>{visible(text)}</ins>;
}

/** A line end that came or went is seen. */
function visible(part: string): string {
  return part.replaceAll('\n', '↵\n');
}
