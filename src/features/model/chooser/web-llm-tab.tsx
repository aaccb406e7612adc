import './web-llm.css';
import { Button, Progress, SegmentedControl } from '@mantine/core';
import { useState, useSyncExternalStore, type ReactElement } from 'react';
import { webLlm } from '@/client/web-llm-chat.ts';
import { WEB_LLM_MODELS, webLlmName, type WebLlmModel } from '@/client/web-llm-models.ts';
import type { WebLlmStatus } from '@/client/web-llm.ts';
import { CHAT_CAPABILITIES, type ChatCapabilityName } from '@/protocol/chat.ts';
import type { StorageReport } from '@/protocol/model-storage.ts';
import { fitBeside } from '@/state/model-choice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { useDeviceRoom } from './catalogue-tab.tsx';
import { FitBadge } from './fit-badge.tsx';

type BuildType = 'f16' | 'f32';

/** What the panels would need and web-llm has not, each with its reason. */
const LACKS: readonly ChatCapabilityName[] = ['kvBlocks', 'promptLogProbs', 'gradients', 'adapters'];

/** The page's second engine: its models and its load. */
export function WebLlmTab(): ReactElement {
  // As the worker's own device report says; where it is not known yet, nothing is warned of.
  const hasF16 = useAppState((state) => state.model.device?.features.includes('shader-f16') ?? true);
  const [chosenType, setType] = useState<BuildType | null>(null);
  const type = chosenType ?? (hasF16 ? 'f16' : 'f32');
  const status = useSyncExternalStore(webLlm.subscribe, webLlm.status);
  return (
    <>
      <p className="second-engine__what">
        web-llm is a second engine in this page, with models and GPU memory of its own. It chats, judges, writes
        dilemmas and answers beside a comparison; its files come from huggingface.co and raw.githubusercontent.com.
      </p>
      <details className="second-engine__lacks">
        <summary>What it lacks for Thinking and for training</summary>
        <ul>
          {LACKS.map((name) => (
            <li key={name}>{CHAT_CAPABILITIES.webLlm[name].note}</li>
          ))}
        </ul>
      </details>
      <div className="chooser__status">
        <WebLlmStateLine status={status} />
      </div>
      <div className="catalogue__bar">
        <SegmentedControl
          size="xs"
          aria-label="Build"
          value={type}
          onChange={(value) => setType(value)}
          data={[
            { value: 'f16', label: 'f16, smaller' },
            { value: 'f32', label: 'f32, without shader-f16' },
          ]}
        />
        {!hasF16 && (
          <span className="second-engine__note" data-wrong={type === 'f16'}>
            This GPU has no shader-f16, which the f16 builds need.
          </span>
        )}
      </div>
      <ul className="hub__files">
        {WEB_LLM_MODELS.map((model) => (
          <BuildRow key={model.name} model={model} type={type} status={status} canRun={type === 'f32' || hasF16} />
        ))}
      </ul>
      <p className="second-engine__what">
        A model on a server (Ollama, llama.cpp, LM Studio, vLLM, a paid service) is set where it is used: in Chat, in
        Compare, and in Negotiation for the judge and for new dilemmas.
      </p>
    </>
  );
}

function isCopyOf(id: string): (state: { readonly storageReport: StorageReport | null }) => boolean {
  return ({ storageReport }) =>
    storageReport?.models.some(
      ({ backend, name, state }) => backend !== 'duet' && name === id && state === 'complete',
    ) ?? false;
}

interface BuildRowProps {
  readonly model: WebLlmModel;
  readonly type: BuildType;
  readonly status: WebLlmStatus;
  readonly canRun: boolean;
}

function BuildRow({ model, type, status, canRun }: BuildRowProps): ReactElement {
  const room = useDeviceRoom();
  const loadedBytes = useAppState((state) => state.model.memory.total);
  const { id, megabytes } = model[type];
  const isHere = useAppState(isCopyOf(id));
  const isCurrent = status.kind !== 'none' && status.model === id;
  const facts = [
    `${megabytes.toLocaleString('en')} MB on the GPU`,
    model.entry.isReasoning ? 'thinks' : null,
    `as a judge: ${model.note}`,
    model.entry.license,
    isHere ? 'weights are here' : null,
  ].filter((fact) => fact !== null);
  const load = (): void => {
    // What becomes of it is its status.
    webLlm.load(id).catch(() => undefined);
  };
  return (
    <li className="hub__file" aria-label={`${model.name}, web-llm`}>
      <div className="hub__name">
        <span>{model.name}</span>
        <small>{facts.join(' · ')}</small>
      </div>
      <FitBadge fit={fitBeside(megabytes * 1e6, loadedBytes, room)} />
      {isCurrent && status.kind === 'ready' ? (
        <Button variant="default" onClick={() => webLlm.unload()}>
          Unload<span className="visually-hidden"> {model.name}</span>
        </Button>
      ) : (
        <Button disabled={!canRun || (isCurrent && status.kind === 'loading')} onClick={load}>
          Load<span className="visually-hidden"> {model.name} into web-llm</span>
        </Button>
      )}
    </li>
  );
}

function WebLlmStateLine({ status }: { readonly status: WebLlmStatus }): ReactElement | null {
  switch (status.kind) {
    case 'none':
      return null;
    case 'loading':
      return (
        <div className="second-engine__load">
          <Progress
            value={status.progress.share * 100}
            color="ink"
            aria-label={`Loading ${webLlmName(status.model)}`}
            transitionDuration={0}
          />
          <p>
            Loading {webLlmName(status.model)}, {Math.round(status.progress.share * 100)} %. {status.progress.text}
          </p>
          <Button variant="default" onClick={() => webLlm.unload()}>
            Cancel web-llm’s load
          </Button>
        </div>
      );
    case 'ready':
      return (
        <p className="second-engine__what" role="status">
          <strong>{webLlmName(status.model)}</strong> is loaded into web-llm.
        </p>
      );
    case 'failed':
      return <Notice what={`${webLlmName(status.model)} was not loaded`} why={status.why} remedy="" />;
    default:
      return status satisfies never;
  }
}
