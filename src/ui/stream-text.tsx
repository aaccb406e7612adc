import './stream-text.css';
import { memo, useLayoutEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { SentenceAnnouncer } from './sentence-announcer.tsx';

interface StreamTextProps {
  readonly label: string;
  readonly text: string;
  readonly size: 'large' | 'medium';
  /** A caret stands at the end while the stream is being written. */
  readonly isGrowing: boolean;
  /** Read aloud by screen readers, sentence by sentence. */
  readonly isAnnounced: boolean;
  readonly testId: string;
  /** Shown while there is no text. */
  readonly empty: ReactNode;
}

/** Text that grows at its end. It follows the newest word until the reader scrolls up. */
export function StreamText(props: StreamTextProps): ReactElement {
  const { label, text, size, isGrowing, isAnnounced, testId, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (isFollowing && element !== null) element.scrollTop = text === '' ? 0 : element.scrollHeight;
  }, [text, isFollowing]);

  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    setIsFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < 24);
  };

  // Models open a turn with line ends; they mean nothing to a reader.
  const paragraphs = text.trim() === '' ? [] : text.trimStart().split(/\n{2,}/);
  return (
    <div className={`stream stream--${size}`}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard */}
      <div className="stream__scroll" ref={scroller} onScroll={onScroll} role="group" aria-label={label} tabIndex={0}>
        {paragraphs.length === 0 && empty}
        <div data-testid={testId}>
          {paragraphs.map((paragraph, index) => (
            // Paragraphs are only ever appended: the index is their identity.
            <Paragraph key={index} text={paragraph} hasCaret={isGrowing && index === paragraphs.length - 1} />
          ))}
        </div>
      </div>
      {!isFollowing && text !== '' && (
        <button type="button" className="stream__newest" onClick={() => setIsFollowing(true)}>
          To the newest ↓
        </button>
      )}
      {isAnnounced && <SentenceAnnouncer text={text} isComplete={!isGrowing} />}
    </div>
  );
}

const Paragraph = memo(function Paragraph({
  text,
  hasCaret,
}: {
  readonly text: string;
  readonly hasCaret: boolean;
}): ReactElement {
  return (
    <p>
      {text}
      {hasCaret && <span className="stream__caret" aria-hidden="true" />}
    </p>
  );
});
