import './tokens.css';
import { memo, type CSSProperties, type ReactElement } from 'react';
import type { ChatToken } from '@/protocol/chat.ts';
import { surpriseOf } from './token-texts.ts';

/** Tokens that are drawn together: a growing answer draws only its last part anew. */
const PART_LENGTH = 64;

/** An answer's words, one element a token. */
export function TokenText({ tokens }: { readonly tokens: readonly ChatToken[] }): ReactElement {
  const numParts = Math.ceil(tokens.length / PART_LENGTH);
  return (
    <p className="answer-tokens__text" dir="auto">
      {Array.from({ length: numParts }, (_, part) => {
        const from = part * PART_LENGTH;
        const to = Math.min(tokens.length, from + PART_LENGTH);
        // Parts are only ever appended: the index is their identity.
        return <TokenPart key={part} tokens={tokens} from={from} to={to} />;
      })}
    </p>
  );
}

interface TokenPartProps {
  readonly tokens: readonly ChatToken[];
  readonly from: number;
  readonly to: number;
}

const TokenPart = memo(
  function TokenPart({ tokens, from, to }: TokenPartProps): ReactElement {
    return <>{tokens.slice(from, to).map((token, index) => tokenElement(token, from + index))}</>;
  },
  // Tokens are only appended: parts with the same ends are the same.
  (a, b) =>
    a.from === b.from &&
    a.to === b.to &&
    a.tokens[a.from] === b.tokens[b.from] &&
    a.tokens[a.to - 1] === b.tokens[b.to - 1],
);

/** A plain function: a component for each of thousands would cost more than it says. */
function tokenElement(token: ChatToken, place: number): ReactElement {
  const surprise = surpriseOf(token);
  return (
    <span
      key={place}
      className="answer-token"
      data-token={place}
      data-sign={signOf(token.text)}
      style={surprise === 0 ? undefined : surpriseStyle(surprise)}
    >
      {token.text}
    </span>
  );
}

/** What has no width of its own gets a sign, so that it can be pointed at. */
function signOf(text: string): 'part' | 'break' | undefined {
  if (text === '') return 'part';
  return text.includes('\n') ? 'break' : undefined;
}

const styles = new Map<number, CSSProperties>();

/** Equal objects are the same object: there are twenty of them, and thousands of tokens. */
function surpriseStyle(surprise: number): CSSProperties {
  const known = styles.get(surprise) ?? ({ '--surprise': surprise } as CSSProperties);
  styles.set(surprise, known);
  return known;
}
