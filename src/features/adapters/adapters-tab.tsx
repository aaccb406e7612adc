import { Button } from '@mantine/core';
import { useState, type DragEvent, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { AdapterRow } from './adapter-row.tsx';
import { AttachedPanel } from './attached-panel.tsx';
import { ImportButton } from './import-button.tsx';
import { NewAdapterForm } from './new-adapter-form.tsx';
import { OutcomeLine } from './outcome-line.tsx';
import type { Adapters } from './use-adapters.ts';

/** The list of the model's adapters, the one in use, and the ways to get one. */
export function AdaptersTab({ adapters }: { readonly adapters: Adapters }): ReactElement {
  const [isMaking, setIsMaking] = useState(false);
  const [isOver, setIsOver] = useState(false);
  const list = useAppState((state) => state.adapters);
  const modelName = useAppState((state) => state.model.name);
  const isTraining = useAppState((state) => state.fineTune.phase === 'running');
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    void adapters.importFiles([...event.dataTransfer.files]);
  };
  return (
    <div
      className="adapters__columns"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <section aria-labelledby="adapters-list">
        <div className="adapters__head">
          <h3 id="adapters-list">Adapters of {modelName}</h3>
          <Button disabled={isMaking || isTraining} onClick={() => setIsMaking(true)}>
            New adapter
          </Button>
          <ImportButton onFiles={(files) => void adapters.importFiles(files)} />
        </div>
        <p className="adapters__note">
          To import, choose or drop one .zip, or adapter_model.safetensors and adapter_config.json together.
        </p>
        <OutcomeLine outcome={adapters.outcome} />
        {isMaking && (
          <NewAdapterForm
            onCreate={async (name, config) => {
              if (await adapters.create(name, config)) setIsMaking(false);
            }}
            onCancel={() => setIsMaking(false)}
          />
        )}
        {list !== null && list.adapters.length === 0 && !isMaking && <EmptyList />}
        <ul className="adapters__list" aria-label="Adapters">
          {list?.adapters.map((adapter) => (
            <AdapterRow
              key={adapter.id}
              adapter={adapter}
              isAttached={list.attached?.id === adapter.id}
              isLocked={isTraining}
              actions={adapters}
            />
          ))}
        </ul>
        {isTraining && <p className="adapters__note">Adapters cannot be attached or deleted during training.</p>}
        {list !== null && list.numOfOtherModels > 0 && (
          <p className="adapters__note">{othersText(list.numOfOtherModels)}</p>
        )}
      </section>
      <AttachedPanel actions={adapters} />
    </div>
  );
}

function othersText(count: number): string {
  if (count === 1) return '1 adapter belongs to another model; it is listed when that model is loaded.';
  return `${count} adapters belong to other models; they are listed when those models are loaded.`;
}

function EmptyList(): ReactElement {
  return (
    <p className="adapters__empty">
      An adapter (LoRA) is a small set of numbers beside the model’s weights that changes how it answers. It is trained
      without touching the model, and can be switched on and off or blended in at any time. Make a new one and train it
      under Fine-tune, or import one that PEFT has saved.
    </p>
  );
}
