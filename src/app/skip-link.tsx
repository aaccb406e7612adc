import './skip-link.css';
import type { MouseEvent, ReactElement } from 'react';

/**
 * First stop of the keyboard: past the header. The address names the panel already, so that the link moves the focus only.
 */
export function SkipLink({ panel }: { readonly panel: string }): ReactElement {
  const skip = (event: MouseEvent): void => {
    event.preventDefault();
    const main = document.querySelector<HTMLElement>('main:not([hidden])');
    if (main === null) return;
    // For this moment only: a panel that is clicked beside its controls shall not take the focus.
    main.tabIndex = -1;
    main.addEventListener('blur', () => main.removeAttribute('tabindex'), { once: true });
    main.focus();
  };
  return (
    <a className="skip-link" href={`#/${panel}`} onClick={skip}>
      Skip to the panel
    </a>
  );
}
