import './stream-text.css';
import { Fragment, memo, useRef, type CSSProperties, type ReactElement, type ReactNode } from 'react';
import { SentenceAnnouncer } from './sentence-announcer.tsx';
import {
  paragraphsOf,
  partsOf,
  tintedPiecesOf,
  type StreamParagraph,
  type TextSpan,
  type TextTint,
} from './stream-paragraphs.ts';
import { useFollowing } from './use-following.ts';

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
  /** Parts that stand out, the more the larger their share; ascending, apart from each other. */
  readonly tints?: readonly TextTint[];
}

const NOTHING: readonly never[] = [];

/** Text that grows at its end. It follows the newest word until the reader scrolls up. */
export function StreamText(props: StreamTextProps): ReactElement {
  const { label, text, size, isGrowing, isAnnounced, testId, empty, before } = props;
  const { marks = NOTHING, inserts = NOTHING, tints = NOTHING } = props;
  const parts = partsOf(
    text,
    inserts.map(({ at }) => at),
  );
  const content = useRef<HTMLDivElement>(null);
  const hasContent = text !== '' || (before !== undefined && before !== null);
  const { scroller, isFollowing, onScroll, followAgain } = useFollowing(content, hasContent);

  return (
    <div className={`stream stream--${size}`}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard */}
      <div className="stream__scroll" ref={scroller} onScroll={onScroll} role="group" aria-label={label} tabIndex={0}>
        <div ref={content}>
          {before}
          {text.trim() === '' && empty}
          <div data-testid={testId}>
            {parts.map((part, index) => (
              // Parts are only ever appended: the index is their identity.
              <Fragment key={index}>
                <Paragraphs
                  text={text}
                  part={part}
                  marks={marks}
                  tints={tints}
                  hasCaret={isGrowing && index === parts.length - 1}
                />
                {inserts[index]?.node}
              </Fragment>
            ))}
          </div>
        </div>
      </div>
      {!isFollowing && hasContent && (
        <button type="button" className="stream__newest" onClick={followAgain}>
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
  readonly tints: readonly TextTint[];
  readonly hasCaret: boolean;
}

function Paragraphs({ text, part, marks, tints, hasCaret }: ParagraphsProps): readonly ReactElement[] {
  const paragraphs = paragraphsOf(text, part);
  return paragraphs.map((paragraph, index) => (
    // Paragraphs are only ever appended: the index is their identity.
    <Paragraph
      key={index}
      text={paragraph.text}
      from={paragraph.from}
      marks={marks}
      tints={within(tints, paragraph)}
      hasCaret={hasCaret && index === paragraphs.length - 1}
    />
  ));
}

/** The same list for every paragraph that none of them touches, so that it need not be drawn again. */
function within(tints: readonly TextTint[], { from, text }: StreamParagraph): readonly TextTint[] {
  const touching = tints.filter((tint) => tint.to > from && tint.from < from + text.length);
  return touching.length === 0 ? NOTHING : touching;
}

type ParagraphProps = StreamParagraph & Pick<ParagraphsProps, 'marks' | 'tints' | 'hasCaret'>;

const Paragraph = memo(function Paragraph({ text, from, marks, tints, hasCaret }: ParagraphProps): ReactElement {
  return (
    <p dir="auto">
      <Pieces text={text} from={from} marks={marks} tints={tints} />
      {hasCaret && <span className="stream__caret" aria-hidden="true" />}
    </p>
  );
});

type PiecesProps = StreamParagraph & Pick<ParagraphsProps, 'marks' | 'tints'>;

function Pieces({ text, from, marks, tints }: PiecesProps): ReactNode {
  if (marks.length === 0) return <Tinted text={text} from={from} tints={tints} />;
  const marked = marks.map((mark) => ({ ...mark, share: 1 }));
  return tintedPiecesOf({ text, from }, marked).map((piece) => {
    const content = <Tinted text={piece.text} from={piece.from} tints={tints} />;
    return piece.share > 0 ? <s key={piece.from}>{content}</s> : <Fragment key={piece.from}>{content}</Fragment>;
  });
}

function Tinted({ text, from, tints }: StreamParagraph & Pick<ParagraphsProps, 'tints'>): ReactNode {
  if (tints.length === 0) return text;
  return tintedPiecesOf({ text, from }, tints).map((piece) =>
    piece.share === 0 ? (
      piece.text
    ) : (
      <mark key={piece.from} style={{ '--share': piece.share } as CSSProperties}>
        {piece.text}
      </mark>
    ),
  );
}
