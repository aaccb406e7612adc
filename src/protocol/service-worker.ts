/** What the page says to a service worker that waits: take over now. The page loads itself again then. */
export const TAKE_OVER = 'duet:takeOver';

/** What the service worker says then where other tabs are open: it goes on waiting. */
export const OTHER_TABS = 'duet:otherTabs';
