/** The page's side of the service worker: whether the page is kept for use without a network, and newer versions. */
import { useSyncExternalStore } from 'react';
import { OTHER_TABS, TAKE_OVER } from '@/protocol/service-worker.ts';

/**
 * How far the page itself is kept.
 *
 * 'unknown' before it was looked at; 'notThisBuild' in development and test builds; 'insecure' over plain http from
 * another machine; 'unsupported' where the browser has no service workers; 'certificate' where it does not trust the
 * server's; 'failed' where the files could not be fetched or stored.
 */
export type PageKept =
  | 'unknown'
  | 'notThisBuild'
  | 'insecure'
  | 'unsupported'
  | 'certificate'
  | 'failed'
  | 'keeping'
  | 'kept';

export interface KeptPage {
  readonly kept: PageKept;
  /** The browser's own words where `kept` is 'failed'. */
  readonly reason: string | null;
  /** A newer version waits, or has come in already. */
  readonly hasUpdate: boolean;
  /** It was asked for, and waits for other tabs to be closed: what they load later has to be of their version. */
  readonly hasOtherTabs: boolean;
}

/** A page may stay open for days. */
const UPDATE_CHECK_MS = 60 * 60_000;

const isOfThisBuild = import.meta.env.MODE === 'production';

/** Registers the service worker and follows what becomes of it. One per page. */
class PageKeeper {
  #page: KeptPage = { kept: 'unknown', reason: null, hasUpdate: false, hasOtherTabs: false };
  #registration: ServiceWorkerRegistration | null = null;
  #isTaking = false;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly page = (): KeptPage => this.#page;

  /** Begins to keep the page, once what it needs at first has been fetched. */
  async start(): Promise<void> {
    const obstacle = obstacleHere();
    if (obstacle !== null) return this.#update({ kept: obstacle });
    await pageLoaded();
    const { serviceWorker } = navigator;
    const hadWorker = serviceWorker.controller !== null;
    serviceWorker.addEventListener('controllerchange', () => {
      if (this.#isTaking) location.reload();
      // It came in without this tab's button. What runs here goes on; the first visit has had no older one.
      else if (hadWorker) this.#update({ hasUpdate: true });
    });
    serviceWorker.addEventListener('message', ({ data }) => {
      if (data !== OTHER_TABS) return;
      this.#isTaking = false;
      this.#update({ hasOtherTabs: true });
    });
    try {
      const url = `${import.meta.env.BASE_URL}service-worker.js`;
      // Where something blocks registrations, as test tools do, nothing comes back.
      const registered = (await serviceWorker.register(url, { updateViaCache: 'none' })) as
        | ServiceWorkerRegistration
        | undefined;
      if (registered === undefined) this.#update({ kept: 'unsupported' });
      else this.#follow(registered);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
      // Browsers give the same name to registrations that a setting or a policy forbids.
      const isOfCertificate = name === 'SecurityError' && /certificate/i.test(message);
      this.#update({ kept: isOfCertificate ? 'certificate' : 'failed', reason: message });
    }
  }

  /** Loads the page again in its newest version. Nothing is asked: the caller knows that nothing runs. */
  takeUpdate(): void {
    const waiting = this.#registration?.waiting ?? null;
    if (waiting === null) {
      location.reload();
      return;
    }
    this.#isTaking = true;
    this.#update({ hasOtherTabs: false });
    waiting.postMessage(TAKE_OVER);
  }

  #follow(registration: ServiceWorkerRegistration): void {
    this.#registration = registration;
    this.#look(registration);
    const followNew = (): void => {
      registration.installing?.addEventListener('statechange', () => this.#look(registration));
      this.#look(registration);
    };
    registration.addEventListener('updatefound', followNew);
    followNew();
    setInterval(() => {
      // Without a network there is nothing newer.
      registration.update().catch(() => undefined);
    }, UPDATE_CHECK_MS);
  }

  #look({ active, installing, waiting }: ServiceWorkerRegistration): void {
    if (active !== null) this.#update({ kept: 'kept', hasUpdate: this.#page.hasUpdate || waiting !== null });
    else if (installing !== null || waiting !== null) this.#update({ kept: 'keeping' });
    else this.#update({ kept: 'failed', reason: 'Not all files of the page could be fetched and stored.' });
  }

  #update(change: Partial<KeptPage>): void {
    this.#page = { ...this.#page, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export const pageKeeper = new PageKeeper();

export function useKeptPage(): KeptPage {
  return useSyncExternalStore(pageKeeper.subscribe, pageKeeper.page);
}

/** Why the page is not kept here; null if it can be. */
function obstacleHere(): PageKept | null {
  if (!isOfThisBuild) return 'notThisBuild';
  if (!isSecureContext) return 'insecure';
  return 'serviceWorker' in navigator ? null : 'unsupported';
}

/** What the page shows first comes before what is kept for later. */
function pageLoaded(): Promise<void> {
  if (document.readyState === 'complete') return Promise.resolve();
  return new Promise((resolve) => window.addEventListener('load', () => resolve(), { once: true }));
}
