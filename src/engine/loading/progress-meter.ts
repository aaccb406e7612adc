import type { LoadProgress } from '@/protocol/model.ts';

/** A choice: often enough for a bar, seldom enough for messages between threads. */
const INTERVAL_MS = 100;

/** Turns byte counts into progress events with the time left, at most one every 100 ms. */
export class ProgressMeter {
  readonly #phase: LoadProgress['phase'];
  readonly #totalBytes: number;
  readonly #onProgress: (progress: LoadProgress) => void;
  readonly #startMs = performance.now();
  readonly #startBytes: number;
  #lastMs = -Infinity;
  #loadedBytes: number;

  /**
   * @param totalBytes  0 when unknown
   * @param startBytes  were there before; they count as loaded, but say nothing of the rate
   */
  constructor(
    phase: LoadProgress['phase'],
    totalBytes: number,
    onProgress: (progress: LoadProgress) => void,
    startBytes = 0,
  ) {
    this.#phase = phase;
    this.#totalBytes = totalBytes;
    this.#onProgress = onProgress;
    this.#startBytes = startBytes;
    this.#loadedBytes = startBytes;
  }

  add(numBytes: number): void {
    this.#loadedBytes += numBytes;
    if (performance.now() - this.#lastMs >= INTERVAL_MS) this.#emit();
  }

  /** The last event, always sent. */
  finish(): void {
    this.#emit();
  }

  #emit(): void {
    this.#lastMs = performance.now();
    const left = this.#totalBytes - this.#loadedBytes;
    const gained = this.#loadedBytes - this.#startBytes;
    const isKnown = this.#totalBytes > 0 && gained > 0 && left >= 0;
    this.#onProgress({
      phase: this.#phase,
      loadedBytes: this.#loadedBytes,
      totalBytes: this.#totalBytes,
      secondsLeft: isKnown ? ((this.#lastMs - this.#startMs) / 1000 / gained) * left : null,
    });
  }
}
