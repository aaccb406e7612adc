/** Where a live run's drafts come from. */
import type { DraftChange } from '@/protocol/reasoning.ts';

/** What a person has typed so far; `sent` after Enter. */
export interface Draft {
  readonly text: string;
  readonly sent: boolean;
}

export interface DraftQueue {
  /** The newest draft due at `step` that was not taken yet. */
  take(step: number): Draft | undefined;
  /** The next draft not taken yet, as soon as there is one; undefined when none will come or the signal fires. */
  next(signal?: AbortSignal): Promise<Draft | undefined>;
}

/** Drafts of someone who types: only the newest counts. */
export class TypedDrafts implements DraftQueue {
  #newest: Draft | undefined;
  #isClosed = false;
  #wake: (() => void) | undefined;

  update(draft: Draft): void {
    this.#newest = draft;
    this.#wake?.();
  }

  /** Nothing will come any more. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  take(): Draft | undefined {
    const draft = this.#newest;
    this.#newest = undefined;
    return draft;
  }

  async next(signal?: AbortSignal): Promise<Draft | undefined> {
    while (this.#newest === undefined && !this.#isClosed && signal?.aborted !== true)
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
 * Drafts at given steps, for repeatable runs. While a run waits for a draft no step passes, so the next change is taken
 * then, whatever its step.
 */
export class ScriptedDrafts implements DraftQueue {
  readonly #changes: DraftChange[];

  /** @param changes  in any order; changes of one step in the order given */
  constructor(changes: readonly DraftChange[]) {
    this.#changes = changes.toSorted((a, b) => a.step - b.step);
  }

  take(step: number): Draft | undefined {
    let newest: Draft | undefined;
    for (
      let due = this.#changes[0];
      due !== undefined && due.step <= step && newest?.sent !== true;
      due = this.#changes[0]
    )
      newest = this.#shift();
    return newest;
  }

  next(): Promise<Draft | undefined> {
    return Promise.resolve(this.#shift());
  }

  #shift(): Draft | undefined {
    const change = this.#changes.shift();
    return change && { text: change.text, sent: change.sent };
  }
}
