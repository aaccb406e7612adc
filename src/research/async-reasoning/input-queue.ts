/** Where a live run's input comes from: someone at the keyboard, or a script. */
import { sleep } from '@/lib/sleep.ts';
import type { Draft, InputTime, QuestionConfig } from '@/protocol/reasoning.ts';

export type LiveInput =
  | ({ readonly kind: 'draft' } & Draft)
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'stop' }
  /** Settings have changed: a run that waits looks again. */
  | { readonly kind: 'settings' };

export interface InputQueue {
  /** The next input due at `step` that was not taken yet. */
  take(step: number): LiveInput | undefined;
  /** The next input not taken yet, as soon as there is one; undefined when none will come or the signal fires. */
  next(signal?: AbortSignal): Promise<LiveInput | undefined>;
}

/** Input of a person. Of drafts that nobody has read yet only the newest counts. */
export class TypedInputs implements InputQueue {
  readonly #inputs: LiveInput[] = [];
  #isClosed = false;
  #wake: (() => void) | undefined;

  push(input: LiveInput): void {
    const last = this.#inputs.at(-1);
    if (input.kind === 'draft' && last?.kind === 'draft' && !last.sent) this.#inputs.pop();
    this.#inputs.push(input);
    this.#wake?.();
  }

  /** Nothing will come any more. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  take(): LiveInput | undefined {
    return this.#inputs.shift();
  }

  async next(signal?: AbortSignal): Promise<LiveInput | undefined> {
    while (this.#inputs.length === 0 && !this.#isClosed && signal?.aborted !== true)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          this.#wake = undefined;
          resolve();
        };
        this.#wake = wake;
        signal?.addEventListener('abort', wake);
      });
    return signal?.aborted === true ? undefined : this.take();
  }
}

/**
 * Input at given steps, for repeatable runs. While a run waits no step passes, so the next input is taken then, whatever
 * its step.
 */
export class SteppedInputs implements InputQueue {
  readonly #inputs: { readonly step: number; readonly input: LiveInput }[];

  /** @param inputs  in any order; those of one step in the order given */
  constructor(inputs: readonly { readonly step: number; readonly input: LiveInput }[]) {
    this.#inputs = inputs.toSorted((a, b) => a.step - b.step);
  }

  take(step: number): LiveInput | undefined {
    const [due] = this.#inputs;
    return due !== undefined && due.step <= step ? this.#inputs.shift()?.input : undefined;
  }

  next(): Promise<LiveInput | undefined> {
    return Promise.resolve(this.#inputs.shift()?.input);
  }
}

/** Input at given times after the first call, as a person would type it. */
export class TimedInputs implements InputQueue {
  readonly #inputs: { readonly atMs: number; readonly input: LiveInput }[];
  readonly #now: () => number;
  #begun: number | undefined;

  /** @param now  milliseconds of any steady clock */
  constructor(inputs: readonly { readonly atMs: number; readonly input: LiveInput }[], now: () => number) {
    this.#inputs = inputs.toSorted((a, b) => a.atMs - b.atMs);
    this.#now = now;
  }

  take(): LiveInput | undefined {
    return this.#msUntilNext() <= 0 ? this.#inputs.shift()?.input : undefined;
  }

  async next(signal?: AbortSignal): Promise<LiveInput | undefined> {
    await sleep(this.#msUntilNext(), signal);
    return signal?.aborted === true ? undefined : this.#inputs.shift()?.input;
  }

  /** 0 when nothing is left, so that a wait for it ends at once. */
  #msUntilNext(): number {
    const now = this.#now();
    this.#begun ??= now;
    const [first] = this.#inputs;
    return first === undefined ? 0 : this.#begun + first.atMs - now;
  }
}

/** Input of a scripted run. */
export interface Script {
  readonly queue: InputQueue;
  /** At times rather than steps, so that it does not repeat exactly. */
  readonly isTimed: boolean;
}

/**
 * The queue of a scripted run. Without drafts the question is sent at once.
 *
 * @param config    all inputs at steps, or all at times
 * @param isNeeded  whether a queue is wanted even if there is nothing but the question
 * @returns         undefined when the config has no input that needs a queue
 */
export function scriptedInputs(config: QuestionConfig, now: () => number, isNeeded: boolean): Script | undefined {
  const inputs = inputsOf(config);
  if (inputs.length === 0 && !isNeeded) return undefined;
  const stepped = inputs.flatMap(({ time, input }) => ('step' in time ? [{ step: time.step, input }] : []));
  const timed = inputs.flatMap(({ time, input }) => ('atMs' in time ? [{ atMs: time.atMs, input }] : []));
  const sentAtOnce: LiveInput = { kind: 'draft', text: config.question, sent: true };
  const isTyped = (config.drafts ?? []).length > 0;
  if (timed.length > 0) {
    const queue = new TimedInputs(isTyped ? timed : [{ atMs: 0, input: sentAtOnce }, ...timed], now);
    return { queue, isTimed: true };
  }
  return {
    queue: new SteppedInputs(isTyped ? stepped : [{ step: 0, input: sentAtOnce }, ...stepped]),
    isTimed: false,
  };
}

function inputsOf({ drafts, remarks, pauses, stopAt }: QuestionConfig): { time: InputTime; input: LiveInput }[] {
  return [
    ...(drafts ?? []).map((draft) => ({ time: draft, input: { kind: 'draft', ...draftOf(draft) } as const })),
    ...(remarks ?? []).map((remark) => ({ time: remark, input: { kind: 'remark', text: remark.text } as const })),
    ...(pauses ?? []).map((pause) => ({ time: pause, input: { kind: pause.paused ? 'pause' : 'resume' } as const })),
    ...(stopAt === undefined ? [] : [{ time: stopAt, input: { kind: 'stop' } as const }]),
  ];
}

function draftOf({ text, sent, settled }: Draft): Draft {
  return { text, sent, ...(settled !== undefined && { settled }) };
}
