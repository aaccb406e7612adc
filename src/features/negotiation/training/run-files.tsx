import { Button, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { FileBytes } from '@/protocol/training-api.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { scenarioFile } from '@/state/scenario/scenario-file.ts';
import { scenarioOfTraining } from '@/state/scenario/scenario-of-training.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { saveFile, saveText } from '@/ui/save-file.ts';
import { SaveScenario } from '@/ui/save-scenario.tsx';

/** What the embedded model was made from. */
const KNOWN_BASES: Readonly<Record<string, string>> = {
  'SmolLM2 135M Instruct': 'HuggingFaceTB/SmolLM2-135M-Instruct',
};

/** The shown run as files: its numbers, its adapter, and a folder that trains on at scale with TRL. */
export function RunFiles(): ReactElement | null {
  const { negotiation, training } = useDuet();
  const store = useAppStore();
  const run = useAppState((state) => shownRun(state)?.run ?? null);
  const isRecorded = useAppState((state) => shownRun(state)?.isRecorded === true);
  // A run outlives its adapter, if that was deleted.
  const hasAdapter = useAppState((state) => state.adapters?.adapters.some(({ id }) => id === run?.adapterId) === true);
  const [base, setBase] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  if (run === null) return null;
  const baseModel = base ?? KNOWN_BASES[run.model.name] ?? run.model.name;
  const save = async (make: () => Promise<readonly FileBytes[]>): Promise<void> => {
    try {
      setProblem(null);
      for (const { name, bytes } of await make())
        saveFile(name, new Blob([bytes], { type: name.endsWith('.zip') ? 'application/zip' : 'application/json' }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section className="run-files" aria-labelledby="run-files">
      <h3 id="run-files">Files of “{run.name}”</h3>
      <div className="run-files__actions">
        <Button
          variant="default"
          onClick={() => saveText('duet-training-run.json', 'application/json', JSON.stringify(run, null, 1))}
        >
          Run as JSON
        </Button>
        <Button
          variant="default"
          disabled={!hasAdapter}
          onClick={() => void save(() => training.exportAdapter(run.adapterId))}
        >
          Adapter (PEFT)
        </Button>
        <Button
          variant="default"
          disabled={isRecorded || run.plan.method === 'singleAgent'}
          onClick={() =>
            void save(async () => [await negotiation.exportToTrl({ run, baseModel, withAdapter: hasAdapter })])
          }
        >
          Export to TRL
        </Button>
        <SaveScenario
          isPossible={!isRecorded}
          make={async () => {
            const shown = shownRun(store.getState());
            if (shown === null) throw new Error('There is no run to repeat yet.');
            return scenarioFile(scenarioOfTraining(store.getState(), shown.run, shown.step));
          }}
        />
        <TextInput
          size="xs"
          aria-label="Base model for TRL"
          title="What transformers loads: a repository on Hugging Face, or a folder"
          value={baseModel}
          onChange={(event) => setBase(event.currentTarget.value)}
        />
      </div>
      <p className="training-form__note">
        TRL trains the same method where one machine is not enough; its README says how. An adapter that was trained
        there comes back by Adapters, Import, and is compared here in Evaluation.
      </p>
      {problem !== null && <p role="alert">{problem}</p>}
    </section>
  );
}
