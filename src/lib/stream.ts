/**
 * Long operations across threads: a run with cancellation, its events in order, and failures with their code.
 *
 * Worker side: `registerFailureTransfer()` once, `serveRun(...)` per long call.
 * Page side: `registerFailureTransfer()` once, `followRun(...)` for a promise, `streamRun(...)` for an async iterable.
 * Both sides speak only shapes, so this file knows nothing of the product.
 */
import { proxy, releaseProxy, transferHandlers, type ProxyMarked } from 'comlink';
import { Failure } from './failure.ts';

/** A failure as plain data. */
export interface FailureData {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** A running operation, as the worker hands it out. */
export interface RunHandle<Result> {
  readonly done: () => Promise<Result>;
  readonly cancel: () => void;
}

/** Data to send for any thrown value: a Failure keeps its code, an AbortError is 'cancelled', the rest is 'internal'. */
export function toFailureMessage(error: unknown): FailureData {
  if (error instanceof Failure) {
    return { code: String(error.code), message: error.message, details: error.details };
  }
  if (error instanceof Error) {
    return { code: error.name === 'AbortError' ? 'cancelled' : 'internal', message: error.message };
  }
  return { code: 'internal', message: String(error) };
}

/** The inverse of `toFailureMessage`. */
export function fromFailureMessage(message: FailureData): Failure {
  return new Failure(message.code, message.message, message.details);
}

/**
 * Lets every rejected comlink call carry a failure's code and details; comlink alone keeps only name, message and
 * stack. Both threads must call it before their first call. Calling it again changes nothing.
 */
export function registerFailureTransfer(): void {
  const builtIn = transferHandlers.get('throw');
  if (builtIn === undefined) throw new Error("comlink has no 'throw' transfer handler; its internals have changed.");
  transferHandlers.set('throw', {
    canHandle: (value): value is { value: unknown } => builtIn.canHandle(value),
    serialize: (thrown) => [toFailureMessage((thrown as { value: unknown }).value), []],
    deserialize: (message) => {
      throw fromFailureMessage(message as FailureData);
    },
  });
}

/**
 * Starts an operation and returns its handle, ready to be returned from a comlink-exposed method.
 *
 * Events go through `emit`; `done` settles only after the other side has handled the last one, so no event arrives
 * after the result. A callback that throws does not disturb the run. A failed run that nobody awaits raises no
 * unhandled rejection.
 *
 * @param start   gets the signal that `cancel` aborts, and `emit`
 * @param onEvent the other side's callback, as received
 */
export function serveRun<Result, Event = never>(
  start: (signal: AbortSignal, emit: (event: Event) => void) => Promise<Result>,
  onEvent?: (event: Event) => unknown,
): RunHandle<Result> & ProxyMarked {
  const controller = new AbortController();
  let lastDelivery: Promise<unknown> = Promise.resolve();
  const emit = (event: Event): void => {
    if (onEvent === undefined) return;
    lastDelivery = deliver(onEvent, event);
  };
  const result = run(start, controller.signal, emit).finally(() => lastDelivery);
  result.catch(() => undefined);
  return proxy({ done: () => result, cancel: () => controller.abort() });
}

async function run<Result, Event>(
  start: (signal: AbortSignal, emit: (event: Event) => void) => Promise<Result>,
  signal: AbortSignal,
  emit: (event: Event) => void,
): Promise<Result> {
  return await start(signal, emit);
}

async function deliver<Event>(onEvent: (event: Event) => unknown, event: Event): Promise<void> {
  try {
    await onEvent(event);
  } catch {
    // A defect of the receiver, which `followRun` has reported on its own side.
  }
}

/**
 * Starts a run and waits for its result.
 *
 * @param start    calls the remote method with the (already proxied) callback
 * @param onEvent  called in order, never after the promise has settled
 * @param signal   aborting cancels the run in the worker
 * @throws {Failure} what the run failed with; 'cancelled' when `signal` was aborted before the start
 */
export async function followRun<Result, Event>(
  start: (onEvent: (event: Event) => void) => Promise<RunHandle<Result>>,
  onEvent: (event: Event) => void,
  signal?: AbortSignal,
): Promise<Result> {
  if (signal?.aborted === true) throw new Failure('cancelled', 'The operation was cancelled before it began.');
  const handle = await start(proxy((event: Event) => reportingErrors(onEvent, event)));
  const cancel = (): void => {
    handle.cancel();
  };
  if (isAborted(signal)) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await handle.done();
  } finally {
    signal?.removeEventListener('abort', cancel);
    release(handle);
  }
}

function reportingErrors<Event>(onEvent: (event: Event) => void, event: Event): void {
  try {
    onEvent(event);
  } catch (error) {
    // comlink would send the error to the worker, where nobody can mend it.
    if (typeof reportError === 'function') reportError(error);
  }
}

// Read again after an await: the signal may have been aborted in between.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

function release(handle: object): void {
  const releaseRemote = (handle as Partial<Record<typeof releaseProxy, () => void>>)[releaseProxy];
  if (typeof releaseRemote === 'function') releaseRemote.call(handle);
}

/** Events of a run as an async iterable; leaving the loop early cancels the run. `result` settles with the run. */
export interface EventStream<Event, Result> extends AsyncIterable<Event> {
  readonly result: Promise<Result>;
}

/** Like `followRun`, for `for await`. Events wait in memory until they are read; iterate once. */
export function streamRun<Result, Event>(
  start: (onEvent: (event: Event) => void) => Promise<RunHandle<Result>>,
  signal?: AbortSignal,
): EventStream<Event, Result> {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  if (isAborted(signal)) cancel();
  signal?.addEventListener('abort', cancel, { once: true });

  const queue: Event[] = [];
  let isSettled = false;
  let wake = (): void => undefined;
  const push = (event: Event): void => {
    queue.push(event);
    wake();
  };
  const result = followRun(start, push, controller.signal).finally(() => {
    isSettled = true;
    signal?.removeEventListener('abort', cancel);
    wake();
  });
  result.catch(() => undefined);

  async function* iterate(): AsyncGenerator<Event> {
    try {
      for (;;) {
        while (queue.length > 0) yield queue.shift() as Event;
        if (isSettled) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      if (!isSettled) cancel();
    }
  }
  return { result, [Symbol.asyncIterator]: iterate };
}
