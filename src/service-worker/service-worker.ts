/**
 * Keeps the page for when there is no network: everything of the build but the models, which the engine keeps itself as
 * verified copies in the private file system. What the build has is listed by scripts/service-worker-plugin.mjs.
 */
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { StaleWhileRevalidate } from 'workbox-strategies';
import { OTHER_TABS, TAKE_OVER } from '@/protocol/service-worker.ts';

/** What is used of the global scope; TypeScript's library of workers does not go together with that of pages. */
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly unknown[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'message', listener: (event: WorkerMessage) => void): void;
  addEventListener(type: 'activate', listener: (event: { waitUntil(done: Promise<unknown>): void }) => void): void;
}

interface WorkerMessage {
  readonly data: unknown;
  readonly source: { postMessage(message: string): void } | null;
  waitUntil(done: Promise<unknown>): void;
}

/** Filled in by the build. */
declare const KEPT_FILES: PrecacheEntry[];

const worker = globalThis as unknown as ServiceWorkerScope;
const base = new URL(worker.registration.scope).pathname;

/**
 * Folders of files: an address in them is never the page. A model's is left to the network, ranges and all. They are
 * looked for in front of the question mark only: `?model=/models/tiny.gguf` is the page.
 */
const FILE_FOLDERS = ['models', 'recordings', 'assets', 'docs'].map(
  (folder) => new RegExp(`^/(?:[^?]*/)?${folder}(?:[/?]|$)`),
);

precacheAndRoute(KEPT_FILES);
cleanupOutdatedCaches();

registerRoute(new NavigationRoute(createHandlerBoundToURL('index.html'), { denylist: FILE_FOLDERS }));

// Pictures of the documents are many: only those that were looked at are there without a network.
registerRoute(
  ({ url, request, sameOrigin }) =>
    sameOrigin && request.destination === 'image' && url.pathname.startsWith(`${base}docs/`),
  new StaleWhileRevalidate({ cacheName: 'duet-document-pictures' }),
);

worker.addEventListener('message', (event) => {
  if (event.data === TAKE_OVER) event.waitUntil(takeOver(event));
});

/** Not while other tabs are open: what they load later has to be of their version, which is removed then. */
async function takeOver({ source }: WorkerMessage): Promise<void> {
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (windows.length > 1) source?.postMessage(OTHER_TABS);
  else await worker.skipWaiting();
}

// The page of the first visit too: what it loads later, it then finds without a network.
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
