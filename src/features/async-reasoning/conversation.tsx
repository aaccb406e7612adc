import { memo, type ReactElement } from 'react';
import type { Remark, Turn } from '@/state/reasoning-view.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { paragraphsOf } from '@/ui/stream-paragraphs.ts';

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
            <Paragraphs text={turn.thoughts} />
          </details>
          {turn.remarks.map((remark, remarkIndex) => (
            <RemarkNote key={remarkIndex} remark={remark} />
          ))}
          <Paragraphs text={turn.answer} />
        </article>
      ))}
    </>
  );
});

function Paragraphs({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {paragraphsOf(text, { from: 0, to: text.length }).map((paragraph) => (
        <p key={paragraph.from} dir="auto">
          {paragraph.text}
        </p>
      ))}
    </>
  );
}
