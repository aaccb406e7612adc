import { Button } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent, type ReactElement } from 'react';

interface QuestionProps {
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** A question before something is lost. The keyboard goes to the answer that loses nothing. */
export function Question({ question, yes, no, onYes, onNo }: QuestionProps): ReactElement {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  // Escape leaves the question; the dialog around it stays open.
  const keys = {
    'data-mantine-stop-propagation': 'true',
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onNo();
    },
  };
  return (
    <div className="material__question" role="group" aria-label={question}>
      <p>{question}</p>
      <div className="material__actions">
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
