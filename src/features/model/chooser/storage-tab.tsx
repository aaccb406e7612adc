import './storage.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { StorageReport, StoredModel } from '@/protocol/model-storage.ts';
import type { ModelSource } from '@/protocol/model.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Confirmation } from '@/ui/confirmation.tsx';
import { formatBytes } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import { OfflineSection } from './offline-section.tsx';
import { StorageRow } from './storage-row.tsx';
import type { Storage } from './use-storage.ts';

interface StorageTabProps {
  readonly storage: Storage;
  readonly isLocked: boolean;
  readonly onLoad: (source: ModelSource) => void;
}

/** What of models the browser keeps, by whom it was put there, and what can be done about it. */
export function StorageTab({ storage, isLocked, onLoad }: StorageTabProps): ReactElement {
  const report = useAppState((state) => state.storageReport);
  const { failure } = storage.outcome;
  return (
    <>
      {failure !== null && <Notice {...failure} />}
      {report === null ? (
        <p className="chooser__empty">{failure === null ? 'Looking at what the browser keeps.' : ''}</p>
      ) : (
        <>
          <OfflineSection storage={storage} />
          <QuotaView report={report} storage={storage} />
          <StoredModels report={report} storage={storage} isLocked={isLocked} onLoad={onLoad} />
        </>
      )}
    </>
  );
}

interface QuotaViewProps {
  readonly report: StorageReport;
  readonly storage: Storage;
}

function QuotaView({ report, storage }: QuotaViewProps): ReactElement {
  const refresh = useRef<HTMLButtonElement>(null);
  // What was deleted took its buttons with it.
  useEffect(() => {
    if (document.activeElement === document.body) refresh.current?.focus();
  });
  const modelBytes = report.models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <section className="quota" aria-label="Room in the browser">
      <div className="quota__head">
        <p role="status">{quotaText(report)}</p>
        <Button ref={refresh} variant="default" onClick={() => void storage.refresh()}>
          Refresh
        </Button>
      </div>
      {report.quotaBytes !== null && report.quotaBytes > 0 && (
        <div className="quota__bar" aria-hidden="true">
          <span style={{ width: percentText(modelBytes, report.quotaBytes) }} data-of="models" />
          <span style={{ width: percentText(report.workBytes, report.quotaBytes) }} data-of="work" />
        </div>
      )}
      <ul className="quota__legend">
        <li data-of="models">models {formatBytes(modelBytes)}</li>
        <li data-of="work">adapters, checkpoints and training runs {formatBytes(report.workBytes)}</li>
      </ul>
      <PersistenceLine isPersistent={report.isPersistent} storage={storage} />
    </section>
  );
}

function percentText(bytes: number, of: number): string {
  return `${Math.min(100, (bytes / of) * 100).toFixed(2)}%`;
}

function quotaText({ usageBytes, quotaBytes }: StorageReport): string {
  if (usageBytes === null || quotaBytes === null) return 'This browser does not say how much it would keep.';
  const free = Math.max(0, quotaBytes - usageBytes);
  return `${formatBytes(usageBytes)} used by this page, ${formatBytes(free)} of ${formatBytes(quotaBytes)} left, as the browser estimates it.`;
}

function PersistenceLine({ isPersistent, storage }: { isPersistent: boolean; storage: Storage }): ReactElement {
  if (isPersistent) return <p className="quota__note">The browser promised not to clear any of it by itself.</p>;
  return (
    <div className="quota__head">
      <p className="quota__note">
        {storage.outcome.persistence === false
          ? 'The browser did not promise to keep it. Many decide by how often a page is visited, or whether it is bookmarked or installed; ask again later.'
          : 'When the disk runs full, the browser may clear all of it. It can be asked to promise not to.'}
      </p>
      <Button variant="default" onClick={() => void storage.requestPersistence()}>
        Ask to keep it
      </Button>
    </div>
  );
}

const KEEPERS = [
  { name: 'Kept by Duet', has: ({ backend }: StoredModel) => backend === 'duet' },
  { name: 'Kept by web-llm', has: ({ backend }: StoredModel) => backend !== 'duet' },
] as const;

function StoredModels({ report, storage, isLocked, onLoad }: StorageTabProps & QuotaViewProps): ReactElement {
  const [isAsking, setIsAsking] = useState(false);
  const { models } = report;
  if (models.length === 0)
    return (
      <p className="chooser__empty">
        No model is kept here. What is downloaded is kept, so that the next load needs no network; files of your own are
        not copied.
      </p>
    );
  const total = formatBytes(models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  return (
    <>
      {KEEPERS.map(({ name, has }) => {
        const kept = models.filter(has);
        if (kept.length === 0) return null;
        return (
          <section key={name} className="stored" aria-label={name}>
            <h3>{name}</h3>
            <ul>
              {kept.map((model) => (
                <StorageRow key={model.id} model={model} storage={storage} isLocked={isLocked} onLoad={onLoad} />
              ))}
            </ul>
          </section>
        );
      })}
      <div>
        <Button variant="default" disabled={storage.running !== null} onClick={() => setIsAsking(true)}>
          Delete all models, {total}
        </Button>
      </div>
      {isAsking && (
        <Confirmation
          question={`Delete all ${models.length} models, ${total}? Each has to be downloaded again. Adapters, runs and recordings stay.`}
          yes="Delete all"
          no="Keep them"
          onYes={() => {
            setIsAsking(false);
            void storage.remove(models);
          }}
          onNo={() => setIsAsking(false)}
        />
      )}
    </>
  );
}
