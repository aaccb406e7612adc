import './stream-text.css';
import { Fragment, memo, useEffect, useLayoutEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { SentenceAnnouncer } from './sentence-announcer.tsx';
import { paragraphsOf, partsOf, piecesOf, type StreamParagraph, type TextSpan } from './stream-paragraphs.ts';

/** Something that stands between two parts of the text. */
export interface StreamInsert {
  /** Where in the text, in UTF-16 units; inserts ascend. */
  readonly at: number;
  readonly node: ReactNode;
}

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
  /** What came before, scrolled together with the text. */
  readonly before?: ReactNode;
  /** Parts with a dashed underline; ascending, apart from each other. */
  readonly marks?: readonly TextSpan[];
  readonly inserts?: readonly StreamInsert[];
}

const NOTHING: readonly never[] = [];

/** Text that grows at its end. It follows the newest word until the reader scrolls up. */
export function StreamText(props: StreamTextProps): ReactElement {
  const { label, text, size, isGrowing, isAnnounced, testId, empty, before } = props;
  const { marks = NOTHING, inserts = NOTHING } = props;
  const parts = partsOf(
    text,
    inserts.map(({ at }) => at),
  );
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  const hasContent = text !== '' || (before !== undefined && before !== null);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (isFollowing && element !== null) element.scrollTop = hasContent ? element.scrollHeight : 0;
  });

  // A region that gets another size has another end, without a new word.
  useEffect(() => {
    const element = scroller.current;
    if (!isFollowing || element === null) return undefined;
    const observer = new ResizeObserver(() => {
      element.scrollTop = hasContent ? element.scrollHeight : 0;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isFollowing, hasContent]);

  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    setIsFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < 24);
  };

  return (
    <div className={`stream stream--${size}`}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard */}
      <div className="stream__scroll" ref={scroller} onScroll={onScroll} role="group" aria-label={label} tabIndex={0}>
        {before}
        {text.trim() === '' && empty}
        <div data-testid={testId}>
          {parts.map((part, index) => (
            // Parts are only ever appended: the index is their identity.
            <Fragment key={index}>
              <Paragraphs text={text} part={part} marks={marks} hasCaret={isGrowing && index === parts.length - 1} />
              {inserts[index]?.node}
            </Fragment>
          ))}
        </div>
      </div>
      {!isFollowing && hasContent && (
        <button type="button" className="stream__newest" onClick={() => setIsFollowing(true)}>
          To the newest ↓
        </button>
      )}
      {isAnnounced && <SentenceAnnouncer text={text} isComplete={!isGrowing} />}
    </div>
  );
}

interface ParagraphsProps {
  readonly text: string;
  readonly part: TextSpan;
  readonly marks: readonly TextSpan[];
  readonly hasCaret: boolean;
}

function Paragraphs({ text, part, marks, hasCaret }: ParagraphsProps): readonly ReactElement[] {
  const paragraphs = paragraphsOf(text, part);
  return paragraphs.map((paragraph, index) => (
    // Paragraphs are only ever appended: the index is their identity.
    <Paragraph
      key={index}
      text={paragraph.text}
      from={paragraph.from}
      marks={marks}
      hasCaret={hasCaret && index === paragraphs.length - 1}
    />
  ));
}

type ParagraphProps = StreamParagraph & Pick<ParagraphsProps, 'marks' | 'hasCaret'>;

const Paragraph = memo(function Paragraph({ text, from, marks, hasCaret }: ParagraphProps): ReactElement {
  return (
    <p dir="auto">
      {marks.length === 0
        ? text
        : piecesOf({ text, from }, marks).map((piece, index) =>
            piece.isMarked ? <s key={index}>{piece.text}</s> : piece.text,
          )}
      {hasCaret && <span className="stream__caret" aria-hidden="true" />}
    </p>
  );
});
