import type { StepUnit } from '@/protocol/negotiation-api.ts';
import type { NegotiationRole } from '@/protocol/negotiation-run.ts';

/** Pausing a group, stepping through it, and speaking for one side. Everything may be called at any time. */
export class RolloutControl {
  #pace: 'running' | 'paused' | StepUnit = 'running';
  readonly #takenOver = new Set<string>();
  readonly #said = new Map<string, string[]>();
  readonly #onPace: (isPaused: boolean) => void;
  #wake: (() => void) | undefined;

  /** @param onPace  told whenever the run begins to wait, or goes on */
  constructor(onPace: (isPaused: boolean) => void = () => undefined) {
    this.#onPace = onPace;
  }

  get isPaused(): boolean {
    return this.#pace === 'paused';
  }

  pause(): void {
    this.#change('paused');
  }

  resume(): void {
    this.#change('running');
  }

  /** Goes on until every dialogue's utterance, or turn, is over; then pauses. */
  step(unit: StepUnit): void {
    this.#change(unit);
  }

  /** A person speaks for this side from its next utterance on. */
  takeOver(row: number, role: NegotiationRole): void {
    this.#takenOver.add(keyOf(row, role));
  }

  /** The model speaks again, also if the row was waiting. */
  release(row: number, role: NegotiationRole): void {
    this.#takenOver.delete(keyOf(row, role));
    this.#said.delete(keyOf(row, role));
    this.#wake?.();
  }

  /** What a person says for a side that was taken over; said early, it waits for its turn. */
  say(row: number, role: NegotiationRole, text: string): void {
    const key = keyOf(row, role);
    this.#said.set(key, [...(this.#said.get(key) ?? []), text]);
    this.#wake?.();
  }

  isTakenOver(row: number, role: NegotiationRole): boolean {
    return this.#takenOver.has(keyOf(row, role));
  }

  /** What was said, as soon as there is something; undefined once the side is the model's again. */
  async said(row: number, role: NegotiationRole, signal?: AbortSignal): Promise<string | undefined> {
    const key = keyOf(row, role);
    await this.#until(() => !this.#takenOver.has(key) || (this.#said.get(key) ?? []).length > 0, signal);
    return this.#takenOver.has(key) ? this.#said.get(key)?.shift() : undefined;
  }

  /** Resolves when the run may go on beyond this place. @throws the signal's reason */
  async pass(place: 'token' | StepUnit, signal?: AbortSignal): Promise<void> {
    if (this.#pace === place || (this.#pace === 'utterance' && place === 'turn')) this.#change('paused');
    await this.#until(() => this.#pace !== 'paused', signal);
  }

  #change(pace: 'running' | 'paused' | StepUnit): void {
    const was = this.isPaused;
    this.#pace = pace;
    if (was !== this.isPaused) this.#onPace(this.isPaused);
    this.#wake?.();
  }

  async #until(condition: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          this.#wake = undefined;
          resolve();
        };
        this.#wake = wake;
        signal?.addEventListener('abort', wake);
      });
      signal?.throwIfAborted();
    }
  }
}

function keyOf(row: number, role: NegotiationRole): string {
  return `${row} ${role}`;
}
