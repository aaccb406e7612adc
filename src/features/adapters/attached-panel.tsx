import { Slider, Switch } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { AdapterInfo } from '@/protocol/training-api.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { CheckpointList } from './checkpoint-list.tsx';
import type { AdapterActions } from './use-adapters.ts';

/** The adapter in use: how much of it, and its checkpoints. */
export function AttachedPanel({ actions }: { readonly actions: AdapterActions }): ReactElement {
  const adapters = useAppState((state) => state.adapters);
  const attached = attachedAdapter(adapters);
  return (
    <section className="attached" aria-labelledby="attached">
      <h3 id="attached">{attached === null ? 'In use: none' : `In use: ${attached.adapter.name}`}</h3>
      {attached === null ? (
        <p className="adapters__note">
          The model answers as it was loaded. Attach an adapter of the list, and here will be how much of it is applied,
          and the checkpoints of its training.
        </p>
      ) : (
        <>
          <Blend key={attached.adapter.id} adapter={attached.adapter} blend={attached.blend} actions={actions} />
          <CheckpointList adapter={attached.adapter} actions={actions} />
        </>
      )}
    </section>
  );
}

interface BlendProps {
  readonly adapter: AdapterInfo;
  readonly blend: number;
  readonly actions: AdapterActions;
}

function Blend({ adapter, blend, actions }: BlendProps): ReactElement {
  /** What is chosen and not applied yet. */
  const [pending, setPending] = useState<number | null>(null);
  /** What switching on goes back to. */
  const [lastShare, setLastShare] = useState(100);
  const percent = pending ?? Math.round(blend * 100);
  const apply = async (value: number): Promise<void> => {
    setPending(value);
    if (value > 0) setLastShare(value);
    await actions.attach(adapter, value / 100);
    setPending((current) => (current === value ? null : current));
  };
  return (
    <div className="blend">
      <div className="blend__head">
        <span id="blend-label">Blend</span>
        <output aria-hidden="true">{percent} %</output>
        <Switch
          label="Applied"
          labelPosition="left"
          color="ink"
          checked={percent > 0}
          onChange={(event) => void apply(event.currentTarget.checked ? lastShare : 0)}
        />
      </div>
      <Slider
        color="ink"
        min={0}
        max={100}
        step={5}
        value={percent}
        label={null}
        thumbProps={{ 'aria-labelledby': 'blend-label', 'aria-valuetext': `${percent} %` }}
        marks={[{ value: 0 }, { value: 25 }, { value: 50 }, { value: 75 }, { value: 100 }]}
        onChange={setPending}
        onChangeEnd={(value) => void apply(value)}
      />
      <p className="adapters__note">0 % is the model as it was, 100 % the adapter as it was trained.</p>
    </div>
  );
}
