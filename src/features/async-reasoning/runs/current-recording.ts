import type { Recording } from '@/protocol/recording.ts';
import type { AppState } from '@/state/app-store.ts';
import { toRecording } from '@/state/to-recording.ts';
import type { ReasoningRun } from '../use-reasoning-run.ts';

/** The page's own run up to now; null when there is none. */
export async function currentRecording({ film, live }: AppState, run: ReasoningRun): Promise<Recording | null> {
  const trace = live.trace ?? (await run.traceSoFar());
  return trace === null || film.numSteps === 0 ? null : toRecording(film, trace);
}
