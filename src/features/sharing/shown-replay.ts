/** What is shown on a page as something that can be looked at elsewhere. */
import { assertNever } from '@/lib/assert.ts';
import type { DuetApi } from '@/client/duet-api.ts';
import { recordingFile } from '@/protocol/negotiation-recording.ts';
import type { SharedPage, SharedReplay } from '@/protocol/shared-content.ts';
import type { AppState } from '@/state/app-store.ts';
import { shownPlayback } from '@/state/negotiation-playback.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { isRunning, recordOf } from '@/state/negotiation-view.ts';
import { sharedTraining } from '@/state/sharing/shared-training.ts';
import { toRecording } from '@/state/to-recording.ts';
import { asShipped } from './shipped-recordings.ts';

/** Whether there is something on the page that `replayOf` would give. */
export function hasReplay(state: AppState, page: SharedPage): boolean {
  switch (page) {
    case 'thinking':
      return state.playback?.source === 'recording' || (state.live.steps.length > 0 && state.live.phase !== 'failed');
    case 'negotiation':
      return shownPlayback(state) !== null || (recordOf(state.rollout) !== null && !isRunning(state.rollout));
    case 'training':
      return (shownRun(state)?.step ?? null) !== null;
    case 'evaluation':
    case 'chat':
    case 'fineTune':
    case 'thinkingEvaluation':
      return false;
    default:
      return assertNever(page);
  }
}

/** Null where there is none. */
export async function replayOf(
  state: AppState,
  page: SharedPage,
  duet: Pick<DuetApi, 'traceSoFar'>,
): Promise<SharedReplay | null> {
  const replay = await shown(state, page, duet);
  return replay === null ? null : asShipped(replay);
}

async function shown(
  state: AppState,
  page: SharedPage,
  duet: Pick<DuetApi, 'traceSoFar'>,
): Promise<SharedReplay | null> {
  if (!hasReplay(state, page)) return null;
  if (page === 'thinking') return thinkingReplay(state, duet);
  return page === 'training' ? sharedTraining(state) : negotiationReplay(state);
}

async function thinkingReplay(
  { playback, live, film }: AppState,
  duet: Pick<DuetApi, 'traceSoFar'>,
): Promise<SharedReplay | null> {
  if (playback !== null && playback.run !== null) return { of: 'thinking', run: playback.run };
  const trace = live.trace ?? (await duet.traceSoFar());
  return trace === null ? null : { of: 'thinking', run: toRecording(film, trace) };
}

function negotiationReplay(state: AppState): SharedReplay | null {
  const recording = shownPlayback(state)?.recording;
  if (recording !== undefined) {
    const { group, events, format: _format, ...head } = recording;
    return { of: 'negotiation', recording: recordingFile(head, group, events) };
  }
  const group = recordOf(state.rollout);
  return group === null ? null : { of: 'group', group };
}
