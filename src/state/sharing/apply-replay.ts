/** Opens recordings that were shared: paused at their beginning. */
import type { StoreApi } from 'zustand';
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { randomId } from '@/lib/random-id.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { NegotiationRecording } from '@/protocol/negotiation-recording.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import type { SharedReplay, ShippedPanel } from '@/protocol/shared-content.ts';
import type { AppState } from '../app-store.ts';
import { shownPlayback } from '../negotiation-playback.ts';
import { isTraining } from '../negotiation-training-view.ts';
import { isRunning } from '../negotiation-view.ts';
import type { PlayableRun } from '../playback-slice.ts';
import { isRunActive } from '../reasoning-view.ts';
import { deleteRun, findRun, keepRun, summaryOf } from '../run-storage.ts';

type Store = StoreApi<AppState>;
type Undo = () => void;

/** Whether something runs where it would be shown. */
export function isReplayBusy(state: AppState, panel: ShippedPanel): boolean {
  switch (panel) {
    case 'thinking':
      return isRunActive(state.live);
    case 'negotiation':
      return isRunning(state.rollout) && !state.rollout.isRecorded;
    case 'training':
      return isTraining(state.negotiationTraining);
    default:
      return assertNever(panel);
  }
}

/** The readers make of a checked file what is played. */
interface Readers {
  readonly group: (value: unknown) => GroupRecord;
  readonly recording: (value: unknown) => NegotiationRecording;
}

export function applyReplay(store: Store, replay: SharedReplay, read: Readers): Undo {
  switch (replay.of) {
    case 'thinking':
      return openRun(store, replay.run);
    case 'negotiation':
      return openNegotiation(store, () => {
        store.getState().negotiationRecordingOpened(read.recording(replay.recording));
        store.getState().negotiationPlayChanged(false);
      });
    case 'group':
      return openNegotiation(store, () =>
        store.getState().negotiationOpened(read.group(replay.group), undefined, true),
      );
    case 'training': {
      const { openedRun, trainingRecording } = store.getState();
      store.getState().trainingRecordingOpened(replay.recording);
      return () => store.setState({ openedRun, trainingRecording });
    }
    case 'shipped':
      throw new Failure<FailureCode>('internal', 'A recording of the page has to be fetched first.');
    default:
      return assertNever(replay);
  }
}

/** It is kept among the runs, so that a reload does not lose it. */
function openRun(store: Store, run: PlayableRun): Undo {
  // A trace has no name of its own, and its place is named by it: two of them are two.
  const summary = summaryOf(run, `Shared run ${randomId().slice(0, 8)}`);
  // The browser may keep nothing; then the run is shown until the page is closed.
  const kept = findRun(summary.key)
    .then((found) => (found === null ? keepRun(run, summary).then(() => true) : false))
    .catch(() => false);
  store.getState().recordingOpened(run, 1);
  store.getState().playChanged(false);
  return () => {
    store.getState().playbackClosed();
    void kept.then((isNew) => (isNew ? deleteRun(summary.key) : undefined)).catch(() => undefined);
  };
}

function openNegotiation(store: Store, open: () => void): Undo {
  const { rollout, openDialogue, negotiationPlayback } = store.getState();
  open();
  const groupId = store.getState().rollout.groupId;
  const recording = shownPlayback(store.getState())?.recording;
  return () =>
    store.setState((now) => {
      // Played once more, a recording is another group.
      const isPlayedAgain = recording !== undefined && shownPlayback(now)?.recording === recording;
      const isShown = isPlayedAgain || now.rollout.groupId === groupId;
      const opened = isShown ? [groupId, now.rollout.groupId] : [groupId];
      return {
        negotiationHistory: now.negotiationHistory.filter((past) => !opened.includes(past.groupId)),
        ...(isShown && { rollout, openDialogue, negotiationPlayback }),
      };
    });
}
