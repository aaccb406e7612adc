import { useEffect, useRef, useState, type ReactElement } from 'react';
import { endOfLastSentence } from './sentences.ts';

/** Milliseconds between announcements: a screen reader should finish one before the next comes. */
const QUIET_MS = 2500;

/** Says a growing text in whole sentences through a polite live region, never token by token. */
export function SentenceAnnouncer({
  text,
  isComplete,
}: {
  readonly text: string;
  /** Nothing more comes: the last words count as a sentence without a full stop. */
  readonly isComplete: boolean;
}): ReactElement {
  const newest = useRef({ text, isComplete });
  const saidUpTo = useRef(text.length);
  const [spoken, setSpoken] = useState('');

  useEffect(() => {
    newest.current = { text, isComplete };
    if (text.length < saidUpTo.current) saidUpTo.current = 0;
  }, [text, isComplete]);

  useEffect(() => {
    const timer = setInterval(() => {
      const current = newest.current;
      const end = current.isComplete ? current.text.length : endOfLastSentence(current.text);
      if (end <= saidUpTo.current) return;
      setSpoken(current.text.slice(saidUpTo.current, end).trim());
      saidUpTo.current = end;
    }, QUIET_MS);
    return () => clearInterval(timer);
  }, []);

  return (
    <div className="visually-hidden" aria-live="polite">
      {spoken}
    </div>
  );
}
