import { Button, Progress } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { StorageBackend, StorageCheck, StoredModel } from '@/protocol/model-storage.ts';
import type { ModelSource } from '@/protocol/model.ts';
import { Confirmation } from '@/ui/confirmation.tsx';
import { formatBytes } from '@/ui/format.ts';
import type { RunningCheck, Storage } from './use-storage.ts';

interface StorageRowProps {
  readonly model: StoredModel;
  readonly storage: Storage;
  readonly isLocked: boolean;
  readonly onLoad: (source: ModelSource) => void;
}

const BACKENDS: Readonly<Record<StorageBackend, string | null>> = {
  duet: null,
  webLlmCache: 'Cache API',
  webLlmIndexedDb: 'IndexedDB',
  webLlmOpfs: 'private file system',
};

/** One kept model: how much of it there is, its state, and what can be done with it. */
export function StorageRow({ model, storage, isLocked, onLoad }: StorageRowProps): ReactElement {
  const [isAsking, setIsAsking] = useState(false);
  const running = storage.running?.id === model.id ? storage.running : null;
  const finding = storage.outcome.findings[model.id];
  const { source } = model;
  return (
    <li className="stored__row" data-state={model.state} aria-label={model.name}>
      <div className="stored__what">
        <strong dir="auto">{model.name}</strong>
        <span>{factsText(model)}</span>
        {model.state !== 'complete' && <span className="stored__state">{stateText(model)}</span>}
        {finding !== undefined && <FindingLine finding={finding} />}
      </div>
      {running === null ? (
        <div className="stored__actions">
          {source !== null && model.state !== 'damaged' && (
            <Button disabled={isLocked} onClick={() => onLoad(source)}>
              {model.state === 'partial' ? 'Resume' : 'Load'}
            </Button>
          )}
          {model.state !== 'partial' && (
            <Button variant="default" disabled={storage.running !== null} onClick={() => void storage.check(model)}>
              Check
            </Button>
          )}
          <Button variant="default" onClick={() => setIsAsking(true)}>
            Delete
          </Button>
        </div>
      ) : (
        <CheckProgress running={running} name={model.name} />
      )}
      {isAsking && (
        <Confirmation
          question={`Delete ${model.name}, ${formatBytes(model.sizeBytes)}? It has to be downloaded again.`}
          yes="Delete it"
          no="Keep it"
          onYes={() => {
            setIsAsking(false);
            void storage.remove([model]);
          }}
          onNo={() => setIsAsking(false)}
        />
      )}
    </li>
  );
}

function factsText({ sizeBytes, numFiles, backend }: StoredModel): string {
  return [formatBytes(sizeBytes), numFiles === 1 ? '1 file' : `${numFiles} files`, BACKENDS[backend]]
    .filter((fact) => fact !== null)
    .join(' · ');
}

function stateText({ state, expectedBytes }: StoredModel): string {
  if (state === 'damaged') return 'Damaged: delete it, and load it again.';
  const whole = expectedBytes > 0 ? ` The whole has ${formatBytes(expectedBytes)}.` : '';
  return `The download broke off; loading it goes on from here.${whole}`;
}

function FindingLine({ finding }: { readonly finding: StorageCheck }): ReactElement {
  return (
    <span className={finding.isIntact ? 'stored__intact' : 'stored__state'} role="status">
      {finding.isIntact ? 'Intact.' : 'Damaged.'} {finding.finding}
    </span>
  );
}

function CheckProgress({ running, name }: { readonly running: RunningCheck; readonly name: string }): ReactElement {
  const { progress, cancel } = running;
  const share = progress === null || progress.totalBytes === 0 ? 0 : progress.loadedBytes / progress.totalBytes;
  return (
    <div className="stored__check">
      <Progress value={share * 100} color="ink" aria-label={`Checking ${name}`} transitionDuration={0} />
      <span>{Math.round(share * 100)} %</span>
      <Button variant="default" onClick={cancel}>
        Cancel check
      </Button>
    </div>
  );
}
