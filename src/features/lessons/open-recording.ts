/** What a lesson needs on the panel before its steps make sense. */
import { RECORDINGS } from '@/client/shipped-files.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { AppState } from '@/state/app-store.ts';
import { isTraining } from '@/state/negotiation-training-view.ts';
import { isRunning } from '@/state/negotiation-view.ts';
import { readNegotiationRecording } from '@/state/read-negotiation-recording.ts';
import { readTrainingRecording } from '@/state/read-training-recording.ts';
import type { LessonRecording } from './lesson.ts';

type GetState = () => AppState;

/**
 * Opens it on its panel, held at its beginning or standing at its end.
 *
 * @throws {Failure} 'downloadFailed'; 'invalidConfig' where the file is no recording; 'busy' while the panel is in use
 */
export async function openRecording(
  { kind, file }: LessonRecording,
  isAtEnd: boolean,
  getState: GetState,
  signal: AbortSignal,
): Promise<void> {
  const text = await RECORDINGS[kind].text(file);
  if (signal.aborted) return;
  if (kind === 'thinking') openThinking(text, isAtEnd, getState());
  else if (kind === 'negotiation') openNegotiation(text, isAtEnd, getState);
  else openTraining(text, getState());
}

function openThinking(text: string, isAtEnd: boolean, { recordingOpened, stepChosen, playChanged }: AppState): void {
  recordingOpened(readRun(text), 1);
  if (isAtEnd) stepChosen(null);
  else playChanged(false);
}

function openNegotiation(text: string, isAtEnd: boolean, getState: GetState): void {
  const { rollout, negotiationRecordingOpened } = getState();
  if (isRunning(rollout) && !rollout.isRecorded) throw busy('a group negotiates; stop it');
  negotiationRecordingOpened(readNegotiationRecording(text));
  if (isAtEnd) getState().negotiationEndChosen();
  else getState().negotiationPlayChanged(false);
}

function openTraining(text: string, { negotiationTraining, trainingRecordingOpened }: AppState): void {
  if (isTraining(negotiationTraining)) throw busy('a training runs; stop it');
  trainingRecordingOpened(readTrainingRecording(text));
}

function busy(what: string): Failure<FailureCode> {
  return new Failure('busy', `The recording cannot be shown: ${what}, then press Try again.`);
}

/** Holds what plays. */
export function holdRecordings(state: AppState): void {
  if (state.playback?.isPlaying === true) state.playChanged(false);
  if (state.rollout.isRecorded && state.rollout.phase === 'running') state.negotiationPlayChanged(false);
}

/** Takes a recording away that would stand where the visitor's own run is to be. */
export function makeRoom(kind: LessonRecording['kind'], state: AppState): void {
  if (kind === 'thinking' && state.playback?.source === 'recording') state.playbackClosed();
  if (kind === 'training' && state.openedRun?.isRecorded === true) state.trainingRunOpened(null);
  // What stands there is what the next group argues about; a recording hides it.
  if (kind === 'negotiation' && state.rollout.isRecorded) state.negotiationCleared();
}
