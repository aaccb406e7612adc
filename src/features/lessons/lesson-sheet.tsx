import './lesson-sheet.css';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { lessonOf } from './all-lessons.ts';
import { placeOf, type Lesson } from './lesson.ts';
import { LessonEnd } from './lesson-end.tsx';
import { foldedLesson, progressOf } from './lesson-progress.ts';
import { LessonStepView } from './lesson-step-view.tsx';
import { closeLesson, useLessons, useLessonStore } from './lessons-context.tsx';
import { focusTarget } from './use-target.ts';
import { useLesson } from './use-lesson.ts';
import { useWay, type ChosenWay } from './use-way.ts';
import { WayLine } from './way-line.tsx';

/** The open lesson, beside the panel that it points at. Nothing where none is open, or all of them are listed. */
export function LessonSheet(): ReactElement | null {
  const openId = useLessons((view) => view.openId);
  const [panel] = usePageAddress().path;
  const lesson = openId === null ? null : lessonOf(openId);
  if (lesson === null || panel === 'lessons') return null;
  return <SheetOf key={lesson.id} lesson={lesson} />;
}

/** Begun anew, or another way, the panel is prepared anew. */
function SheetOf({ lesson }: { readonly lesson: Lesson }): ReactElement {
  const chosen = useWay(
    useLessons((view) => progressOf(view, lesson.id).way),
    true,
  );
  const [round, setRound] = useState(0);
  return <Sheet key={`${chosen.way} ${round}`} lesson={lesson} chosen={chosen} onAgain={() => setRound(round + 1)} />;
}

interface SheetProps {
  readonly lesson: Lesson;
  readonly chosen: ChosenWay;
  readonly onAgain: () => void;
}

function Sheet({ lesson, chosen, onAgain }: SheetProps): ReactElement {
  const store = useLessonStore();
  const address = usePageAddress();
  const isFolded = useLessons((view) => view.isFolded);
  const hand = useLesson(lesson, chosen, onAgain);
  const { step, place, steps } = hand;
  const unfold = useRef<HTMLButtonElement>(null);
  const isHere = step !== null && placeOf(lesson, step) === placeNow(address.path);
  const sheet = useRef<HTMLElement>(null);
  const goTo = (): void => {
    if (step?.target !== undefined) focusTarget(step.target);
  };
  useSwitchKey(() => {
    if (sheet.current?.contains(document.activeElement) === true) goTo();
    else (isFolded ? unfold.current : sheet.current?.querySelector('h2'))?.focus();
  });
  const fold = (folded: boolean): void => {
    store.setState((view) => foldedLesson(view, folded));
    // Unfolded, the step's heading takes the focus.
    if (folded) unfold.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || isFolded) return;
    event.stopPropagation();
    fold(true);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape folds it from wherever the focus is in it
    <aside
      ref={sheet}
      className="lesson-sheet"
      data-folded={isFolded}
      aria-label={`Lesson: ${lesson.title}`}
      onKeyDown={onKeyDown}
    >
      <div className="lesson-sheet__head">
        <button
          ref={unfold}
          type="button"
          className="lesson-sheet__fold"
          aria-expanded={!isFolded}
          onClick={() => fold(!isFolded)}
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <polyline points="3,6 8,11 13,6" fill="none" stroke="currentColor" strokeWidth="2" />
          </svg>
          <span>{lesson.title}</span>
        </button>
        <span className="lesson-sheet__place">{step === null ? 'end' : `${place + 1} of ${steps.length}`}</span>
        <button
          type="button"
          className="lesson-sheet__close"
          aria-label="Close the lesson"
          onClick={() => closeLesson(store, address)}
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M3 3l10 10M13 3L3 13" fill="none" stroke="currentColor" strokeWidth="1.8" />
          </svg>
        </button>
        <progress
          className="lesson-sheet__progress"
          max={steps.length}
          value={place}
          aria-label="Steps of the lesson"
        />
      </div>
      {/* Out of sight it goes on: what is waited for is seen, and what is done for the visitor is done to its end. */}
      <div className="lesson-sheet__body" hidden={isFolded}>
        <WayLine hand={hand} />
        {step === null ? (
          <LessonEnd hand={hand} />
        ) : (
          <LessonStepView key={step.id} hand={hand} step={step} isHere={isHere} onGoTo={goTo} />
        )}
      </div>
    </aside>
  );
}

/** As places of steps are written. */
function placeNow([panel = 'thinking', page]: readonly string[]): string {
  return page === undefined ? panel : `${panel}/${page}`;
}

/** F6, from wherever the focus is but a dialog, which keeps it. */
function useSwitchKey(onPress: () => void): void {
  const press = useRef(onPress);
  useEffect(() => {
    press.current = onPress;
  });
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== 'F6' || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (document.querySelector('[aria-modal="true"]') !== null) return;
      event.preventDefault();
      press.current();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
