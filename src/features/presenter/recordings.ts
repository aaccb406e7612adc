/** The recordings that presets play, which come with the page. */
import { ShippedFolder } from '@/client/shipped-files.ts';
import type { NegotiationRecording } from '@/protocol/negotiation-recording.ts';
import type { DialoguesPreset, ThinkingPreset, TrainingPreset } from '@/protocol/presenter-presets.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { TrainingRecording } from '@/protocol/training-recording.ts';
import { LONGEST_REST_MS as LONGEST_REST_OF_DIALOGUES_MS } from '@/state/negotiation-playback.ts';
import { LONGEST_REST_MS, type PlayableRun } from '@/state/playback-slice.ts';
import { readNegotiationRecording } from '@/state/read-negotiation-recording.ts';
import { readTrainingRecording } from '@/state/read-training-recording.ts';
import { isRecording, itemsOf } from '@/state/run-items.ts';

/** Each throws a `Failure`: 'downloadFailed', or 'invalidConfig' when the file is no such recording. */
export interface RecordingLoader {
  readonly thinking: (preset: ThinkingPreset) => Promise<PlayableRun>;
  readonly dialogues: (preset: DialoguesPreset) => Promise<NegotiationRecording>;
  readonly training: (preset: TrainingPreset) => Promise<TrainingRecording>;
}

/** @param textOf  the text of a file below public/recordings */
export function createRecordingLoader(textOf: (file: string) => Promise<string>): RecordingLoader {
  return {
    thinking: async ({ recording }) => readRun(await textOf(recording)),
    dialogues: async ({ recording }) => readNegotiationRecording(await textOf(recording)),
    training: async ({ recording }) => readTrainingRecording(await textOf(recording)),
  };
}

const FOLDER = new ShippedFolder('recordings', () => null);

export const shippedRecordings: RecordingLoader = createRecordingLoader((file) => FOLDER.text(file));

/** How long a film takes at its own speed, its long rests shortened as the player does. Milliseconds. */
function playedMs(times: readonly number[], longestRestMs: number): number {
  return times.reduce((sum, time, index) => sum + Math.min(longestRestMs, time - (times[index - 1] ?? 0)), 0);
}

const SLOWEST = 1;
const FASTEST = 12;

function speedFor(lengthMs: number, seconds: number): number {
  return Math.min(FASTEST, Math.max(SLOWEST, lengthMs / (seconds * 1000)));
}

/** The speed at which a recorded run is over in so many seconds; never slower than it was. */
export function speedOfRun(run: PlayableRun, seconds: number): number {
  if (!isRecording(run)) return SLOWEST;
  return speedFor(
    playedMs(
      itemsOf(run).map(({ atMs }) => atMs),
      LONGEST_REST_MS,
    ),
    seconds,
  );
}

export function speedOfDialogues({ events }: NegotiationRecording, seconds: number): number {
  return speedFor(
    playedMs(
      events.map(({ atMs }) => atMs),
      LONGEST_REST_OF_DIALOGUES_MS,
    ),
    seconds,
  );
}
