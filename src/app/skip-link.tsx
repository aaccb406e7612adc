import './skip-link.css';
import type { MouseEvent, ReactElement } from 'react';
import { focusPanel } from './focus-panel.ts';

/**
 * First stop of the keyboard: past the header. The address names the panel already, so that the link moves the focus only.
 */
export function SkipLink({ panel }: { readonly panel: string }): ReactElement {
  const skip = (event: MouseEvent): void => {
    event.preventDefault();
    focusPanel();
  };
  return (
    <a className="skip-link" href={`#/${panel}`} onClick={skip}>
      Skip to the panel
    </a>
  );
}
