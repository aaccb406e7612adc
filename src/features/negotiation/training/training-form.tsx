import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { TRAINING_PRESETS, type TrainingPresetId } from '@/protocol/negotiation-training-presets.ts';
import { trainingDilemmas, trainingPairs } from '@/state/material-lists.ts';
import {
  formOfPreset,
  GRPO_LOSSES,
  problemsOfTraining,
  TRAINING_NUMBERS,
  type TrainingForm as Form,
  type TrainingNumber,
} from '@/state/negotiation-training-form.ts';
import { seatOf } from '@/state/negotiation-seat.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { presetOfTraining } from '@/state/speed-forms.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { NumberField as Field } from '@/ui/number-field.tsx';
import { useTraining } from './training-driver.ts';
import { TrainingEstimateView } from './training-estimate.tsx';
import { whyNotToTrain } from './training-texts.ts';

const MAIN: readonly TrainingNumber[] = ['steps', 'groupsPerStep', 'groupSize', 'maxTurns', 'learningRate', 'seed'];
const LENGTHS: readonly TrainingNumber[] = ['maxUtteranceTokens', 'maxCompletionTokens', 'utteranceTemperature'];
const GRPO: readonly TrainingNumber[] = ['beta', 'epsilon', 'numIterations', 'maxGradNorm'];
const ADAPTER: readonly TrainingNumber[] = ['r', 'loraAlpha'];
const MACHINE: readonly TrainingNumber[] = ['tokensPerPass', 'checkpointEvery', 'checkpointsKept'];

/** What to train, how, and what it will take. @param judge  the way to another judge */
export function TrainingForm({
  judge,
  onSettings,
}: {
  readonly judge: ReactNode;
  readonly onSettings: () => void;
}): ReactElement {
  const form = useAppState((state) => state.trainingForm);
  const training = useTraining();
  const problems = problemsOfTraining(form);
  const isGood = Object.keys(problems).length === 0;
  const obstacle = useAppState((state) => whyNotToTrain(seatOf(state), modelObstacle(state)));
  const isEstimating = useAppState((state) => state.trainingEstimate.phase === 'running');
  return (
    <form
      className="training-form"
      aria-label="New training"
      onSubmit={(event) => {
        event.preventDefault();
        if (obstacle === null) training.start();
      }}
    >
      <PresetField form={form} />
      <NameField problem={problems.name} />
      <MaterialFields form={form} />
      <Numbers names={MAIN} problems={problems} />
      <div className="training-form__judge">{judge}</div>
      <Advanced form={form} problems={problems} onSettings={onSettings} />
      <div className="training-form__start">
        <Button type="submit" data-lesson="training-start" disabled={!isGood || obstacle !== null || isEstimating}>
          Start training
        </Button>
        <Button
          variant="default"
          disabled={!isGood || obstacle !== null}
          loading={isEstimating}
          loaderProps={{ type: 'dots' }}
          onClick={training.estimate}
        >
          Estimate
        </Button>
        <span>{isGood ? (obstacle ?? '') : 'Correct the marked fields first.'}</span>
      </div>
      <TrainingEstimateView />
    </form>
  );
}

function PresetField({ form }: { readonly form: Form }): ReactElement {
  const change = useAppState((state) => state.trainingFormChanged);
  const active = presetOfTraining(form);
  return (
    <NativeSelect
      label="Preset"
      data-lesson="training-preset"
      description={active === null ? 'A mix of your own.' : TRAINING_PRESETS[active].summary}
      value={active ?? ''}
      data={[
        ...(active === null ? [{ value: '', label: 'Own values' }] : []),
        ...Object.entries(TRAINING_PRESETS).map(([value, { name }]) => ({ value, label: name })),
      ]}
      onChange={(event) => {
        const id = event.currentTarget.value as TrainingPresetId | '';
        if (id !== '') change(formOfPreset(TRAINING_PRESETS[id]));
      }}
    />
  );
}

function NameField({ problem }: { readonly problem: string | undefined }): ReactElement {
  const name = useAppState((state) => state.trainingForm.name);
  const change = useAppState((state) => state.trainingFormChanged);
  return (
    <TextInput
      label="Name"
      description="Of the run, and of its new adapter."
      maxLength={80}
      value={name}
      error={problem}
      onChange={(event) => change({ name: event.currentTarget.value })}
    />
  );
}

