import { useEffect, useRef, useState, type ReactElement } from 'react';

/** Milliseconds between announcements. */
const SPACING_MS = 10_000;

/** Tells screen readers a line that changes often, the newest at a time: the line itself stands beside it, without a role. */
export function SpacedStatus({ text }: { readonly text: string }): ReactElement {
  const newest = useRef(text);
  const [said, setSaid] = useState(text);
  useEffect(() => {
    newest.current = text;
  }, [text]);
  useEffect(() => {
    const timer = setInterval(() => setSaid(newest.current), SPACING_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="visually-hidden" role="status">
      {said}
    </span>
  );
}
