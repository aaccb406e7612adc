import { Button, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { assertNever } from '@/lib/assert.ts';
import type { StoredTrainingRun } from '@/protocol/negotiation-training.ts';
import { seatOf } from '@/state/negotiation-seat.ts';
import { isTraining } from '@/state/negotiation-training-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Confirmation } from '@/ui/confirmation.tsx';
import { NameForm } from '@/ui/name-form.tsx';
import { runsTableRow } from './charts/runs-table-row.ts';
import { RunsTable } from './charts/runs-table.tsx';
import { RunFiles } from './run-files.tsx';
import { useTraining } from './training-driver.ts';
import { whyNotToTrain } from './training-texts.ts';

type Asked = { readonly kind: 'rename' | 'delete' | 'branch' | 'extend'; readonly run: StoredTrainingRun };

/** All runs that are kept. @param onOpened  told when one was opened, to be looked at */
export function RunsTab({ onOpened }: { readonly onOpened: () => void }): ReactElement {
  const training = useTraining();
  const runs = useAppState((state) => state.trainingRuns);
  const live = useAppState((state) => state.negotiationTraining);
  const busy = useAppState((state) => whyNotToTrain(seatOf(state), null));
  const adapters = useAppState((state) => state.adapters?.adapters);
  const overlaid = useAppState((state) => state.overlaidRuns);
  const overlay = useAppState((state) => state.runsOverlaid);
  const [baselineId, setBaselineId] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const known = runs ?? [];
  const find = (id: string): StoredTrainingRun | undefined => known.find((run) => run.id === id);
  const ask =
    (kind: Asked['kind']) =>
    (id: string): void => {
      const run = find(id);
      if (run !== undefined) setAsked({ kind, run });
    };
  const resume = (id: string): void => {
    const run = find(id);
    if (run === undefined) return;
    // One that is over goes on only for more steps than it was to have.
    if (run.steps.length >= run.plan.steps) setAsked({ kind: 'extend', run });
    else training.goOn(id, run.name);
  };
  const rows = known.map((run) =>
    runsTableRow(run, {
      adapterName: adapters?.find(({ id }) => id === run.adapterId)?.name ?? null,
      isRunning: isTraining(live) && live.run?.id === run.id,
      obstacle: obstacleOf(run, busy),
    }),
  );
  const open = (id: string): void => {
    training.open(id);
    onOpened();
  };
  return (
    <div className="runs-tab">
      {asked !== null && <Question asked={asked} onDone={() => setAsked(null)} />}
      <RunsTable
        rows={rows}
        chosenIds={overlaid}
        onChoose={overlay}
        baselineId={baselineId}
        onBaseline={setBaselineId}
        onOpen={open}
        onResume={resume}
        onBranch={ask('branch')}
        onRename={ask('rename')}
        onDelete={ask('delete')}
        onUseAdapter={(id) => training.attach(find(id)?.adapterId ?? '')}
      />
      <RunFiles />
    </div>
  );
}

function obstacleOf(run: StoredTrainingRun, busy: string | null): string {
  if (busy !== null) return busy;
  if (!run.isOfLoadedModel) return `Made with ${run.model.name}: load that model.`;
  return run.checkpoints.length === 0 ? 'It has no checkpoint.' : '';
}

function Question({ asked, onDone }: { readonly asked: Asked; readonly onDone: () => void }): ReactElement {
  const training = useTraining();
  const { kind, run } = asked;
  switch (kind) {
    case 'rename':
      return (
        <NameForm
          name={run.name}
          maxLength={80}
          onDone={(name) => {
            if (name !== null) training.rename(run.id, name);
            onDone();
          }}
        />
      );
    case 'delete':
      return (
        <Confirmation
          question={`Delete “${run.name}” with its ${run.steps.length} steps and ${run.checkpoints.length} checkpoints? Its adapter stays.`}
          yes="Delete"
          no="Keep"
          onYes={() => {
            training.remove(run.id);
            onDone();
          }}
          onNo={onDone}
        />
      );
    case 'branch':
      return <BranchForm run={run} onDone={onDone} />;
    case 'extend':
      return <ExtendForm run={run} onDone={onDone} />;
    default:
      return assertNever(kind);
  }
}

/** A run that is over, for more steps. */
function ExtendForm({ run, onDone }: { readonly run: StoredTrainingRun; readonly onDone: () => void }): ReactElement {
  const training = useTraining();
  const made = run.steps.length;
  const [steps, setSteps] = useState<number | string>(made + 10);
  const isGood = typeof steps === 'number' && Number.isInteger(steps) && steps > made;
  return (
    <form
      className="branch-form"
      aria-label={`More steps of “${run.name}”`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isGood) return;
        training.goOn(run.id, run.name, steps);
        onDone();
      }}
    >
      <NumberInput
        label="Steps in all"
        min={made + 1}
        value={steps}
        error={isGood ? undefined : `More than ${made}.`}
        onChange={setSteps}
      />
      <Button type="submit" disabled={!isGood}>
        Go on
      </Button>
      <Button variant="default" onClick={onDone}>
        Cancel
      </Button>
    </form>
  );
}

/** A run of its own from a checkpoint, with another learning rate or end. */
function BranchForm({ run, onDone }: { readonly run: StoredTrainingRun; readonly onDone: () => void }): ReactElement {
  const training = useTraining();
  const [checkpointId, setCheckpointId] = useState(run.checkpoints[0]?.id ?? '');
  const [name, setName] = useState(`${run.name}, branch`.slice(0, 80));
  const [steps, setSteps] = useState<number | string>(run.plan.steps);
  const [learningRate, setLearningRate] = useState<number | string>(run.plan.training.learningRate);
  const from = run.checkpoints.find(({ id }) => id === checkpointId)?.runStep ?? 0;
  const isGood = typeof steps === 'number' && steps > from && typeof learningRate === 'number' && name.trim() !== '';
  return (
    <form
      className="branch-form"
      aria-label={`Branch off “${run.name}”`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isGood) return;
        training.branch({ kind: 'branch', runId: run.id, checkpointId, name, steps, training: { learningRate } });
        onDone();
      }}
    >
      <NativeSelect
        label="From"
        value={checkpointId}
        data={run.checkpoints.map(({ id, runStep }) => ({
          value: id,
          label: runStep === 0 ? 'before the first step' : `behind step ${runStep}`,
        }))}
        onChange={(event) => setCheckpointId(event.currentTarget.value)}
      />
      <TextInput label="Name" maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <NumberInput
        label="Steps in all"
        min={from + 1}
        value={steps}
        error={typeof steps === 'number' && steps <= from ? `More than ${from}.` : undefined}
        onChange={setSteps}
      />
      <NumberInput label="Learning rate" min={0} step={1e-5} value={learningRate} onChange={setLearningRate} />
      <Button type="submit" disabled={!isGood}>
        Branch and train
      </Button>
      <Button variant="default" onClick={onDone}>
        Cancel
      </Button>
    </form>
  );
}
