import { useEffect, useRef, useState, type ReactElement } from 'react';
import { announcedEnd, quietMsAfter } from './sentences.ts';

/** How often the text is looked at. */
const LOOK_MS = 500;

/**
 * Says a growing text in whole sentences through a polite live region, never token by token: what has come while a screen
 * reader speaks is one announcement, once it has had the time to finish the last one.
 */
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
  /** `count` tells an announcement from an equal one before it. */
  const [spoken, setSpoken] = useState({ count: 0, part: '' });

  useEffect(() => {
    newest.current = { text, isComplete };
    if (text.length < saidUpTo.current) saidUpTo.current = 0;
  }, [text, isComplete]);

  useEffect(() => {
    // The first sentences come together too: a stream has only begun.
    let quietUntil = performance.now() + quietMsAfter('');
    const timer = setInterval(() => {
      if (performance.now() < quietUntil) return;
      const current = newest.current;
      const from = saidUpTo.current;
      const end = announcedEnd(current.text, from, current.isComplete);
      if (end <= from) return;
      saidUpTo.current = end;
      const part = current.text.slice(from, end).trim();
      if (part === '') return;
      setSpoken(({ count }) => ({ count: count + 1, part }));
      quietUntil = performance.now() + quietMsAfter(part);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);

  return (
    <div className="visually-hidden" aria-live="polite">
      {spoken.part !== '' && <p key={spoken.count}>{spoken.part}</p>}
    </div>
  );
}
