import { useEffect, useState } from 'react';
import type { LessonTarget } from './lesson-targets.ts';
import { findTarget } from './lesson-targets.ts';

/** Panels change under the lesson: what is pointed at may go, come, or be drawn anew. */
const LOOK_MS = 200;
const MARK = 'data-lesson-mark';

/** Regions have room inside for the mark, tabs and links none outside. */
function kindOf(element: HTMLElement): 'inside' | 'outside' {
  return element.matches('section, a, [role="tab"]') ? 'inside' : 'outside';
}

/** 'gone': it was on the screen before, as a button is that was pressed and has become another. */
export type Sight = 'missing' | 'there' | 'gone';

/** Marks the real control or region while the calling component is there, scrolled into view once. */
export function useMark(target: LessonTarget | null): Sight {
  const [sight, setSight] = useState<Sight>('missing');
  useEffect(() => {
    if (target === null) return undefined;
    let marked: HTMLElement | null = null;
    let wasScrolled = false;
    const look = (): void => {
      const found = findTarget(target);
      setSight((before) => (found !== null ? 'there' : before === 'missing' ? 'missing' : 'gone'));
      if (found === marked) return;
      marked?.removeAttribute(MARK);
      marked = found;
      found?.setAttribute(MARK, kindOf(found));
      if (found === null || wasScrolled) return;
      wasScrolled = true;
      const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
      found.scrollIntoView({ block: 'nearest', behavior: isStill ? 'instant' : 'smooth' });
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      marked?.removeAttribute(MARK);
    };
  }, [target]);
  return target === null ? 'missing' : sight;
}

const FOCUSABLE = 'button:not(:disabled), a[href], input:not(:disabled), textarea, select, [tabindex="0"]';

/** Moves the focus to what is pointed at, or to the first thing in it that takes it. */
export function focusTarget(target: LessonTarget): void {
  const element = findTarget(target);
  if (element === null) return;
  element.scrollIntoView({ block: 'nearest' });
  const inside = element.matches(FOCUSABLE) ? element : element.querySelector<HTMLElement>(FOCUSABLE);
  if (inside !== null) {
    inside.focus();
    return;
  }
  // A region that takes no focus is given it once.
  element.setAttribute('tabindex', '-1');
  element.focus();
  element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true });
}
