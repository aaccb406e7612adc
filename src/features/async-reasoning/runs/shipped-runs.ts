/** Recorded runs that come with the page. */
import { useEffect, useState } from 'react';
import { Failure } from '@/lib/failure.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { PlayableRun } from '@/state/playback-slice.ts';
import type { RunSummary } from '@/state/run-storage.ts';

const FOLDER = `${import.meta.env.BASE_URL}recordings/`;

export interface ShippedRun extends RunSummary {
  readonly file: string;
}

let listed: Promise<readonly ShippedRun[]> | undefined;

/** Asked for once per page. Empty where the server has none, or cannot be reached. */
function listShipped(): Promise<readonly ShippedRun[]> {
  listed ??= fetch(`${FOLDER}index.json`)
    .then(async (response) => (response.ok ? entriesOf(await response.json()) : []))
    .catch(() => []);
  return listed;
}

function entriesOf(index: unknown): readonly ShippedRun[] {
  return Array.isArray(index) ? index.flatMap(entryOf) : [];
}

function entryOf(entry: unknown): ShippedRun[] {
  if (typeof entry !== 'object' || entry === null) return [];
  const { file, name, createdAt, model, device, numSteps } = entry as Partial<ShippedRun>;
  const isWhole =
    typeof file === 'string' &&
    /^[\w-]+\.json$/.test(file) &&
    typeof name === 'string' &&
    typeof createdAt === 'string' &&
    typeof model === 'string' &&
    typeof device === 'string' &&
    typeof numSteps === 'number';
  return isWhole ? [{ key: file, isLast: false, file, name, createdAt, model, device, numSteps }] : [];
}

/** @throws {Failure} 'downloadFailed', or 'invalidConfig' when the file is not a run */
export async function loadShipped(file: string): Promise<PlayableRun> {
  const response = await fetch(`${FOLDER}${file}`).catch(() => undefined);
  if (response?.ok !== true) throw new Failure('downloadFailed', 'The recorded run could not be fetched.');
  return readRun(await response.text());
}

export function useShippedRuns(): readonly ShippedRun[] {
  const [runs, setRuns] = useState<readonly ShippedRun[]>([]);
  useEffect(() => {
    let isWanted = true;
    void listShipped().then((found) => {
      if (isWanted) setRuns(found);
    });
    return () => {
      isWanted = false;
    };
  }, []);
  return runs;
}
