import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { QuestionConfig } from '@/protocol/reasoning.ts';
import { type LiveInput, scriptedInputs, SteppedInputs, TimedInputs, TypedInputs } from './input-queue.ts';

const draft = (text: string, sent = false): LiveInput => ({ kind: 'draft', text, sent });
const remark = (text: string): LiveInput => ({ kind: 'remark', text });

/** All that can be taken now. */
function takeAll(queue: { take: (step: number) => LiveInput | undefined }, step = 0): LiveInput[] {
  const taken: LiveInput[] = [];
  for (let input = queue.take(step); input !== undefined; input = queue.take(step)) taken.push(input);
  return taken;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('TypedInputs', () => {
  it('keeps only the newest of drafts that nobody has read, and everything else', () => {
    const queue = new TypedInputs();
    const inputs: LiveInput[] = [
      draft('a'),
      draft('ab'),
      { kind: 'pause' },
      draft('abc'),
      { kind: 'draft', text: 'abc', sent: false, settled: true },
      { kind: 'settings' },
      { kind: 'resume' },
      draft('abcd', true),
      draft('next'),
      draft('next one'),
      remark('x'),
      remark('y'),
      { kind: 'stop' },
    ];
    for (const input of inputs) queue.push(input);
    expect(takeAll(queue)).toEqual([
      draft('ab'),
      { kind: 'pause' },
      { kind: 'draft', text: 'abc', sent: false, settled: true },
      { kind: 'settings' },
      { kind: 'resume' },
      draft('abcd', true),
      draft('next one'),
      remark('x'),
      remark('y'),
      { kind: 'stop' },
    ]);
  });

  it('does not take back what was read', () => {
    const queue = new TypedInputs();
    queue.push(draft('a'));
    expect(queue.take()).toEqual(draft('a'));
    queue.push(draft('b'));
    expect(takeAll(queue)).toEqual([draft('b')]);
  });

  it('loses no sent draft, no remark and no order, whatever is pushed', () => {
    const input = fc.oneof(
      fc.record({ kind: fc.constant('draft' as const), text: fc.string({ maxLength: 3 }), sent: fc.boolean() }),
      fc.record({ kind: fc.constant('remark' as const), text: fc.string({ maxLength: 3 }) }),
      fc.constantFrom<LiveInput>({ kind: 'pause' }, { kind: 'resume' }),
    );
    fc.assert(
      fc.property(fc.array(input), (inputs) => {
        const queue = new TypedInputs();
        for (const each of inputs) queue.push(each);
        const isPassedOver = (each: LiveInput, i: number): boolean =>
          each.kind === 'draft' && !each.sent && inputs[i + 1]?.kind === 'draft';
        expect(takeAll(queue)).toEqual(inputs.filter((each, i) => !isPassedOver(each, i)));
      }),
    );
  });

  it('wakes who waits, with what came, then with the end', async () => {
    const queue = new TypedInputs();
    const first = queue.next();
    queue.push(draft('a'));
    expect(await first).toEqual(draft('a'));
    const second = queue.next();
    queue.close();
    expect(await second).toBeUndefined();
    expect(await queue.next()).toBeUndefined();
  });

  it('hands out what came before its end', async () => {
    const queue = new TypedInputs();
    queue.push(remark('x'));
    queue.close();
    expect(await queue.next()).toEqual(remark('x'));
    expect(await queue.next()).toBeUndefined();
  });

  it('gives up with the signal, keeps what comes later, and holds on to no listener', async () => {
    const queue = new TypedInputs();
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const waiting = queue.next(controller.signal);
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(removed).toHaveBeenCalledTimes(1);
    queue.push(draft('a'));
    expect(await queue.next(controller.signal)).toBeUndefined();
    expect(await queue.next()).toEqual(draft('a'));
    const other = new AbortController();
    const added = vi.spyOn(other.signal, 'addEventListener');
    const freed = vi.spyOn(other.signal, 'removeEventListener');
    for (let i = 0; i < 3; i++) {
      const next = queue.next(other.signal);
      queue.push(remark('x'));
      await next;
    }
    expect(freed).toHaveBeenCalledTimes(added.mock.calls.length);
  });
});

describe('SteppedInputs', () => {
  const inputs = [
    { step: 3, input: remark('late') },
    { step: 0, input: draft('a') },
    { step: 3, input: remark('later') },
    { step: 1, input: draft('b') },
  ];

  it('gives each at its step, those of one step in the order given', () => {
    const queue = new SteppedInputs(inputs);
    expect([0, 1, 2, 3, 4].map((step) => takeAll(queue, step))).toEqual([
      [draft('a')],
      [draft('b')],
      [],
      [remark('late'), remark('later')],
      [],
    ]);
  });

  it('gives the next one to who waits, whatever its step, and what is overdue at once', async () => {
    const queue = new SteppedInputs(inputs);
    expect(await queue.next()).toEqual(draft('a'));
    expect(await queue.next()).toEqual(draft('b'));
    expect(takeAll(queue, 9)).toEqual([remark('late'), remark('later')]);
    expect(await queue.next()).toBeUndefined();
  });
});

describe('TimedInputs', () => {
  const inputs = [
    { atMs: 300, input: remark('late') },
    { atMs: 100, input: draft('a') },
    { atMs: 100, input: draft('b') },
  ];

  it('gives each at its time after the first look, in order', () => {
    let now = 5000;
    const queue = new TimedInputs(inputs, () => now);
    expect(takeAll(queue)).toEqual([]);
    now = 5099;
    expect(takeAll(queue)).toEqual([]);
    now = 5100;
    expect(takeAll(queue)).toEqual([draft('a'), draft('b')]);
    now = 9000;
    expect(takeAll(queue)).toEqual([remark('late')]);
    expect(takeAll(queue)).toEqual([]);
  });

  it('lets who waits sleep until then', async () => {
    vi.useFakeTimers();
    const queue = new TimedInputs(inputs, () => performance.now());
    let got: LiveInput | undefined;
    const waiting = queue.next().then((input) => {
      got = input;
    });
    await vi.advanceTimersByTimeAsync(99);
    expect(got).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(got).toEqual(draft('a'));
    // Overdue: no sleep.
    await vi.advanceTimersByTimeAsync(500);
    expect([await queue.next(), await queue.next(), await queue.next()]).toEqual([
      draft('b'),
      remark('late'),
      undefined,
    ]);
  });

  it('gives up with the signal and leaves the input for later', async () => {
    vi.useFakeTimers();
    const queue = new TimedInputs(inputs, () => performance.now());
    const controller = new AbortController();
    const waiting = queue.next(controller.signal);
    await vi.advanceTimersByTimeAsync(50);
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(50);
    expect(queue.take()).toEqual(draft('a'));
  });
});

describe('scriptedInputs', () => {
  const question = 'Why?';
  const sentAtOnce = draft(question, true);

  it('needs no queue for a question alone, unless asked for one', () => {
    const config: QuestionConfig = { question };
    expect(scriptedInputs(config, () => 0, false)).toBeUndefined();
    const script = scriptedInputs(config, () => 0, true);
    expect(script?.isTimed).toBe(false);
    expect(takeAll(script?.queue ?? new TypedInputs())).toEqual([sentAtOnce]);
  });

  it('sends the question at once in front of everything else, at steps or at times', () => {
    const stepped = scriptedInputs(
      { question, remarks: [{ step: 0, text: 'x' }], stopAt: { step: 2 } },
      () => 0,
      false,
    );
    expect(stepped?.isTimed).toBe(false);
    expect(takeAll(stepped?.queue ?? new TypedInputs(), 0)).toEqual([sentAtOnce, remark('x')]);
    expect(takeAll(stepped?.queue ?? new TypedInputs(), 2)).toEqual([{ kind: 'stop' }]);
    const timed = scriptedInputs({ question, remarks: [{ atMs: 0, text: 'x' }] }, () => 0, false);
    expect(timed?.isTimed).toBe(true);
    expect(takeAll(timed?.queue ?? new TypedInputs())).toEqual([sentAtOnce, remark('x')]);
  });

  it('takes drafts instead of the question, with all that they say', () => {
    const script = scriptedInputs(
      {
        question,
        drafts: [
          { step: 0, text: 'Wh', sent: false },
          { step: 1, text: 'Why', sent: false, settled: true },
          { step: 5, text: 'Why so?', sent: true },
        ],
        pauses: [
          { step: 2, paused: true },
          { step: 3, paused: false },
        ],
      },
      () => 0,
      false,
    );
    expect(takeAll(script?.queue ?? new TypedInputs(), 9)).toEqual([
      draft('Wh'),
      { kind: 'draft', text: 'Why', sent: false, settled: true },
      { kind: 'pause' },
      { kind: 'resume' },
      draft('Why so?', true),
    ]);
  });

  it('begins its clock with the first look', async () => {
    let now = 100;
    const script = scriptedInputs({ question, drafts: [{ atMs: 40, text: 'a', sent: false }] }, () => now, false);
    expect(script?.queue.take(0)).toBeUndefined();
    now = 140;
    expect(script?.queue.take(0)).toEqual(draft('a'));
    expect(await script?.queue.next()).toBeUndefined();
  });
});
