import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';

interface TokenCursor {
  readonly area: RefObject<HTMLDivElement | null>;
  /** The token that is pointed at, else the one that the keyboard or a click has chosen. */
  readonly shown: number | null;
  readonly pinned: number | null;
  readonly onKeyDown: (event: KeyboardEvent<HTMLDivElement>) => void;
  readonly onPointerOver: (event: PointerEvent<HTMLDivElement>) => void;
  readonly onPointerLeave: () => void;
  readonly onClick: (event: { readonly target: EventTarget }) => void;
}

/**
 * Which of many tokens is looked at. The area has one handler of each kind, and the mark is set on the element itself:
 * thousands of tokens are not drawn again when it moves.
 */
export function useTokenCursor(count: number): TokenCursor {
  const area = useRef<HTMLDivElement>(null);
  const [pinned, setPinned] = useState<number | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);

  useEffect(() => {
    const element = pinned === null ? null : elementOf(area.current, pinned);
    element?.setAttribute('data-current', 'true');
    element?.scrollIntoView({ block: 'nearest' });
    return () => element?.removeAttribute('data-current');
  }, [pinned]);

  return {
    area,
    shown: pointed ?? pinned,
    pinned,
    onKeyDown: (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === 'Escape' && pinned !== null) {
        // First the token, then what is around it.
        event.stopPropagation();
        setPinned(null);
        return;
      }
      const next = placeAfter(event.key, pinned, count, area.current);
      if (next === null) return;
      event.preventDefault();
      setPointed(null);
      setPinned(next);
    },
    onPointerOver: ({ target }) => setPointed(indexOf(target)),
    onPointerLeave: () => setPointed(null),
    onClick: ({ target }) => {
      const index = indexOf(target);
      if (index !== null) setPinned(index);
    },
  };
}

function elementOf(area: HTMLElement | null, index: number): HTMLElement | null {
  return area?.querySelector<HTMLElement>(`[data-token="${index}"]`) ?? null;
}

function indexOf(target: EventTarget): number | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-token]') : null;
  return element === null ? null : Number(element.dataset['token']);
}

function placeAfter(key: string, place: number | null, count: number, area: HTMLElement | null): number | null {
  if (count === 0) return null;
  const from = place ?? -1;
  switch (key) {
    case 'ArrowRight':
      return Math.min(count - 1, from + 1);
    case 'ArrowLeft':
      return Math.max(0, from - 1);
    case 'ArrowDown':
      return place === null ? 0 : placeInLine(area, place, count, 1);
    case 'ArrowUp':
      return place === null ? 0 : placeInLine(area, place, count, -1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/** The token of the next line, or the one before, that begins nearest to where this one does. */
function placeInLine(area: HTMLElement | null, place: number, count: number, direction: 1 | -1): number {
  const start = firstBox(area, place);
  if (start === undefined) return place;
  let best = place;
  let line: number | null = null;
  let distance = Infinity;
  for (let index = place + direction; index >= 0 && index < count; index += direction) {
    const box = firstBox(area, index);
    if (box === undefined || Math.abs(box.top - start.top) < box.height / 2) continue;
    line ??= box.top;
    if (Math.abs(box.top - line) >= box.height / 2) break;
    const gap = Math.abs(box.left - start.left);
    if (gap < distance) [best, distance] = [index, gap];
  }
  return best;
}

/** A token that is broken over two lines counts to the first one. */
function firstBox(area: HTMLElement | null, index: number): DOMRect | undefined {
  return elementOf(area, index)?.getClientRects()[0];
}
