import { expose, wrap } from 'comlink';
import { afterEach, expect, test, vi } from 'vitest';
import { Failure } from './failure.ts';
import {
  followRun,
  fromFailureMessage,
  registerFailureTransfer,
  serveRun,
  streamRun,
  toFailureMessage,
  type RunHandle,
} from './stream.ts';

registerFailureTransfer();
registerFailureTransfer();

interface Counter {
  count(to: number, onEvent: (event: number) => void): Promise<RunHandle<string>>;
  countForever(onEvent: (event: number) => void): Promise<RunHandle<string>>;
  fail(): Promise<string>;
  failLater(): Promise<RunHandle<string>>;
  failPlainly(): Promise<string>;
}

const workerSide: Counter = {
  count: (to, onEvent) =>
    Promise.resolve(
      serveRun((_signal, emit: (event: number) => void) => {
        for (let i = 0; i < to; i++) emit(i);
        return Promise.resolve(`counted to ${to}`);
      }, onEvent),
    ),
  countForever: (onEvent) =>
    Promise.resolve(
      serveRun(async (signal, emit: (event: number) => void) => {
        for (let i = 0; ; i++) {
          if (signal.aborted) throw new Failure('cancelled', `Cancelled at ${i}.`, { at: i });
          emit(i);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }, onEvent),
    ),
  fail: () => Promise.reject(new Failure('contextFull', 'The context is full. Reset the run.', { tokens: 2048 })),
  failLater: () => Promise.resolve(serveRun(() => Promise.reject(new Failure('gpuError', 'Bad buffer.')))),
  failPlainly: () => Promise.reject(new TypeError('not a function')),
};

const ports: MessagePort[] = [];

function connect(): Counter {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  expose(workerSide, port2);
  return wrap<Counter>(port1);
}

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

test('events keep their order and all arrive before the result', async () => {
  const remote = connect();
  const events: number[] = [];
  const result = await followRun<string, number>(
    (onEvent) => remote.count(500, onEvent),
    (event) => events.push(event),
  );
  expect(result).toBe('counted to 500');
  expect(events).toEqual(Array.from({ length: 500 }, (_, i) => i));
});

test('aborting the signal cancels the run in the worker', async () => {
  const remote = connect();
  const controller = new AbortController();
  const run = followRun<string, number>(
    (onEvent) => remote.countForever(onEvent),
    (event) => {
      if (event === 3) controller.abort();
    },
    controller.signal,
  );
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
});

test('a signal that was aborted before the start starts nothing', async () => {
  const start = vi.fn<() => Promise<RunHandle<string>>>();
  const run = followRun(start, () => undefined, AbortSignal.abort());
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  expect(start).not.toHaveBeenCalled();
});

test('a signal that is aborted while the run starts cancels it', async () => {
  const remote = connect();
  const controller = new AbortController();
  const run = followRun<string, number>(
    (onEvent) => remote.countForever(onEvent),
    () => undefined,
    controller.signal,
  );
  controller.abort();
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
});

test('a failure crosses as Failure with code and details', async () => {
  const error: unknown = await connect()
    .fail()
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({
    code: 'contextFull',
    message: 'The context is full. Reset the run.',
    details: { tokens: 2048 },
  });
});

test('any other error crosses as an internal failure with its message', async () => {
  await expect(connect().failPlainly()).rejects.toMatchObject({ code: 'internal', message: 'not a function' });
});

test('a failed run that nobody awaits raises no unhandled rejection', async () => {
  const unhandled = vi.fn<(reason: unknown) => void>();
  process.on('unhandledRejection', unhandled);
  await connect().failLater();
  const stream = streamRun<string, number>(() => connect().failLater());
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
  await expect(stream.result).rejects.toMatchObject({ code: 'gpuError' });
});

test('a callback that throws disturbs neither the run nor the events after it', async () => {
  const seen: number[] = [];
  const run = followRun<string, number>(
    (onEvent) => connect().count(3, onEvent),
    (event) => {
      seen.push(event);
      throw new Error('defect of the page');
    },
  );
  await expect(run).resolves.toBe('counted to 3');
  expect(seen).toEqual([0, 1, 2]);
});

test('a stream yields every event, then ends', async () => {
  const remote = connect();
  const stream = streamRun<string, number>((onEvent) => remote.count(20, onEvent));
  const events: number[] = [];
  for await (const event of stream) events.push(event);
  expect(events).toHaveLength(20);
  await expect(stream.result).resolves.toBe('counted to 20');
});

test('leaving a stream early cancels the run in the worker', async () => {
  const remote = connect();
  const stream = streamRun<string, number>((onEvent) => remote.countForever(onEvent));
  for await (const event of stream) if (event === 2) break;
  await expect(stream.result).rejects.toMatchObject({ code: 'cancelled' });
});

test('failure messages survive the round trip', () => {
  const failure = new Failure('busy', 'Stop it first.', { operation: 'reason' });
  expect(fromFailureMessage(toFailureMessage(failure))).toMatchObject({
    code: 'busy',
    message: 'Stop it first.',
    details: { operation: 'reason' },
  });
  expect(toFailureMessage(new DOMException('aborted', 'AbortError')).code).toBe('cancelled');
  expect(toFailureMessage('text')).toEqual({ code: 'internal', message: 'text' });
});
