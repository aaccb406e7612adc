import { afterEach, expect, it, vi } from 'vitest';
import { sleep } from './sleep.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('ends with its time or its signal, and at once for nothing', async () => {
  vi.useFakeTimers();
  await sleep(0);
  await sleep(-5);
  await sleep(50, AbortSignal.abort());
  const ended: string[] = [];
  const controller = new AbortController();
  const removed = vi.spyOn(controller.signal, 'removeEventListener');
  const both = Promise.all([
    sleep(50, controller.signal).then(() => ended.push('time')),
    sleep(5000, controller.signal).then(() => ended.push('signal')),
  ]);
  await vi.advanceTimersByTimeAsync(49);
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toEqual(['time']);
  controller.abort();
  await both;
  expect(ended).toEqual(['time', 'signal']);
  expect(vi.getTimerCount()).toBe(0);
  expect(removed).toHaveBeenCalledTimes(2);
});
