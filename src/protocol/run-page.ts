/** What the page does with runs without the engine, as functions of `window.duet`. */
import type { Recording } from './recording.ts';
import type { ReasoningEvent, ReasoningTrace } from './reasoning.ts';
import type { RunComparison } from './run-comparison.ts';

export interface ReplayOptions {
  /** Times as fast as recorded; Infinity: at once. Default 1. */
  readonly speed?: number;
  /** Aborting it closes the replay; the promise rejects with code 'cancelled'. */
  readonly signal?: AbortSignal;
  /** Called with each event as it is shown. */
  readonly onEvent?: (event: ReasoningEvent) => void;
}

export interface RunPage {
  /**
   * Plays a run in the panel, without a model or a GPU; settles at its end.
   *
   * @throws {Failure} 'invalidConfig' with the field at fault; 'cancelled' when it is closed before its end
   */
  replay(run: Recording | ReasoningTrace, options?: ReplayOptions): Promise<void>;
  /** The first step in which two runs differ, and why. @throws {Failure} 'invalidConfig' with the field at fault */
  compareRuns(a: Recording | ReasoningTrace, b: Recording | ReasoningTrace): RunComparison;
}
