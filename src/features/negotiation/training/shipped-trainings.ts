/** Recorded training runs that come with the page. */
import { ShippedFolder, useShipped } from '@/client/shipped-files.ts';
import type { TrainingRecording } from '@/protocol/training-recording.ts';
import { readTrainingRecording } from '@/state/read-training-recording.ts';

export interface ShippedTraining {
  readonly file: string;
  readonly name: string;
  readonly note: string;
}

const FOLDER = new ShippedFolder('recordings/training', entryOf);

function entryOf({ name, note }: Partial<ShippedTraining>, file: string): ShippedTraining | null {
  return typeof name === 'string' && typeof note === 'string' ? { file, name, note } : null;
}

/** @throws {Failure} 'downloadFailed', or 'invalidConfig' when the file is not a recording */
export async function loadTraining(file: string): Promise<TrainingRecording> {
  return readTrainingRecording(await FOLDER.text(file));
}

export function useShippedTrainings(): readonly ShippedTraining[] {
  return useShipped(FOLDER);
}
