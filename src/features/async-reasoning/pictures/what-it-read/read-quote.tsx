import type { CSSProperties, ReactElement } from 'react';
import type { MostRead, ThoughtWindow } from '@/state/what-it-read.ts';
import { formatToken } from '@/ui/format.ts';
import { blockLabel } from '../block-label.ts';
import { ROLE_LOOKS } from './role-look.tsx';

interface ReadQuoteProps {
  readonly windows: readonly ThoughtWindow[];
  readonly mostRead: readonly MostRead[];
  readonly view: readonly string[];
}

const LISTED = 5;

/** The most-read thoughts among the words around them: the stronger the ground and the line, the more was read. */
export function ReadQuote({ windows, mostRead, view }: ReadQuoteProps): ReactElement {
  const largest = Math.max(...windows.flatMap(({ pieces }) => pieces.map(({ mass }) => mass)), 1e-9);
  return (
    <div className="reading__quote">
      {windows.length > 0 ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard
        <blockquote data-actor="thinker" data-testid="read-thoughts" tabIndex={0}>
          {windows.map(({ from, pieces }) => (
            <span key={from} className="reading__window">
              {pieces.map(({ text, mass }, index) =>
                mass === 0 ? (
                  text.replaceAll('\n', ' ')
                ) : (
                  <mark
                    key={from + index}
                    style={{ '--share': mass / largest } as CSSProperties}
                    title={`${mass.toFixed(4)} of all attention`}
                  >
                    {formatToken(text)}
                  </mark>
                ),
              )}
            </span>
          ))}
        </blockquote>
      ) : (
        <p className="reading__none">None of the most-read tokens is a thought.</p>
      )}
      <ol className="reading__list" aria-label="Most-read tokens">
        {mostRead.slice(0, LISTED).map((read) => (
          <li key={`${read.block} ${read.token}`} data-actor={ROLE_LOOKS[read.role].actor}>
            <span className="reading__block">
              {blockLabel(read.block, view)} {read.token + 1}
            </span>{' '}
            {read.text !== null && <q>{formatToken(read.text)}</q>} <strong>{read.mass.toFixed(3)}</strong>
          </li>
        ))}
      </ol>
    </div>
  );
}
