/**
 * How far a voice lags behind the answer: each new piece of text is spoken as soon as what came before it has been.
 *
 *   spokenUntil = max(now, spokenUntil) + characters / speakingRate
 */
export class SpeechClock {
  #spokenUntilSeconds = 0;
  #numCharacters = 0;
  #reported: number | null = null;

  /**
   * @param numCharacters  of the answer so far; fewer than before: it was cut or a new one began
   * @param speakingRate   characters per second
   */
  advance(numCharacters: number, nowSeconds: number, speakingRate: number): void {
    if (numCharacters < this.#numCharacters) this.#spokenUntilSeconds = nowSeconds;
    const added = numCharacters - Math.min(this.#numCharacters, numCharacters);
    this.#numCharacters = numCharacters;
    if (added > 0) this.#spokenUntilSeconds = Math.max(nowSeconds, this.#spokenUntilSeconds) + added / speakingRate;
  }

  /** What a real voice has still to say; null: reckon it. */
  report(unspokenSeconds: number | null): void {
    this.#reported = unspokenSeconds;
  }

  unspokenSeconds(nowSeconds: number): number {
    return this.#reported ?? Math.max(0, this.#spokenUntilSeconds - nowSeconds);
  }
}