function MaterialFields({ form }: { readonly form: Form }): ReactElement {
  const change = useAppState((state) => state.trainingFormChanged);
  const numDilemmas = useAppState((state) => trainingDilemmas(state).length);
  const numPairs = useAppState((state) => trainingPairs(state).length);
  const chosen = useAppState((state) => state.chosenDilemma);
  return (
    <>
      <NativeSelect
        label="Who is trained"
        value={form.method}
        data={[
          { value: 'negotiation', label: 'Negotiators: two personas' },
          { value: 'singleAgent', label: 'One agent alone: the baseline' },
        ]}
        onChange={(event) => change({ method: event.currentTarget.value as Form['method'] })}
      />
      <NativeSelect
        label="Material"
        description="What is held out for evaluation is never trained on."
        value={form.material}
        data={[
          { value: 'all', label: `All ${numDilemmas} dilemmas and ${numPairs} pairs for training` },
          { value: 'chosen', label: `Only what is chosen in Dialogues: ${chosen.goal}` },
        ]}
        onChange={(event) => change({ material: event.currentTarget.value as Form['material'] })}
      />
    </>
  );
}

type Problems = ReturnType<typeof problemsOfTraining>;

function Numbers({
  names,
  problems,
}: {
  readonly names: readonly TrainingNumber[];
  readonly problems: Problems;
}): ReactElement {
  return (
    <div className="training-form__numbers">
      {names.map((name) => (
        <NumberField key={name} name={name} problem={problems[name]} />
      ))}
    </div>
  );
}

function NumberField({
  name,
  problem,
}: {
  readonly name: TrainingNumber;
  readonly problem: string | undefined;
}): ReactElement {
  const value = useAppState((state) => state.trainingForm[name]);
  const change = useAppState((state) => state.trainingFormChanged);
  const range = TRAINING_NUMBERS[name];
  return (
    <Field
      label={range.label}
      description={range.help}
      range={range}
      step={range.step}
      value={value}
      problem={problem}
      onChange={(next) => change({ [name]: next })}
    />
  );
}

const ROLES = { agent1: 'Persona 1 alone', both: 'Both personas' } as const;
const SCALES = {
  group: 'By the group’s deviation',
  batch: 'By the batch’s deviation',
  none: 'Not divided (Dr. GRPO)',
} as const;
const SPANS = { group: 'Each group (paper)', batch: 'The whole step (TRL)' } as const;

function Advanced({
  form,
  problems,
  onSettings,
}: {
  readonly form: Form;
  readonly problems: Problems;
  readonly onSettings: () => void;
}): ReactElement {
  const change = useAppState((state) => state.trainingFormChanged);
  const adapters = useAppState((state) => state.adapters?.adapters);
  return (
    <details className="training-form__advanced">
      <summary>More: lengths, loss, adapter, memory</summary>
      <Numbers names={LENGTHS} problems={problems} />
      <p className="training-form__note">
        What stands in the settings of Dialogues holds here too: context, agreement, top p, thinking.{' '}
        <button type="button" className="training-form__link" aria-haspopup="dialog" onClick={onSettings}>
          Open the settings
        </button>
      </p>
      <div className="training-form__numbers">
        <Choice name="lossType" label="Loss" options={Object.fromEntries(GRPO_LOSSES.map((type) => [type, type]))} />
        <Choice name="scaleRewards" label="Advantages" options={SCALES} />
        <Choice name="normalizeOver" label="Tokens are averaged over" options={SPANS} />
        <Choice name="trainRoles" label="Whose words" options={ROLES} />
      </div>
      <Numbers names={GRPO} problems={problems} />
      <NativeSelect
        label="Adapter"
        description="A new one begins as no change at all."
        value={form.adapterId ?? ''}
        data={[
          { value: '', label: 'A new one' },
          ...(adapters ?? []).map(({ id, name, step }) => ({ value: id, label: `${name}, ${step} updates` })),
        ]}
        onChange={(event) => change({ adapterId: event.currentTarget.value === '' ? null : event.currentTarget.value })}
      />
      {form.adapterId === null && <Numbers names={ADAPTER} problems={problems} />}
      <Numbers names={MACHINE} problems={problems} />
      <Switch
        size="xs"
        color="ink"
        label="Save memory: compute activations twice"
        checked={form.gradientCheckpointing}
        onChange={(event) => change({ gradientCheckpointing: event.currentTarget.checked })}
      />
      <Switch
        size="xs"
        color="ink"
        label="Measure what each update changed (a third more of its time)"
        checked={form.measuresChange}
        onChange={(event) => change({ measuresChange: event.currentTarget.checked })}
      />
      <Switch
        size="xs"
        color="ink"
        label="Train private thoughts too"
        description="Where the settings let a side think while it listens."
        checked={form.trainsThoughts}
        onChange={(event) => change({ trainsThoughts: event.currentTarget.checked })}
      />
    </details>
  );
}

interface ChoiceProps {
  readonly name: 'lossType' | 'scaleRewards' | 'normalizeOver' | 'trainRoles';
  readonly label: string;
  readonly options: Readonly<Record<string, string>>;
}

function Choice({ name, label, options }: ChoiceProps): ReactElement {
  const value = useAppState((state) => state.trainingForm[name]);
  const change = useAppState((state) => state.trainingFormChanged);
  return (
    <NativeSelect
      label={label}
      value={value}
      data={Object.entries(options).map(([key, text]) => ({ value: key, label: text }))}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  );
}
