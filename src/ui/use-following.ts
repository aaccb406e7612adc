import { useEffect, useRef, useState, type RefObject } from 'react';

export interface Following {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly isFollowing: boolean;
  readonly onScroll: () => void;
  readonly followAgain: () => void;
}

/** So near to its end, in px, a scrolled region counts as being there. */
const NEAR_END = 24;

/** Keeps the end of a growing content in view, until the reader scrolls up. */
export function useFollowing(content: RefObject<HTMLDivElement | null>, hasContent: boolean): Following {
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  // The observer has to know at once, not after the next drawing.
  const follows = useRef(true);
  const lastTop = useRef(0);

  // Told after layout, so that following the newest word costs no layout of its own.
  useEffect(() => {
    const element = scroller.current;
    if (element === null || content.current === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = hasContent ? element.scrollHeight : 0;
    });
    observer.observe(element);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [content, hasContent]);

  const setFollows = (next: boolean): void => {
    follows.current = next;
    setIsFollowing(next);
  };

  return {
    scroller,
    isFollowing,
    onScroll() {
      const element = scroller.current;
      if (element === null) return;
      const isNearEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
      // Content that has grown since makes no distance that the reader has made.
      if (isNearEnd) setFollows(true);
      else if (element.scrollTop < lastTop.current) setFollows(false);
      lastTop.current = element.scrollTop;
    },
    followAgain() {
      setFollows(true);
      const element = scroller.current;
      if (element !== null) element.scrollTop = element.scrollHeight;
    },
  };
}
