import { useEffect, useState } from 'react';

const INTERVAL_MS = 100;

/** The page's clock in ms, read ten times a second while `isTicking`. */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!isTicking) return undefined;
    const timer = setInterval(() => setNow(performance.now()), INTERVAL_MS);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}
