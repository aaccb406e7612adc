import './model-chooser.css';
import { Button, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { useState, type DragEvent, type ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { CATALOGUE, type CatalogueEntry } from '@/protocol/model-catalogue.ts';
import type { LoadOptions, ModelSource } from '@/protocol/model.ts';
import { isRunActive } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import { LoadProgressLine } from './load-progress.tsx';
import { useModelLoading } from './model-loading.tsx';

const DEFAULT_CONTEXT_LENGTH = 4096;

interface ModelChooserProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Choose what to load: the catalogue, a file of one's own, or an address. */
export function ModelChooser({ isOpen, onClose }: ModelChooserProps): ReactElement {
  const { load, unload } = useModelLoading();
  const failure = useAppState((state) => state.model.failure);
  const isReady = useAppState((state) => state.model.status === 'ready');
  const isRunning = useAppState((state) => isRunActive(state.live));
  const [options, setOptions] = useState<LoadOptions>({ contextLength: DEFAULT_CONTEXT_LENGTH, kvType: 'f32' });

  const choose = (source: ModelSource): void => load(source, options);
  return (
    <Modal opened={isOpen} onClose={onClose} title="Model" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <div className="chooser">
        {isRunning && <p>A run is using the model. Stop it before you load another one.</p>}
        {failure !== null && (
          <Notice what="The model was not loaded." why={failure.message} remedy={FAILURES[failure.code]} />
        )}
        <LoadProgressLine />
        <div>
          {CATALOGUE.map((entry) => (
            <CatalogueRow key={entry.id} entry={entry} isDisabled={isRunning} onChoose={() => choose(entry.id)} />
          ))}
        </div>
        <OwnFile isDisabled={isRunning} onChoose={choose} />
        <OwnAddress isDisabled={isRunning} onChoose={choose} />
        <MemoryOptions options={options} onChange={setOptions} />
        {isReady && (
          <div>
            <Button variant="default" disabled={isRunning} onClick={unload}>
              Unload and free the GPU
            </Button>
          </div>
        )}
      </div>
    </Modal>
  );
}

interface CatalogueRowProps {
  readonly entry: CatalogueEntry;
  readonly isDisabled: boolean;
  readonly onChoose: () => void;
}

function CatalogueRow({ entry, isDisabled, onChoose }: CatalogueRowProps): ReactElement {
  const status = useAppState((state) => (state.model.sourceId === entry.id ? state.model.status : 'none'));
  return (
    <article className="chooser__entry" aria-label={entry.name}>
      <h3>{entry.name}</h3>
      <p>{entry.summary}</p>
      <p className="chooser__facts">
        {entry.parameters} parameters · {formatBytes(entry.sizeBytes)} on disk and on the GPU, plus the cache ·{' '}
        {entry.license}
      </p>
      <Button disabled={isDisabled || status === 'loading'} onClick={onChoose} aria-label={`Load ${entry.name}`}>
        {status === 'ready' ? 'Load again' : 'Load'}
      </Button>
    </article>
  );
}

interface OwnSourceProps {
  readonly isDisabled: boolean;
  readonly onChoose: (source: ModelSource) => void;
}

function OwnFile({ isDisabled, onChoose }: OwnSourceProps): ReactElement {
  const [isOver, setIsOver] = useState(false);
  const chooseFiles = (files: FileList | null): void => {
    const chosen = [...(files ?? [])];
    if (chosen.length > 0 && !isDisabled) onChoose(chosen);
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    chooseFiles(event.dataTransfer.files);
  };
  return (
    <div
      className="chooser__group chooser__drop"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={onDrop}
    >
      <h3>A file of your own</h3>
      <p>Drop a GGUF file here (llama, qwen2 or qwen3), all its shards together. It stays on this machine.</p>
      <input
        type="file"
        accept=".gguf"
        multiple
        disabled={isDisabled}
        aria-label="GGUF file"
        onChange={(event) => chooseFiles(event.currentTarget.files)}
      />
    </div>
  );
}

function OwnAddress({ isDisabled, onChoose }: OwnSourceProps): ReactElement {
  const [address, setAddress] = useState('');
  return (
    <form
      className="chooser__row"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(address.trim());
      }}
    >
      <TextInput
        label="An address"
        description="https, from a server that allows cross-origin requests"
        placeholder="https://…/model.gguf"
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
      />
      <Button type="submit" size="sm" variant="default" disabled={isDisabled || address.trim() === ''}>
        Load address
      </Button>
    </form>
  );
}

interface MemoryOptionsProps {
  readonly options: LoadOptions;
  readonly onChange: (options: LoadOptions) => void;
}

function MemoryOptions({ options, onChange }: MemoryOptionsProps): ReactElement {
  return (
    <div className="chooser__row">
      <NumberInput
        label="Context"
        description="tokens that all blocks together can hold"
        min={256}
        max={131_072}
        step={256}
        value={options.contextLength ?? DEFAULT_CONTEXT_LENGTH}
        onChange={(value) => {
          if (typeof value === 'number') onChange({ ...options, contextLength: value });
        }}
      />
      <Select
        label="Cache"
        description="f16 halves its memory"
        data={['f32', 'f16']}
        allowDeselect={false}
        value={options.kvType ?? 'f32'}
        onChange={(value) => onChange({ ...options, kvType: value ?? 'f32' })}
      />
    </div>
  );
}
