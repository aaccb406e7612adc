/** Moves the focus to the panel that is shown. */
export function focusPanel(): void {
  const main = document.querySelector<HTMLElement>('main:not([hidden])');
  if (main === null) return;
  // For this moment only: a panel that is clicked beside its controls shall not take the focus.
  main.tabIndex = -1;
  main.addEventListener('blur', () => main.removeAttribute('tabindex'), { once: true });
  main.focus();
}
