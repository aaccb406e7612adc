import { useCallback, useEffect, useMemo, useState } from 'react';
import { Failure } from '@/lib/failure.ts';
import { fileStem } from '@/lib/file-stem.ts';
import { FAILURES, isFailureCode } from '@/protocol/failures.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { RunComparison } from '@/protocol/run-comparison.ts';
import { compareRuns } from '@/state/compare-runs.ts';
import type { PlayableRun } from '@/state/playback-slice.ts';
import { isRecording } from '@/state/run-items.ts';
import { deleteRun, findRun, keepRun, listRuns, summaryOf, type RunSummary } from '@/state/run-storage.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { saveText } from '@/ui/save-file.ts';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { currentRecording } from './current-recording.ts';
import { loadShipped, useShippedRuns, type ShippedRun } from './shipped-runs.ts';

/** What the last thing that was done came to. */
export type Outcome =
  | { readonly kind: 'done'; readonly text: string; readonly undo?: () => Promise<void> }
  | { readonly kind: 'refused'; readonly what: string; readonly why: string; readonly remedy: string };

export interface ComparedRuns {
  readonly names: { readonly a: string; readonly b: string };
  readonly result: RunComparison;
}

export interface Runs {
  /** Null until they have been read. */
  readonly kept: readonly RunSummary[] | null;
  readonly shipped: readonly ShippedRun[];
  readonly outcome: Outcome | null;
  readonly compared: ComparedRuns | null;
  readonly saveCurrent: (name: string) => Promise<void>;
  readonly importFiles: (files: readonly File[]) => Promise<void>;
  readonly rename: (run: RunSummary, name: string) => Promise<void>;
  readonly remove: (run: RunSummary) => Promise<void>;
  readonly exportRun: (run: RunSummary) => Promise<void>;
  /** True when it plays. */
  readonly replay: (run: RunSummary) => Promise<boolean>;
  readonly compare: (a: RunSummary, b: RunSummary) => Promise<void>;
  readonly closeComparison: () => void;
}

/** Kept and shipped runs, and what can be done with them. */
export function useRuns(run: ReasoningRun): Runs {
  const store = useAppStore();
  const shipped = useShippedRuns();
  const [kept, setKept] = useState<readonly RunSummary[] | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [compared, setCompared] = useState<ComparedRuns | null>(null);

  const refresh = useCallback(() => listRuns().then(setKept), []);
  useEffect(() => {
    void refresh();
  }, [refresh]);

  const actions = useMemo(() => {
    /** Does it, says what became of it, and reads the list anew. */
    async function attempt(what: string, work: () => Promise<Outcome | null>): Promise<boolean> {
      try {
        setOutcome(await work());
        await refresh();
        return true;
      } catch (error) {
        setOutcome(refusalOf(what, error));
        return false;
      }
    }
    return {
      saveCurrent: async (name: string) => {
        await attempt('The run was not saved', async () => {
          const recording = await currentRecording(store.getState(), run);
          if (recording === null) throw new Failure('noRun', 'There is no run to save. Ask something first.');
          const named = { ...recording, recording: { ...recording.recording, name } };
          await keepRun(named, summaryOf(named));
          return { kind: 'done', text: `Saved as \u201C${name}\u201D.` };
        });
      },
      importFiles: async (files: readonly File[]) => {
        for (const file of files) {
          const isDone = await attempt(`\u201C${file.name}\u201D was not imported`, () => importFile(file));
          if (!isDone) return;
        }
      },
      rename: async (summary: RunSummary, name: string) => {
        await attempt('The run was not renamed', async () => {
          const found = await load(summary, []);
          const named = isRecording(found) ? { ...found, recording: { ...found.recording, name } } : found;
          // With a name it is no longer only the last one, which the next run takes the place of.
          const key = summary.isLast ? summaryOf(found).key : summary.key;
          await keepRun(named, { ...summary, key, isLast: false, name });
          return { kind: 'done', text: `Named \u201C${name}\u201D.` };
        });
      },
      remove: async (summary: RunSummary) => {
        await attempt('The run was not deleted', async () => {
          const found = await load(summary, []);
          await deleteRun(summary.key);
          const undo = async (): Promise<void> => {
            await attempt('The run was not brought back', async () => {
              await keepRun(found, summary);
              return { kind: 'done', text: `\u201C${summary.name}\u201D is back.` };
            });
          };
          return { kind: 'done', text: `Deleted \u201C${summary.name}\u201D.`, undo };
        });
      },
      exportRun: async (summary: RunSummary) => {
        await attempt('The run was not exported', async () => {
          const found = await load(summary, shipped);
          saveText(`duet-run-${fileStem(summary.name, 'unnamed')}.json`, 'application/json', JSON.stringify(found));
          return null;
        });
      },
      replay: (summary: RunSummary) =>
        attempt('The run cannot be replayed', async () => {
          store.getState().recordingOpened(await load(summary, shipped), 1);
          return null;
        }),
      compare: async (a: RunSummary, b: RunSummary) => {
        await attempt('The runs were not compared', async () => {
          const result = compareRuns(await load(a, shipped), await load(b, shipped));
          setCompared({ names: { a: a.name, b: b.name }, result });
          return null;
        });
      },
      closeComparison: () => setCompared(null),
    };
  }, [refresh, run, shipped, store]);

  return { kept, shipped, outcome, compared, ...actions };
}

async function importFile(file: File): Promise<Outcome> {
  const imported = readRun(await file.text());
  const summary = summaryOf(imported, file.name.replace(/\.json$/i, ''));
  await keepRun(imported, summary);
  return { kind: 'done', text: `Imported \u201C${summary.name}\u201D, ${summary.numSteps} steps.` };
}

async function load({ key }: RunSummary, shipped: readonly ShippedRun[]): Promise<PlayableRun> {
  const file = shipped.find((entry) => entry.key === key)?.file;
  const found = file === undefined ? await findRun(key) : await loadShipped(file);
  if (found === null) throw new Failure('gone', 'It is no longer kept in this browser.');
  return found;
}

function refusalOf(what: string, error: unknown): Outcome {
  const why = error instanceof Error ? error.message : String(error);
  const code = error instanceof Failure ? error.code : '';
  const remedy = code === 'invalidConfig' ? 'Nothing was changed.' : remedyFor(code);
  return { kind: 'refused', what: `${what}.`, why, remedy };
}

function remedyFor(code: string): string {
  return isFailureCode(code) ? FAILURES[code] : '';
}
