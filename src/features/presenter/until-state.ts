import type { StoreApi } from 'zustand';

/** Settles as soon as it is true after a change of the store, or when `signal` fires. */
export function untilState<State>(store: StoreApi<State>, isTrue: () => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = store.subscribe(() => {
      if (isTrue()) done();
    });
    signal.addEventListener('abort', done);
    if (signal.aborted || isTrue()) done();
  });
}
