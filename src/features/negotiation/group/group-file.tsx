import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Failure } from '@/lib/failure.ts';
import { keepGroup } from '@/state/negotiation-storage.ts';
import { isRunning, recordOf } from '@/state/negotiation-view.ts';
import { MAX_GROUP_FILE, readGroupFile } from '@/state/read-group-record.ts';
import { scenarioFile, type ScenarioFile } from '@/state/scenario/scenario-file.ts';
import { scenarioOfGroup } from '@/state/scenario/scenario-of-group.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { FileButton } from '@/ui/file-button.tsx';
import { formatBytes } from '@/ui/format.ts';
import { saveText } from '@/ui/save-file.ts';
import { SaveScenario } from '@/ui/save-scenario.tsx';

/** Saves the group as a file, and opens one; a file that cannot be read changes nothing. */
export function GroupFile(): ReactElement {
  const store = useAppStore();
  const [refusal, setRefusal] = useState<string | null>(null);
  const isBusy = useAppState((state) => isRunning(state.rollout));
  const canSave = useAppState(({ rollout }) => rollout.plan !== null && rollout.dialogues.length > 0);

  const save = (): void => {
    const record = recordOf(store.getState().rollout);
    if (record === null) return;
    const { dilemma, settings } = record;
    saveText(`negotiation-${dilemma.id}-${settings.seed}.json`, 'application/json', JSON.stringify(record));
  };

  const makeScenario = async (): Promise<ScenarioFile> => {
    const state = store.getState();
    const record = recordOf(state.rollout);
    if (record === null) throw new Error('There is no group to repeat yet.');
    return scenarioFile(scenarioOfGroup(state, record));
  };

  const open = async (file: File): Promise<void> => {
    try {
      if (file.size > MAX_GROUP_FILE)
        throw new Failure('invalidConfig', `The file has ${formatBytes(file.size)}; groups have less.`);
      const record = readGroupFile(await file.text());
      store.getState().negotiationOpened(record);
      setRefusal(null);
      await keepGroup(record);
    } catch (error) {
      setRefusal(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  return (
    <div className="group-file">
      {refusal !== null && (
        <p className="group-file__refusal" role="alert">
          {refusal} What was shown is as it was.
        </p>
      )}
      <div className="group-file__actions">
        <Button
          variant="default"
          disabled={isBusy || !canSave}
          title="Save the group as a JSON file, with every token"
          onClick={save}
        >
          Save
        </Button>
        <FileButton
          label="Open file"
          name="Saved group"
          accept=".json,application/json"
          title="Open a group that was saved before"
          isDisabled={isBusy}
          onFile={(file) => void open(file)}
        />
        <SaveScenario isPossible={!isBusy && canSave} make={makeScenario} />
      </div>
    </div>
  );
}
