import './files.css';
import { Button } from '@mantine/core';
import { useRef, type ReactElement } from 'react';
import type { MemoryEstimate } from '@/protocol/model-fit.ts';
import { fitOfEstimate } from '@/state/model-choice.ts';
import { formatBytes } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import { useDeviceRoom } from './catalogue-tab.tsx';
import { FitBadge } from './fit-badge.tsx';
import type { ChosenFiles, FileChoice } from './use-chosen-files.ts';

interface FilesTabProps {
  readonly choice: FileChoice;
  readonly isLocked: boolean;
}

/** Files of one's own, by button or dropped anywhere on the page. */
export function FilesTab({ choice, isLocked }: FilesTabProps): ReactElement {
  return (
    <>
      {/* Above the rest: dropped from anywhere, it has to be in sight. */}
      {choice.chosen !== null && <ChosenView choice={choice} chosen={choice.chosen} isLocked={isLocked} />}
      <div className="own-files">
        <p>
          Drop a GGUF file here or anywhere on the page, all shards of a model together, or a folder with safetensors or
          MLC weights. It is read on this machine and never uploaded.
        </p>
        <div className="own-files__buttons">
          <FilesButton label="Choose files" name="Model files" isFolder={false} onFiles={choice.choose} />
          <FilesButton label="Choose a folder" name="Model folder" isFolder onFiles={choice.choose} />
        </div>
        <p className="own-files__note">
          What clearly fits is loaded at once. For more than that you see first what it takes. Models of the llama,
          qwen2 and qwen3 architectures work.
        </p>
      </div>
    </>
  );
}

interface FilesButtonProps {
  readonly label: string;
  /** Of the file input. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** React's types do not know it. */
const FOLDER = { webkitdirectory: '' };

function FilesButton({ label, name, isFolder, onFiles }: FilesButtonProps): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button variant="default" onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        {...(isFolder && FOLDER)}
        className="visually-hidden"
        aria-label={name}
        tabIndex={-1}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])].filter(({ name: each }) => !each.startsWith('.'));
          if (files.length > 0) onFiles(files);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}

interface ChosenViewProps extends FilesTabProps {
  readonly chosen: ChosenFiles;
}

function ChosenView({ choice, chosen: { files, known }, isLocked }: ChosenViewProps): ReactElement {
  const name = namesOf(files);
  if (known.kind === 'refused')
    return (
      <Notice
        what={`${name} cannot be loaded`}
        {...known.refusal}
        action={
          <Button variant="default" onClick={choice.clear}>
            Put away
          </Button>
        }
      />
    );
  const sizeBytes = files.reduce((sum, { size }) => sum + size, 0);
  return (
    <section className="own-files__chosen" aria-label="Chosen files">
      <h3 dir="auto">{name}</h3>
      <p>{formatBytes(sizeBytes)} on disk</p>
      {known.kind === 'estimated' ? (
        <EstimateView estimate={known.estimate} />
      ) : (
        <p role="status">Reading its header.</p>
      )}
      <div className="own-files__buttons">
        <Button disabled={isLocked || known.kind === 'reading'} onClick={choice.load}>
          Load
        </Button>
        <Button variant="default" onClick={choice.clear}>
          Cancel
        </Button>
      </div>
    </section>
  );
}

function EstimateView({ estimate }: { readonly estimate: MemoryEstimate }): ReactElement {
  const fit = fitOfEstimate(estimate, useDeviceRoom());
  const { weightBytes, kvCacheBytes, activationBytes, totalBytes, contextLength, kvType } = estimate;
  return (
    <>
      <p className="own-files__total" role="status">
        <strong>{formatBytes(totalBytes)}</strong> on the GPU <FitBadge fit={fit} />
      </p>
      <p className="own-files__note">
        {formatBytes(weightBytes)} of weights, {formatBytes(kvCacheBytes)} of cache for{' '}
        {contextLength.toLocaleString('en')} tokens as {kvType}, {formatBytes(activationBytes)} of activations.
      </p>
      {fit.kind === 'doesNotFit' && <p className="own-files__warning">{fit.why}</p>}
    </>
  );
}

/** A file, or the first of several. */
function namesOf(files: readonly File[]): string {
  const [first] = files;
  const folder = first?.webkitRelativePath.split('/')[0] ?? '';
  if (folder !== '') return `${folder}, ${files.length} files`;
  return files.length > 1 ? `${first?.name} and ${files.length - 1} more` : (first?.name ?? '');
}
