import { Button, TextInput } from '@mantine/core';
import { useRef, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { ModelSource } from '@/protocol/model.ts';
import { parseModelAddress, type ModelAddress } from '@/state/model-address.ts';
import { fitOfSize } from '@/state/model-choice.ts';
import {
  repositoryAddress,
  repositoryView,
  type RepositoryModel,
  type RepositoryView,
} from '@/state/repository-view.ts';
import { formatBytes } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import { useDeviceRoom } from './catalogue-tab.tsx';
import { FitBadge } from './fit-badge.tsx';
import { GATED_REMEDY, refusalOf, type Refusal } from './refusal.ts';

interface HuggingFaceTabProps {
  readonly isLocked: boolean;
  readonly onLoad: (source: ModelSource) => void;
}

type Repository = Extract<ModelAddress, { kind: 'repository' }>;

/** What was found, or why not. */
type Looked =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'looking'; readonly at: Repository }
  | { readonly kind: 'found'; readonly at: Repository; readonly view: RepositoryView }
  | { readonly kind: 'failed'; readonly at: Repository; readonly refusal: Refusal };

/** A repository of Hugging Face, or any address. The network is asked for nothing before the button is pressed. */
export function HuggingFaceTab({ isLocked, onLoad }: HuggingFaceTabProps): ReactElement {
  const duet = useDuet();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [looked, setLooked] = useState<Looked>({ kind: 'nothing' });
  /** Of the newest question; an older answer is dropped. */
  const asked = useRef<Repository | null>(null);
  const parsed = parseModelAddress(text);

  const look = async (at: Repository): Promise<void> => {
    asked.current = at;
    setLooked({ kind: 'looking', at });
    const found = await duet.listRepository(at.repo, at.revision ?? undefined).then(
      (files): Looked => ({ kind: 'found', at, view: repositoryView(files) }),
      (error: unknown): Looked => {
        const refusal = refusalOf(error);
        return refusal === null ? { kind: 'nothing' } : { kind: 'failed', at, refusal };
      },
    );
    if (asked.current === at) setLooked(found);
  };
  const submit = (): void => {
    setProblem(parsed.kind === 'problem' ? parsed.why : null);
    if (parsed.kind === 'repository') void look(parsed);
    if (parsed.kind === 'address') onLoad(parsed.url);
  };
  return (
    <>
      <form
        className="hub__form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextInput
          label="Repository or address"
          description="owner/name on Hugging Face; or any address of a GGUF file, or of a folder with MLC or safetensors weights"
          placeholder="Qwen/Qwen3-0.6B-GGUF"
          spellCheck={false}
          autoComplete="off"
          error={problem}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Button
          type="submit"
          size="sm"
          disabled={parsed.kind === 'empty' || looked.kind === 'looking' || (parsed.kind === 'address' && isLocked)}
        >
          {parsed.kind === 'address' ? 'Load address' : 'Look'}
        </Button>
      </form>
      <LookedView looked={looked} isLocked={isLocked} onLoad={onLoad} />
    </>
  );
}

interface LookedViewProps extends HuggingFaceTabProps {
  readonly looked: Looked;
}

function LookedView({ looked, isLocked, onLoad }: LookedViewProps): ReactElement {
  switch (looked.kind) {
    case 'nothing':
      return (
        <p className="chooser__empty">
          The page asks huggingface.co for the list of files when you press Look, and for a file when you load it; for
          nothing before. Other servers must let pages fetch from them (CORS). Models of the llama, qwen2 and qwen3
          architectures work.
        </p>
      );
    case 'looking':
      return (
        <p className="chooser__empty" role="status">
          Asking for the files of {looked.at.repo}.
        </p>
      );
    case 'failed':
      return (
        <Notice
          what={`${looked.at.repo} could not be listed`}
          why={looked.refusal.why}
          remedy={`${looked.refusal.remedy} ${GATED_REMEDY}`}
        />
      );
    case 'found':
      return <FoundView at={looked.at} view={looked.view} isLocked={isLocked} onLoad={onLoad} />;
    default:
      return looked satisfies never;
  }
}

interface FoundViewProps extends HuggingFaceTabProps {
  readonly at: Repository;
  readonly view: RepositoryView;
}

function FoundView({ at, view: { models, folder }, isLocked, onLoad }: FoundViewProps): ReactElement {
  const from = (path?: string): void => onLoad(repositoryAddress(at.repo, at.revision, path));
  return (
    <section className="hub__found" aria-label={`Files of ${at.repo}`}>
      <p role="status">
        <strong>{at.repo}</strong> {summaryOf(models, folder)}
      </p>
      {models.length > 0 && (
        <ul className="hub__files">
          {models.map((model) => (
            <FileRow key={model.path} model={model} isLocked={isLocked} onLoad={() => from(model.path)} />
          ))}
        </ul>
      )}
      {folder !== null && (
        <div>
          <Button disabled={isLocked} onClick={() => from()}>
            Load this folder, {formatBytes(folder.sizeBytes)}
          </Button>
        </div>
      )}
    </section>
  );
}

function summaryOf(models: readonly RepositoryModel[], folder: RepositoryView['folder']): string {
  if (models.length === 1) return 'has one model in GGUF files.';
  if (models.length > 1)
    return `has ${models.length} models in GGUF files. Take one that fits; Q4 is smaller, Q8 truer.`;
  if (folder?.format === 'MLC') return 'has weights in MLC’s format, which Duet’s engine and web-llm both read.';
  if (folder !== null)
    return 'has safetensors weights. They can be quantised at load; as they are, they take their full size.';
  return 'has neither GGUF files nor a folder of safetensors or MLC weights. Look for a repository whose name ends in GGUF.';
}

interface FileRowProps {
  readonly model: RepositoryModel;
  readonly isLocked: boolean;
  readonly onLoad: () => void;
}

function FileRow({ model, isLocked, onLoad }: FileRowProps): ReactElement {
  const room = useDeviceRoom();
  const facts = [
    model.quantization,
    model.numShards > 1 ? `${model.numShards} shards` : null,
    formatBytes(model.sizeBytes),
  ].filter((fact) => fact !== null);
  return (
    <li className="hub__file" aria-label={model.path}>
      <div className="hub__name">
        <span dir="auto">{model.path}</span>
        <small>{model.problem ?? facts.join(' · ')}</small>
      </div>
      {model.problem === null && (
        <>
          <FitBadge fit={fitOfSize(model.sizeBytes, room)} />
          <Button disabled={isLocked} onClick={onLoad}>
            Load<span className="visually-hidden"> {model.path}</span>
          </Button>
        </>
      )}
    </li>
  );
}
