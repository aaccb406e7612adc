import { Button, Checkbox, NumberInput, Switch, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { LORA_TARGETS, type LoraConfig, type LoraTarget } from '@/protocol/training.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes } from '@/ui/format.ts';
import {
  configOfLora,
  firstLoraForm,
  formatCount,
  freeName,
  MAX_NAME_LENGTH,
  problemsOfLora,
  sizeOfLora,
  type LoraForm,
} from './lora-form.ts';

interface NewAdapterFormProps {
  readonly onCreate: (name: string, config: LoraConfig) => Promise<void>;
  readonly onCancel: () => void;
}

/** The shape of a new adapter, with what it takes as the shape changes. */
export function NewAdapterForm({ onCreate, onCancel }: NewAdapterFormProps): ReactElement {
  const list = useAppState((state) => state.adapters);
  const [form, setForm] = useState<LoraForm>(() =>
    firstLoraForm(freeName(list?.adapters.map(({ name }) => name) ?? [])),
  );
  const problems = problemsOfLora(form);
  const config = configOfLora(form);
  const change = (part: Partial<LoraForm>): void => setForm({ ...form, ...part });
  const numberOf = (value: number | string): number | null => (typeof value === 'number' ? value : null);
  return (
    <form
      className="new-adapter"
      aria-label="New adapter"
      onSubmit={(event) => {
        event.preventDefault();
        if (config !== null) void onCreate(form.name, config);
      }}
    >
      <TextInput
        label="Name"
        data-autofocus
        ref={focusOnce}
        maxLength={MAX_NAME_LENGTH}
        value={form.name}
        error={problems.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <div className="new-adapter__numbers">
        <NumberInput
          label="Rank"
          description="Numbers per direction. More can learn more."
          min={1}
          max={64}
          clampBehavior="none"
          value={form.r ?? ''}
          error={problems.r}
          onChange={(value) => change({ r: numberOf(value) })}
        />
        <NumberInput
          label="Alpha"
          description="Its effect is scaled by alpha / rank."
          min={0}
          clampBehavior="none"
          value={form.loraAlpha ?? ''}
          error={problems.loraAlpha}
          onChange={(value) => change({ loraAlpha: numberOf(value) })}
        />
        <NumberInput
          label="Dropout"
          description="Share of inputs left out in training."
          min={0}
          max={1}
          step={0.05}
          clampBehavior="none"
          value={form.loraDropout ?? ''}
          error={problems.loraDropout}
          onChange={(value) => change({ loraDropout: numberOf(value) })}
        />
      </div>
      <Targets chosen={form.targetModules} problem={problems.targetModules} onChange={change} />
      <Switch
        color="ink"
        label="rsLoRA"
        description="Scale by alpha / √rank instead, steadier at high ranks."
        checked={form.useRslora}
        onChange={(event) => change({ useRslora: event.currentTarget.checked })}
      />
      <Size form={form} />
      <div className="adapters__actions">
        <Button type="submit" disabled={config === null}>
          Create and attach
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** The form has taken the place of the button that opened it. */
function focusOnce(input: HTMLInputElement | null): void {
  if (input !== null && document.activeElement?.closest('.new-adapter') === null) input.select();
}

interface TargetsProps {
  readonly chosen: readonly LoraTarget[];
  readonly problem: string | undefined;
  readonly onChange: (change: Pick<LoraForm, 'targetModules'>) => void;
}

function Targets({ chosen, problem, onChange }: TargetsProps): ReactElement {
  return (
    <fieldset className="new-adapter__targets">
      <legend>Modules</legend>
      <div>
        {LORA_TARGETS.map((target) => (
          <Checkbox
            key={target}
            size="xs"
            label={target}
            checked={chosen.includes(target)}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              const wanted = (one: LoraTarget): boolean => (one === target ? checked : chosen.includes(one));
              onChange({ targetModules: LORA_TARGETS.filter(wanted) });
            }}
          />
        ))}
      </div>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </fieldset>
  );
}

function Size({ form }: { readonly form: LoraForm }): ReactElement | null {
  const model = useAppState((state) => state.model.info);
  if (model === null) return null;
  const { numParameters, trainingBytes } = sizeOfLora(form, model);
  return (
    <p className="new-adapter__size" role="status">
      <strong>{formatCount(numParameters)}</strong> parameters, <strong>{formatBytes(trainingBytes)}</strong> while it
      is trained (weights, gradients and two moments), and the activations of a step besides.
    </p>
  );
}
