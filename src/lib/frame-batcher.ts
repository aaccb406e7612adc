/**
 * Collects items and hands them over at most once per frame, so that a store updates at the screen's rate and not at
 * the producer's.
 */
export interface FrameBatcher<Item> {
  push(item: Item): void;
  /** Hands over what is waiting, now. */
  flush(): void;
}

type Schedule = (callback: () => void) => void;

/**
 * An animation frame where there is one; otherwise, and in hidden tabs where frames stop, a timer.
 */
const nextFrame: Schedule = (callback) => {
  let isCalled = false;
  const once = (): void => {
    if (isCalled) return;
    isCalled = true;
    callback();
  };
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(once);
  setTimeout(once, 100);
};

export function createFrameBatcher<Item>(
  onBatch: (items: readonly Item[]) => void,
  schedule: Schedule = nextFrame,
): FrameBatcher<Item> {
  let waiting: Item[] = [];
  let isScheduled = false;
  const flush = (): void => {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    onBatch(batch);
  };
  return {
    push(item) {
      waiting.push(item);
      if (isScheduled) return;
      isScheduled = true;
      schedule(() => {
        isScheduled = false;
        flush();
      });
    },
    flush,
  };
}
