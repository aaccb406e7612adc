import './offline-section.css';
import { Button, Progress } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useKeptPage } from '@/client/page-keeper.ts';
import { DEFAULT_MODEL_ID } from '@/protocol/model-catalogue.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes } from '@/ui/format.ts';
import { ReloadButton, UpdateText } from '../update-notice.tsx';
import { describeModelKept, describePageKept, useKeptModel, useOfflineState } from './offline-state.ts';
import type { RunningKeep, Storage } from './use-storage.ts';

/** Whether page and embedded model open without a network, what is missing, and how to get it. */
export function OfflineSection({ storage }: { readonly storage: Storage }): ReactElement {
  const state = useOfflineState();
  const page = useKeptPage();
  return (
    <section className="offline" aria-label="Without a network" data-state={state}>
      <p role="status">
        <strong>{HEADS[state]}</strong> {state === 'ready' && <ReadyText />}
      </p>
      {state === 'missing' && (
        <ul>
          {page.kept !== 'kept' && <li>{describePageKept(page)}</li>}
          <ModelItem storage={storage} />
        </ul>
      )}
      {page.hasUpdate && (
        <div className="offline__row">
          <UpdateText />
          <ReloadButton />
        </div>
      )}
    </section>
  );
}

const HEADS = { unknown: 'Offline: looking.', ready: 'Ready offline.', missing: 'Not ready offline.' } as const;

function ReadyText(): ReactElement {
  const isWithoutGpu = useAppState((state) => state.model.device?.available === false);
  return isWithoutGpu ? (
    <>The page and its recordings open without a network. No model can run in this browser.</>
  ) : (
    <>The page, its recordings and the embedded model open without a network.</>
  );
}

function ModelItem({ storage }: { readonly storage: Storage }): ReactNode {
  const kept = useKeptModel();
  const isLoading = useAppState(({ model }) => model.status === 'loading' && model.sourceId === DEFAULT_MODEL_ID);
  if (kept === 'unneeded' || kept?.state === 'complete') return null;
  if (storage.keeping !== null) return <KeepingItem keeping={storage.keeping} />;
  if (isLoading) return <li>The embedded model is being loaded; its copy is kept.</li>;
  return (
    <li className="offline__row">
      <span>{describeModelKept(kept)}</span>
      <Button onClick={() => void storage.keep(DEFAULT_MODEL_ID)}>{kept === null ? 'Keep it' : 'Fetch it'}</Button>
    </li>
  );
}

function KeepingItem({ keeping: { progress, cancel } }: { readonly keeping: RunningKeep }): ReactElement {
  const { loadedBytes = 0, totalBytes = 0, phase = 'download' } = progress ?? {};
  return (
    <li className="offline__row">
      <span>
        {phase === 'verify' ? 'Checking' : 'Fetching'} the embedded model: {formatBytes(loadedBytes)} of{' '}
        {formatBytes(totalBytes)}
      </span>
      <Progress
        className="offline__bar"
        value={totalBytes === 0 ? 0 : (loadedBytes / totalBytes) * 100}
        color="ink"
        aria-label="Keeping the embedded model"
        transitionDuration={0}
      />
      <Button variant="default" onClick={cancel} aria-label="Cancel keeping">
        Cancel
      </Button>
    </li>
  );
}

/** The same in a few words, for every place of the chooser. */
export function OfflineLine({ onShow }: { readonly onShow: () => void }): ReactElement {
  const state = useOfflineState();
  return (
    <button type="button" className="offline-line" data-state={state} onClick={onShow}>
      {HEADS[state].slice(0, -1)}
    </button>
  );
}
