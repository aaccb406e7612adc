/** Lets the writer of a live run wait for the voice (Q+TTS). */
import type { ReasoningSettings, TraceInputEvent } from '@/protocol/reasoning.ts';
import { sleep } from '@/lib/sleep.ts';
import type { ComingStep } from './run-reasoning.ts';
import { SpeechClock } from './speech-clock.ts';

/** How long a wait lasts before input is looked at again. */
const LONGEST_WAIT_MS = 100;

export class LiveVoice {
  readonly #settings: () => ReasoningSettings;
  /** Absent: time is counted in steps. */
  readonly #elapsedMs: (() => number) | undefined;
  readonly #clock: SpeechClock;
  /** Seconds that a run on the step clock has waited without steps. */
  #skippedSeconds = 0;
  /** From the upper mark of unspoken speech down to the lower one. */
  #isBehind = false;

  constructor(
    settings: () => ReasoningSettings,
    elapsedMs: (() => number) | undefined,
    clock: SpeechClock = new SpeechClock(),
  ) {
    this.#settings = settings;
    this.#elapsedMs = elapsedMs;
    this.#clock = clock;
  }

  /** An answer begins: nothing of it was said yet. */
  begin(step: ComingStep): void {
    this.#clock.advance(0, this.#seconds(step), this.#settings().speakingRate);
  }

  /** Whether there is nothing to do but listen: the thoughts have ended and the writer is held. */
  isSilencing(step: ComingStep): boolean {
    return step.session.state === 'writerOnly' && this.#mustHold(step);
  }

  async wait(step: ComingStep, signal: AbortSignal | undefined): Promise<void> {
    const seconds = this.#unspokenSeconds(step) - this.#lowerMark();
    if (this.#elapsedMs === undefined) this.#skippedSeconds += Math.max(seconds, 0) + 1e-6;
    else await sleep(Math.max(1, Math.min(LONGEST_WAIT_MS, seconds * 1000)), signal);
  }

  holdEvents(step: ComingStep): TraceInputEvent[] {
    const hold = this.#mustHold(step);
    return hold === step.session.isWriterHeld ? [] : [{ step: step.number, kind: 'hold_writer', hold }];
  }

  #mustHold(step: ComingStep): boolean {
    const { speechPause, maxUnspokenSeconds } = this.#settings();
    const limit = this.#isBehind ? this.#lowerMark() : maxUnspokenSeconds;
    // Reckoned without the setting too: the voice has not waited for it to be turned on.
    const unspoken = this.#unspokenSeconds(step);
    this.#isBehind = speechPause && unspoken > limit;
    return this.#isBehind;
  }

  #lowerMark(): number {
    const { maxUnspokenSeconds, resumeUnspokenSeconds } = this.#settings();
    return Math.min(resumeUnspokenSeconds, maxUnspokenSeconds);
  }

  #unspokenSeconds(step: ComingStep): number {
    const now = this.#seconds(step);
    const { text } = step.session.streams.writer.content();
    this.#clock.advance(text.length, now, this.#settings().speakingRate);
    return this.#clock.unspokenSeconds(now);
  }

  #seconds(step: ComingStep): number {
    if (this.#elapsedMs !== undefined) return this.#elapsedMs() / 1000;
    return step.number * this.#settings().stepSeconds + this.#skippedSeconds;
  }
}
