import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { COMPARISON_MODES, type ComparisonMode } from '@/protocol/comparison.ts';
import { REASONING_PRESETS } from '@/protocol/reasoning-presets.ts';
import type { AppState } from '@/state/app-store.ts';
import {
  MAX_CONFIGURATIONS,
  MAX_NAME_LENGTH,
  type PlannedConfiguration,
  type SettingsBasis,
} from '@/state/evaluation-plan.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { MODES } from '../modes.ts';

const MODE_OPTIONS = COMPARISON_MODES.map((mode) => ({ value: mode, label: MODES[mode].name }));
const PRESET = 'preset:';
const BASIS_OPTIONS = [
  { value: 'present', label: 'Present settings' },
  ...Object.entries(REASONING_PRESETS).map(([id, { name }]) => ({ value: `${PRESET}${id}`, label: `Preset ${name}` })),
  { value: 'kept', label: 'Kept as they are now' },
];

/** The configurations that answer every question, each with its own name, way of answering and settings. */
export function ConfigurationList({ problems }: { readonly problems: Readonly<Record<number, string>> }): ReactElement {
  const configurations = useAppState((state) => state.evaluationPlan.configurations);
  const add = useAppState((state) => state.configurationAdded);
  const isFull = configurations.length >= MAX_CONFIGURATIONS;
  return (
    <fieldset className="configurations">
      <legend>Configurations</legend>
      <div className="configuration configuration--head" aria-hidden="true">
        <span>Name</span>
        <span>Way of answering</span>
        <span>Settings</span>
      </div>
      {configurations.map((configuration, index) => (
        <Row
          key={configuration.id}
          configuration={configuration}
          number={index + 1}
          problem={problems[configuration.id]}
          isFull={isFull}
        />
      ))}
      <Button variant="default" disabled={isFull} onClick={add}>
        Add a configuration
      </Button>
      {isFull && <p className="evaluation__note">{MAX_CONFIGURATIONS} are the most.</p>}
    </fieldset>
  );
}

interface RowProps {
  readonly configuration: PlannedConfiguration;
  readonly number: number;
  readonly problem: string | undefined;
  readonly isFull: boolean;
}

function Row({ configuration: { id, name, mode, basis }, number, problem, isFull }: RowProps): ReactElement {
  const store = useAppStore();
  const { configurationChanged, configurationDuplicated, configurationRemoved } = store.getState();
  return (
    <div className="configuration" role="group" aria-label={`Configuration ${number}`}>
      <TextInput
        aria-label={`Name of configuration ${number}`}
        maxLength={MAX_NAME_LENGTH}
        size="xs"
        value={name}
        error={problem}
        onChange={(event) => configurationChanged(id, { name: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label={`Way of answering of configuration ${number}`}
        size="xs"
        data={MODE_OPTIONS}
        value={mode}
        onChange={(event) => configurationChanged(id, { mode: event.currentTarget.value as ComparisonMode })}
      />
      <NativeSelect
        aria-label={`Settings of configuration ${number}`}
        size="xs"
        data={BASIS_OPTIONS}
        value={basis.kind === 'preset' ? `${PRESET}${basis.preset}` : basis.kind}
        onChange={(event) => configurationChanged(id, { basis: basisOf(event.currentTarget.value, store.getState()) })}
      />
      <span className="configuration__actions">
        <Button
          variant="default"
          aria-label={`Duplicate configuration ${number}`}
          disabled={isFull}
          onClick={() => configurationDuplicated(id)}
        >
          Duplicate
        </Button>
        <Button
          variant="default"
          aria-label={`Remove configuration ${number}`}
          onClick={() => configurationRemoved(id)}
        >
          Remove
        </Button>
      </span>
    </div>
  );
}

function basisOf(value: string, { reasoningSettings }: AppState): SettingsBasis {
  if (value.startsWith(PRESET)) return { kind: 'preset', preset: value.slice(PRESET.length) };
  return value === 'kept' ? { kind: 'kept', settings: reasoningSettings } : { kind: 'present' };
}
