import { expect, test } from 'vitest';
import { at } from './assert.ts';
import { createFrameBatcher } from './frame-batcher.ts';

function createManualBatcher(): { batches: string[][]; frames: (() => void)[]; push: (item: string) => void } & {
  flush: () => void;
} {
  const batches: string[][] = [];
  const frames: (() => void)[] = [];
  const batcher = createFrameBatcher<string>(
    (items) => batches.push([...items]),
    (callback) => frames.push(callback),
  );
  return { batches, frames, push: batcher.push, flush: batcher.flush };
}

test('items of one frame arrive together and in order', () => {
  const { batches, frames, push } = createManualBatcher();
  for (const item of ['a', 'b', 'c']) push(item);
  expect(batches).toEqual([]);
  expect(frames).toHaveLength(1);
  at(frames, 0)();
  expect(batches).toEqual([['a', 'b', 'c']]);
});

test('the next item asks for the next frame', () => {
  const { batches, frames, push } = createManualBatcher();
  push('a');
  at(frames, 0)();
  push('b');
  at(frames, 1)();
  expect(batches).toEqual([['a'], ['b']]);
});

test('flush hands over at once, and the frame that follows hands over nothing', () => {
  const { batches, frames, push, flush } = createManualBatcher();
  push('a');
  flush();
  flush();
  at(frames, 0)();
  expect(batches).toEqual([['a']]);
});

test('without animation frames a timer delivers', async () => {
  const batch = await new Promise<readonly number[]>((resolve) => createFrameBatcher<number>(resolve).push(7));
  expect(batch).toEqual([7]);
});
