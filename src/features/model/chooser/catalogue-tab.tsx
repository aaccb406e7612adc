import { Button, SegmentedControl, Switch } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import type { ModelSource } from '@/protocol/model.ts';
import { quantizationOf } from '@/state/model-address.ts';
import {
  catalogueRows,
  memoryText,
  suitText,
  type CatalogueRow,
  type CatalogueView,
  type DeviceRoom,
} from '@/state/model-choice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes } from '@/ui/format.ts';
import { FitBadge } from './fit-badge.tsx';
import type { ChosenOptions } from './memory-options.tsx';

interface CatalogueTabProps {
  readonly options: ChosenOptions;
  /** While a run uses the model. */
  readonly isLocked: boolean;
  readonly onLoad: (source: ModelSource) => void;
}

/** What is known of the device, for fits. */
export function useDeviceRoom(): DeviceRoom {
  return useAppState(useShallow((state) => ({ measurement: state.memoryMeasurement, device: state.model.device })));
}

/** The models of the catalogue, with what each takes. */
export function CatalogueTab({ options, isLocked, onLoad }: CatalogueTabProps): ReactElement {
  const room = useDeviceRoom();
  const storage = useAppState((state) => state.storageReport);
  const [view, setView] = useState<CatalogueView>({ order: 'download', isFittingOnly: false });
  const isMeasured = room.measurement !== null;
  const rows = catalogueRows(CATALOGUE, options, room, storage, {
    ...view,
    isFittingOnly: view.isFittingOnly && isMeasured,
  });
  return (
    <>
      <div className="catalogue__bar">
        <Switch
          label="Fits this device"
          size="xs"
          color="ink"
          checked={view.isFittingOnly && isMeasured}
          disabled={!isMeasured}
          title={isMeasured ? undefined : 'Measure the memory first'}
          onChange={(event) => setView({ ...view, isFittingOnly: event.currentTarget.checked })}
        />
        <SegmentedControl
          size="xs"
          aria-label="Order"
          value={view.order}
          onChange={(order) => setView({ ...view, order })}
          data={[
            { value: 'download', label: 'by download' },
            { value: 'memory', label: 'by memory' },
          ]}
        />
        <span className="catalogue__count">
          {rows.length} of {CATALOGUE.length} models
        </span>
      </div>
      {rows.length === 0 && (
        <p className="chooser__empty">
          None of them fits into the memory that was found. A shorter context and an f16 cache take less.
        </p>
      )}
      {rows.map((row) => (
        <CatalogueEntryRow key={row.entry.id} row={row} isLocked={isLocked} onLoad={onLoad} />
      ))}
    </>
  );
}

interface CatalogueEntryRowProps {
  readonly row: CatalogueRow;
  readonly isLocked: boolean;
  readonly onLoad: (source: ModelSource) => void;
}

function CatalogueEntryRow({ row, isLocked, onLoad }: CatalogueEntryRowProps): ReactElement {
  const { entry, totalBytes, fit, copy } = row;
  const status = useAppState((state) => (state.model.sourceId === entry.id ? state.model.status : 'none'));
  const facts = [`${entry.parameters} parameters`, quantizationOf(entry.url), entry.license].filter(
    (fact) => fact !== null,
  );
  return (
    <article className="catalogue__entry" aria-label={entry.name}>
      <div className="catalogue__what">
        <h3>
          {entry.name} {entry.isReasoning && <span className="catalogue__mark">thinks</span>}
        </h3>
        <p>{entry.summary}</p>
        <p className="catalogue__facts">{facts.join(' · ')}</p>
        <p className="catalogue__facts">{suitText(entry.suits)}</p>
      </div>
      <div className="catalogue__memory">
        <span>
          <strong>{formatBytes(totalBytes)}</strong> on the GPU
        </span>
        <FitBadge fit={fit} more={memoryText(row)} />
      </div>
      <div className="catalogue__load">
        <Button
          variant={status === 'ready' ? 'default' : 'filled'}
          disabled={isLocked || status === 'loading'}
          onClick={() => onLoad(entry.id)}
        >
          {status === 'ready' ? 'Load again' : 'Load'}
          <span className="visually-hidden"> {entry.name}</span>
        </Button>
        <span>{downloadText(row, copy)}</span>
      </div>
    </article>
  );
}

/** How long a download takes nobody knows before it; its size is known. */
function downloadText({ entry }: CatalogueRow, copy: CatalogueRow['copy']): string {
  const size = formatBytes(entry.sizeBytes);
  if (copy?.state === 'complete') return 'downloaded already';
  if (copy?.state === 'partial') return `${formatBytes(copy.sizeBytes)} of ${size} are here`;
  return `${size} to download`;
}
