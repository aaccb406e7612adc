import './confirmation.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent, type ReactElement } from 'react';

interface ConfirmationProps {
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** A question before something is lost. The keyboard goes to the answer that loses nothing, and back to where it was. */
export function Confirmation({ question, yes, no, onYes, onNo }: ConfirmationProps): ReactElement {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    button.current?.focus();
    return () => {
      // What the answer led to may have taken the keyboard already.
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  }, []);
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onNo();
  };
  // Escape leaves the question; the dialog around it stays open.
  const keys = { onKeyDown: leave, 'data-mantine-stop-propagation': 'true' };
  return (
    <div className="confirmation" role="group" aria-label={question}>
      <p>{question}</p>
      <div className="confirmation__actions">
        <Button onClick={onYes} {...keys}>
          {yes}
        </Button>
        <Button variant="default" ref={button} onClick={onNo} {...keys}>
          {no}
        </Button>
      </div>
    </div>
  );
}
