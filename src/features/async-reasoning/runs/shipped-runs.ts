/** Recorded runs that come with the page. */
import { ShippedFolder, useShipped } from '@/client/shipped-files.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { PlayableRun } from '@/state/playback-slice.ts';
import type { RunSummary } from '@/state/run-storage.ts';

export interface ShippedRun extends RunSummary {
  readonly file: string;
}

const FOLDER = new ShippedFolder('recordings', entryOf);

function entryOf(entry: Partial<ShippedRun>, file: string): ShippedRun | null {
  const { name, createdAt, model, device, numSteps } = entry;
  const isWhole =
    typeof name === 'string' &&
    typeof createdAt === 'string' &&
    typeof model === 'string' &&
    typeof device === 'string' &&
    typeof numSteps === 'number';
  return isWhole ? { key: file, isLast: false, file, name, createdAt, model, device, numSteps } : null;
}

/** @throws {Failure} 'downloadFailed', or 'invalidConfig' when the file is not a run */
export async function loadShipped(file: string): Promise<PlayableRun> {
  return readRun(await FOLDER.text(file));
}

export function useShippedRuns(): readonly ShippedRun[] {
  return useShipped(FOLDER);
}
