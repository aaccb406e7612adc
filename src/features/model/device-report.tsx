import './device-report.css';
import { Button, CopyButton } from '@mantine/core';
import { useEffect, type CSSProperties, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { DeviceReport, KernelTuning, MemoryReport } from '@/protocol/model.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { formatBytes, formatMicroseconds } from '@/ui/format.ts';
import { QuantizationLine } from './quantization-line.tsx';
import { SpeedSection } from './speed-section.tsx';

const MEMORY_POLL_MS = 1000;

const OWNERS: readonly { readonly key: Exclude<keyof MemoryReport, 'total'>; readonly name: string; tone: string }[] = [
  { key: 'weights', name: 'Weights', tone: 'var(--ink-soft)' },
  { key: 'kvCache', name: 'KV cache', tone: 'var(--actor-thinker)' },
  { key: 'activations', name: 'Activations', tone: 'var(--actor-writer)' },
  { key: 'training', name: 'Training', tone: 'var(--actor-user)' },
  { key: 'other', name: 'Other', tone: 'var(--line-strong)' },
];

interface DeviceReportDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** What the engine runs on: adapter, memory by owner (live), kernel tuning, features and limits. */
export function DeviceReportDialog({ isOpen, onClose }: DeviceReportDialogProps): ReactElement {
  const duet = useDuet();
  const report = useAppState((state) => state.model.device);

  useEffect(() => {
    if (!isOpen) return undefined;
    const measure = (): void => {
      duet.memory().catch(() => undefined);
    };
    duet.device().catch(() => undefined);
    const timer = setInterval(measure, MEMORY_POLL_MS);
    return () => clearInterval(timer);
  }, [isOpen, duet]);

  return (
    <Dialog title="Device" isOpen={isOpen} onClose={onClose} isLocked={false} isFullScreen={false}>
      {report === null ? <p>Asking the browser for its adapter.</p> : <ReportBody report={report} />}
    </Dialog>
  );
}

function ReportBody({ report }: { readonly report: DeviceReport }): ReactElement {
  const memory = useAppState((state) => state.model.memory);
  return (
    <div className="report">
      <section>
        <h3>Adapter</h3>
        <dl>
          <dt>Vendor</dt>
          <dd>{report.vendor || 'not told by the browser'}</dd>
          <dt>Architecture</dt>
          <dd>{report.architecture || 'not told by the browser'}</dd>
          {report.description !== '' && (
            <>
              <dt>Description</dt>
              <dd>{report.description}</dd>
            </>
          )}
          {report.available && (
            <>
              <dt>Computes on</dt>
              <dd>{report.isSoftware ? 'the CPU (software adapter): correct, but slow' : 'the GPU'}</dd>
            </>
          )}
          {report.reason !== null && (
            <>
              <dt>Not available</dt>
              <dd>{report.reason}</dd>
            </>
          )}
        </dl>
      </section>
      <MemorySection memory={memory} />
      <SpeedSection speed={report.speed} />
      <TuningSection tuning={report.tuning} />
      <section>
        <h3>Features</h3>
        <p>{report.features.length === 0 ? 'None beyond the core.' : report.features.join(', ')}</p>
      </section>
      <LimitsSection report={report} />
      <p>
        Where it does not work, and what to do in each browser:{' '}
        <a className="report__link" href="docs/troubleshooting.html" target="_blank" rel="noreferrer">
          troubleshooting
        </a>
        , in the{' '}
        <a className="report__link" href="docs/index.html" target="_blank" rel="noreferrer">
          documents
        </a>
        .
      </p>
      <CopyButton value={JSON.stringify({ ...report, memory }, null, 2)}>
        {({ copied, copy }) => (
          <div>
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy as JSON'}
            </Button>
          </div>
        )}
      </CopyButton>
    </div>
  );
}

function MemorySection({ memory }: { readonly memory: MemoryReport }): ReactElement {
  return (
    <section aria-label="GPU memory">
      <h3>GPU memory: {formatBytes(memory.total)}</h3>
      <div className="report__bar" aria-hidden="true">
        {OWNERS.map(({ key, tone }) => (
          <span key={key} style={{ '--tone': tone, flexGrow: memory[key] } as CSSProperties} />
        ))}
      </div>
      <dl>
        {OWNERS.map(({ key, name, tone }) => (
          <OwnerRow key={key} name={name} tone={tone} bytes={memory[key]} />
        ))}
      </dl>
      <QuantizationLine />
    </section>
  );
}

function OwnerRow({ name, tone, bytes }: { name: string; tone: string; bytes: number }): ReactElement {
  return (
    <>
      <dt>
        <span className="report__swatch" style={{ '--tone': tone } as CSSProperties} aria-hidden="true" />
        {name}
      </dt>
      <dd>{formatBytes(bytes)}</dd>
    </>
  );
}

const SHAPE_NAMES: Readonly<Record<KernelTuning['kernelShape'], string>> = {
  threadPerRows: 'one thread per rows',
  workgroupPerRows: 'one workgroup per rows',
};

const ORIGINS: Readonly<Record<KernelTuning['origin'], string>> = {
  measured: 'measured at this load',
  cached: 'measured at an earlier load on this adapter',
  chosen: 'chosen by the caller',
};

function TuningSection({ tuning }: { readonly tuning: KernelTuning | null }): ReactElement {
  return (
    <section>
      <h3>Kernel tuning</h3>
      {tuning === null ? (
        <p>Filled in when a model is loaded.</p>
      ) : (
        <>
          <dl>
            <dt>Products use</dt>
            <dd>
              {SHAPE_NAMES[tuning.kernelShape]} where nothing else was chosen, {ORIGINS[tuning.origin]}
            </dd>
          </dl>
          <TuningTimes tuning={tuning} />
        </>
      )}
    </section>
  );
}

function TuningTimes({ tuning }: { readonly tuning: KernelTuning }): ReactElement | null {
  const times = Object.entries(tuning.measuredUs);
  if (times.length === 0) return null;
  return (
    <details>
      <summary>{times.length} measured times per product</summary>
      <dl>
        {times.map(([shape, microseconds]) => (
          <TimingRow key={shape} shape={shape} microseconds={microseconds} />
        ))}
      </dl>
    </details>
  );
}

function TimingRow({ shape, microseconds }: { shape: string; microseconds: number }): ReactElement {
  return (
    <>
      <dt>{shape}</dt>
      <dd>{formatMicroseconds(microseconds)}</dd>
    </>
  );
}

function LimitsSection({ report }: { readonly report: DeviceReport }): ReactElement {
  const names = Object.keys(report.adapterLimits).toSorted();
  return (
    <section>
      <h3>Limits</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Limit</th>
            <th scope="col">Adapter offers</th>
            <th scope="col">Engine asked for</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{report.adapterLimits[name]?.toLocaleString('en')}</td>
              <td>{report.requestedLimits[name]?.toLocaleString('en') ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
