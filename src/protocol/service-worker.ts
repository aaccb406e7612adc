/** What the page says to a service worker that waits: take over now. The page loads itself again then. */
export const TAKE_OVER = 'duet:takeOver';
