/** A ref for what has appeared where it may not be seen: it is scrolled into view, and no further than it must be. */
export function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
