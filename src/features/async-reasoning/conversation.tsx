import { Fragment, memo, type ReactElement } from 'react';
import type { Remark, Turn } from '@/state/reasoning-view.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { paragraphsOf, partsOf, type TextSpan } from '@/ui/stream-paragraphs.ts';

/** What the user said, where it stands in the conversation. */
export function Said({ text, note }: { readonly text: string; readonly note?: string }): ReactElement {
  return (
    <div className="said" data-actor="user" dir="auto">
      <ActorMark actor="user" />
      {/* Only the text itself decides the direction. */}
      <span className="visually-hidden" dir="ltr">
        {'You: '}
      </span>
      <span className="said__text">{text}</span>
      {note !== undefined && (
        <span className="said__note" dir="ltr">
          {note}
        </span>
      )}
    </div>
  );
}

export function RemarkNote({ remark }: { readonly remark: Remark }): ReactElement {
  return (
    <Said
      text={remark.text}
      note={remark.step === null ? 'remark, not read yet' : `remark, read at step ${remark.step}`}
    />
  );
}

/** Finished turns, which the model still reads. They never change once they are there. */
export const EarlierTurns = memo(function EarlierTurns({ turns }: { readonly turns: readonly Turn[] }): ReactElement {
  return (
    <>
      {turns.map((turn, index) => (
        <article key={index} className="turn" aria-label={`Turn ${index + 1}`}>
          {turn.question !== '' && <Said text={turn.question} />}
          <details className="turn__thoughts" data-actor="thinker">
            <summary>
              Thoughts, {turn.thinkerTokens.toLocaleString('en')} {turn.thinkerTokens === 1 ? 'token' : 'tokens'}
            </summary>
            <Paragraphs text={turn.thoughts} part={{ from: 0, to: turn.thoughts.length }} />
          </details>
          <AnswerWithRemarks turn={turn} />
        </article>
      ))}
    </>
  );
});

/** A remark that was never read stands at the end. */
function AnswerWithRemarks({ turn: { answer, remarks } }: { readonly turn: Turn }): ReactElement {
  const parts = partsOf(
    answer,
    remarks.map(({ writerOffset }) => writerOffset ?? answer.length),
  );
  return (
    <>
      {parts.map((part, index) => {
        const remark = remarks[index];
        return (
          <Fragment key={index}>
            <Paragraphs text={answer} part={part} />
            {remark !== undefined && <RemarkNote remark={remark} />}
          </Fragment>
        );
      })}
    </>
  );
}

function Paragraphs({ text, part }: { readonly text: string; readonly part: TextSpan }): ReactElement {
  return (
    <>
      {paragraphsOf(text, part).map((paragraph) => (
        <p key={paragraph.from} dir="auto">
          {paragraph.text}
        </p>
      ))}
    </>
  );
}
