import type { StoreApi } from 'zustand';

/** Settles after the time, or at once when `signal` fires. */
export function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}

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
