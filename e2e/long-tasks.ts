import type { Browser, Page } from '@playwright/test';

/** A task of the page's main thread that kept it for long. */
export interface LongTask {
  readonly name: string;
  /** Time that the thread itself ran; a busy machine makes tasks long without any. */
  readonly cpuMs: number;
}

export const LONG_TASK_MS = 50;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of thread time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly url?: string; readonly functionName?: string } };
}

/** Scripts, timers, events and frames; evaluated expressions are the test's own. */
const CALLS = new Set(['FunctionCall', 'TimerFire', 'EventDispatch', 'FireAnimationFrame', 'RunMicrotasks']);

/**
 * Watches the main thread from now on, with the browser's long-task observer for the count and its trace for the time
 * that the page's own calls took.
 *
 * @returns ends the watch: what the observer counted, and calls that ran for more than 50 ms
 */
export async function watchLongTasks(
  browser: Browser,
  page: Page,
): Promise<() => Promise<{ readonly observed: number; readonly ours: readonly LongTask[] }>> {
  await page.evaluate(() => {
    const found = { observed: 0 };
    Object.assign(window, { longTasks: found });
    new PerformanceObserver((list) => {
      found.observed += list.getEntries().length;
    }).observe({ type: 'longtask' });
  });
  await browser.startTracing(page, { categories: ['-*', 'devtools.timeline', '__metadata'] });
  return async () => {
    const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: readonly TraceEvent[] };
    const { observed } = await page.evaluate(
      () => (window as unknown as { longTasks: { observed: number } }).longTasks,
    );
    return { observed, ours: longCalls(trace.traceEvents) };
  };
}

function longCalls(events: readonly TraceEvent[]): LongTask[] {
  const mainThreads = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const calls = events.filter(({ name, pid, tid }) => CALLS.has(name) && mainThreads.has(`${pid} ${tid}`));
  if (calls.every(({ tdur }) => tdur === undefined)) throw new Error('The trace holds no thread times.');
  return calls
    .filter(({ tdur = 0 }) => tdur > LONG_TASK_MS * 1000)
    .map(({ name, tdur = 0, args }) => ({
      name: `${name} ${args?.data?.functionName ?? ''}`.trim(),
      cpuMs: Math.round(tdur / 1000),
    }));
}
