import './section.css';
import { useId, type ReactElement, type ReactNode } from 'react';
import { ActorMark, type Actor } from './actor.tsx';

interface SectionProps {
  readonly title: string;
  /** One line on what this is, beside the title. */
  readonly gloss?: string;
  readonly actor?: Actor;
  /** Numbers, at the right end of the head. */
  readonly facts?: ReactNode;
  readonly className?: string;
  /** What lessons call it. */
  readonly lesson?: string;
  readonly children: ReactNode;
}

/** A titled region of a panel. */
export function Section({ title, gloss, actor, facts, className = '', lesson, children }: SectionProps): ReactElement {
  const titleId = useId();
  return (
    <section className={`section ${className}`} data-actor={actor} data-lesson={lesson} aria-labelledby={titleId}>
      <div className="section__head">
        {actor !== undefined && <ActorMark actor={actor} />}
        <h2 className="section__title" id={titleId}>
          {title}
        </h2>
        {gloss !== undefined && <span className="section__gloss">{gloss}</span>}
        {facts !== undefined && <div className="section__facts">{facts}</div>}
      </div>
      {children}
    </section>
  );
}
