import './tokens.css';
import { useLayoutEffect, useMemo, useRef, useState, type ReactElement, type RefObject } from 'react';
import type { ChatToken } from '@/protocol/chat.ts';
import { formatPercent } from '@/ui/format.ts';
import { useTokenCursor } from '@/ui/use-token-cursor.ts';
import { TokenText } from './token-text.tsx';
import { choicesOf, spokenToken, visibleText } from './token-texts.ts';

interface AnswerTokensProps {
  readonly tokens: readonly ChatToken[];
  /** Which of them: the thoughts, or the answer. */
  readonly part: 'thoughts' | 'answer';
}

/** The words coloured by how unlikely they were; the one that is looked at with what else could have come. */
export function AnswerTokens({ tokens, part }: AnswerTokensProps): ReactElement {
  const own = useMemo(() => tokensOf(tokens, part === 'thoughts'), [tokens, part]);
  const { area, shown, pinned, onPointerLeave, ...handlers } = useTokenCursor(own.length);
  const [isFocused, setIsFocused] = useState(false);
  const place = isFocused || shown !== pinned ? shown : null;
  const token = place === null ? undefined : own[place];
  const spoken = pinned !== null && isFocused ? own[pinned] : undefined;
  return (
    <div className="answer-tokens" onPointerLeave={onPointerLeave}>
      {/* oxlint-disable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions -- tokens are gone through with the arrow keys inside one tab stop */}
      <div
        ref={area}
        className="answer-tokens__area"
        role="group"
        aria-label={`The ${part}, token by token; the arrow keys go through it`}
        tabIndex={0}
        onFocus={() => setIsFocused(true)}
        onBlur={() => setIsFocused(false)}
        {...handlers}
      >
        {/* oxlint-enable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
        <TokenText tokens={own} />
      </div>
      {token !== undefined && place !== null && <TokenPopover area={area} place={place} token={token} />}
      <p className="visually-hidden" role="status">
        {spoken !== undefined && spokenToken(spoken)}
      </p>
    </div>
  );
}

/** Line ends that a model opens its part with mean nothing to a reader. */
function tokensOf(tokens: readonly ChatToken[], isThinking: boolean): readonly ChatToken[] {
  const own = tokens.filter((token) => token.isThinking === isThinking);
  const first = own.findIndex(({ text }) => text.trim() !== '');
  return first <= 0 ? own : own.slice(first);
}

interface TokenPopoverProps {
  readonly area: RefObject<HTMLDivElement | null>;
  readonly place: number;
  readonly token: ChatToken;
}

/** Below the token, above it where there is no room, within the text's width. Screen readers are told in a sentence. */
function TokenPopover({ area, place, token }: TokenPopoverProps): ReactElement {
  const popover = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const around = area.current;
    if (around === null) return undefined;
    const move = (): void => {
      if (popover.current !== null) putBeside(popover.current, around, place);
    };
    move();
    const observer = new ResizeObserver(move);
    observer.observe(around);
    return () => observer.disconnect();
  }, [area, place]);
  return (
    <div className="token-popover" ref={popover} aria-hidden="true" data-testid="token-popover">
      <p>
        <code>{visibleText(token.text)}</code> <strong>{formatPercent(Math.exp(token.logProb))}</strong>
      </p>
      <ol>
        {choicesOf(token).map(({ text, probability, isTaken }, rank) => (
          // Two of them can have the same text, such as parts of a character.
          <li key={rank} data-taken={isTaken}>
            <code>{visibleText(text)}</code>
            <i style={{ inlineSize: `${Math.max(1, probability * 100)}%` }} />
            <span>{formatPercent(probability)}</span>
          </li>
        ))}
      </ol>
      {token.top.length === 0 && <p className="token-popover__none">The model gave no others.</p>}
    </div>
  );
}

const GAP = 4;

function putBeside(box: HTMLElement, around: HTMLElement, place: number): void {
  const token = around.querySelector(`[data-token="${place}"]`)?.getClientRects()[0];
  if (token === undefined) return;
  const origin = around.getBoundingClientRect();
  const bottom = around.closest('.messages__scroll')?.getBoundingClientRect().bottom ?? Infinity;
  const isRoomBelow = token.bottom + GAP + box.offsetHeight <= bottom;
  const top = isRoomBelow ? token.bottom + GAP : token.top - GAP - box.offsetHeight;
  const left = Math.min(token.left - origin.left, origin.width - box.offsetWidth);
  box.style.left = `${Math.max(0, left)}px`;
  box.style.top = `${top - origin.top}px`;
}
