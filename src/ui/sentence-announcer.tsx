import { useEffect, useState, type ReactElement } from 'react';
import { Announcements, type Announcement } from './sentences.ts';

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
  const [announcements] = useState(() => new Announcements(text));
  const [spoken, setSpoken] = useState<Announcement | null>(null);

  useEffect(() => announcements.changed(text, isComplete), [announcements, text, isComplete]);

  useEffect(() => {
    announcements.begin(performance.now());
    const timer = setInterval(() => {
      const next = announcements.next(performance.now());
      if (next !== null) setSpoken(next);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [announcements]);

  return (
    <div className="visually-hidden" aria-live="polite">
      {spoken !== null && <p key={spoken.id}>{spoken.part}</p>}
    </div>
  );
}
