import { Checkbox, NativeSelect } from '@mantine/core';
import type { ReactElement } from 'react';
import type { AdapterInfo } from '@/protocol/training-api.ts';
import {
  MAX_CHOSEN_ADAPTERS,
  withAdapterChosen,
  withAdapterRole,
  type ChosenAdapter,
} from '@/state/negotiation-evaluation-form.ts';
import { useAppState } from '@/state/use-app-state.ts';

const ROLES = [
  { value: 'multi', label: 'Multi-agent in the paper' },
  { value: 'single', label: 'Single-agent in the paper' },
  { value: 'none', label: 'Nobody in the paper' },
];

/** The base model in any case, and adapters of it. */
export function ContestantFields(): ReactElement {
  const adapters = useAppState((state) => state.adapters?.adapters ?? NO_ADAPTERS);
  const chosen = useAppState((state) => state.negotiationEvaluationForm.adapters);
  const numChosen = chosen.filter(({ id }) => adapters.some((adapter) => adapter.id === id)).length;
  return (
    <fieldset className="contest-form__who">
      <legend>Who is compared</legend>
      <Checkbox size="xs" label="Base" description="The model without an adapter; always." checked disabled readOnly />
      {adapters.map((adapter) => (
        <AdapterField
          key={adapter.id}
          adapter={adapter}
          chosen={chosen.find(({ id }) => id === adapter.id)}
          isFull={numChosen >= MAX_CHOSEN_ADAPTERS}
        />
      ))}
      {adapters.length === 0 && (
        <p className="contest__note">
          This model has no adapter yet. Train one in <a href="#/negotiation/training">Training</a>, or import one under
          Adapters. Alone, the base has its scores, agreement and rounds, and no comparisons.
        </p>
      )}
      {numChosen >= MAX_CHOSEN_ADAPTERS && (
        <p className="contest__note">{MAX_CHOSEN_ADAPTERS} adapters are the most.</p>
      )}
    </fieldset>
  );
}

const NO_ADAPTERS: readonly AdapterInfo[] = [];

interface AdapterFieldProps {
  readonly adapter: AdapterInfo;
  readonly chosen: ChosenAdapter | undefined;
  readonly isFull: boolean;
}

function AdapterField({ adapter: { id, name, step }, chosen, isFull }: AdapterFieldProps): ReactElement {
  const change = useAppState((state) => state.negotiationEvaluationEvents.formChanged);
  return (
    <div className="contest-form__adapter">
      <Checkbox
        size="xs"
        label={name}
        description={step === 0 ? 'Adapter, not trained yet' : `Adapter, ${step} ${step === 1 ? 'update' : 'updates'}`}
        checked={chosen !== undefined}
        disabled={isFull && chosen === undefined}
        onChange={() => change((form) => withAdapterChosen(form, id))}
      />
      {chosen !== undefined && (
        <NativeSelect
          size="xs"
          aria-label={`${name} stands beside`}
          data={ROLES}
          value={chosen.role ?? 'none'}
          onChange={(event) => {
            const { value } = event.currentTarget;
            const role = value === 'multi' || value === 'single' ? value : null;
            change((form) => withAdapterRole(form, id, role));
          }}
        />
      )}
    </div>
  );
}
