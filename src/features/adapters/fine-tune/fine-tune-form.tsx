import { Button, NativeSelect, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import {
  FINE_TUNE_LABELS,
  FORM_RANGES,
  problemsOfForm,
  SCHEDULES,
  type FineTuneForm as Form,
  type FormNumber,
  type FormProblems,
} from '@/state/fine-tune-form.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { NumberField as Field } from '@/ui/number-field.tsx';
import type { LrSchedulerType } from '@/protocol/training.ts';
import { ExamplesField } from './examples-field.tsx';
import type { FineTuneDriver } from './use-fine-tune.ts';

/** What to learn from, and how. */
export function FineTuneForm({ driver }: { readonly driver: FineTuneDriver }): ReactElement {
  const form = useAppState((state) => state.fineTuneForm);
  const isAttached = useAppState((state) => attachedAdapter(state.adapters) !== null);
  const isEstimating = useAppState((state) => state.fineTuneEstimate.phase === 'running');
  const problems = problemsOfForm(form);
  const isGood = Object.keys(problems).length === 0;
  return (
    <form
      className="tune__form"
      aria-label="Fine-tuning"
      onSubmit={(event) => {
        event.preventDefault();
        driver.start();
      }}
    >
      <ExamplesField />
      <div className="tune__numbers">
        <NumberField name="steps" description="Updates to make." problems={problems} />
        <NumberField name="examplesPerStep" description="Learnt from together." problems={problems} />
        <NumberField
          name="learningRate"
          description="0.0001 is usual, 0.001 is quick."
          step={0.0001}
          problems={problems}
        />
        <NumberField name="maxTokens" description="Longer examples are cut." step={32} problems={problems} />
      </div>
      <Advanced form={form} problems={problems} />
      <div className="tune__start">
        <Button type="submit" disabled={!isGood || !isAttached || isEstimating}>
          Start training
        </Button>
        <Button
          variant="default"
          disabled={!isGood || !isAttached}
          loading={isEstimating}
          loaderProps={{ type: 'dots' }}
          onClick={driver.estimate}
        >
          Estimate
        </Button>
        <span>{obstacleText(problems, isAttached)}</span>
      </div>
    </form>
  );
}

function obstacleText(problems: FormProblems, isAttached: boolean): string {
  if (!isAttached) return 'Attach an adapter first.';
  if (problems.data !== undefined) return problems.data;
  return Object.keys(problems).length > 0 ? 'Correct the marked fields first.' : '';
}

interface NumberFieldProps {
  readonly name: FormNumber;
  readonly description: string;
  readonly step?: number;
  readonly problems: FormProblems;
}

function NumberField({ name, description, step = 1, problems }: NumberFieldProps): ReactElement {
  const value = useAppState((state) => state.fineTuneForm[name]);
  const change = useAppState((state) => state.fineTuneFormChanged);
  return (
    <Field
      label={FINE_TUNE_LABELS[name]}
      description={description}
      range={FORM_RANGES[name]}
      step={step}
      value={value}
      problem={problems[name]}
      onChange={(next) => change({ [name]: next })}
    />
  );
}

function Advanced({ form, problems }: { readonly form: Form; readonly problems: FormProblems }): ReactElement {
  const change = useAppState((state) => state.fineTuneFormChanged);
  return (
    <details className="tune__advanced">
      <summary>Advanced</summary>
      <div className="tune__numbers">
        <NativeSelect
          label={FINE_TUNE_LABELS.lrSchedulerType}
          description="Of the learning rate."
          value={form.lrSchedulerType}
          data={Object.entries(SCHEDULES).map(([value, label]) => ({ value, label }))}
          onChange={(event) => change({ lrSchedulerType: event.currentTarget.value as LrSchedulerType })}
        />
        <NumberField name="warmupSteps" description="Of the adapter’s first updates." problems={problems} />
        <NumberField
          name="tokensPerPass"
          description="A larger step takes several passes."
          step={128}
          problems={problems}
        />
        <NumberField name="logitChunkSize" description="Tokens of logits at once." step={16} problems={problems} />
        <NumberField name="checkpointEvery" description="Steps; 0: only at the end." problems={problems} />
        <Switch
          color="ink"
          label={FINE_TUNE_LABELS.gradientCheckpointing}
          description="Computes layers twice: less memory, more time, same numbers."
          checked={form.gradientCheckpointing}
          onChange={(event) => change({ gradientCheckpointing: event.currentTarget.checked })}
        />
      </div>
    </details>
  );
}
