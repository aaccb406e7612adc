import { Button, Progress, SegmentedControl } from '@mantine/core';
import { useId, useSyncExternalStore, type ReactElement } from 'react';
import { webLlm } from '@/client/web-llm-chat.ts';
import { findWebLlmBuild, WEB_LLM_MODELS } from '@/client/web-llm-models.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { intoView } from './into-view.ts';
import type { JudgeFieldsProps } from './judge-fields.tsx';

type BuildType = 'f16' | 'f32';

/** Which model of web-llm judges, and its load. */
export function WebLlmFields({ form, onChange }: JudgeFieldsProps): ReactElement {
  const name = useId();
  const hasF16 = useAppState((state) => state.model.device?.features.includes('shader-f16') ?? true);
  const chosen = findWebLlmBuild(form.webLlmModel);
  const type: BuildType = chosen?.type ?? 'f16';
  const choose = (next: BuildType): void => {
    if (chosen !== undefined) onChange({ webLlmModel: chosen.model[next].id });
  };
  return (
    <div className="judge-fields">
      <fieldset className="web-llm">
        <legend>Model and its GPU memory</legend>
        {WEB_LLM_MODELS.map((model) => (
          <label key={model.name} className="web-llm__model">
            <input
              type="radio"
              name={name}
              checked={chosen?.model === model}
              onChange={() => onChange({ webLlmModel: model[type].id })}
            />
            <span>{model.name}</span>
            <span className="web-llm__size">{model[type].megabytes.toLocaleString('en')} MB</span>
            <span className="web-llm__note">{model.note}</span>
          </label>
        ))}
      </fieldset>
      <div className="web-llm__build">
        <SegmentedControl
          size="xs"
          aria-label="Build"
          value={type}
          onChange={(value) => choose(value)}
          data={[
            { value: 'f16', label: 'f16, smaller' },
            { value: 'f32', label: 'f32, every GPU' },
          ]}
        />
        {!hasF16 && type === 'f16' && (
          <span className="web-llm__warning" role="status">
            This GPU has no shader-f16: choose f32.
          </span>
        )}
      </div>
      <p className="judge-advice">
        It is a second engine on the same GPU, beside the loaded model. Its files come from huggingface.co the first
        time and stay in the browser.
      </p>
      <WebLlmState model={form.webLlmModel} />
    </div>
  );
}

function WebLlmState({ model }: { readonly model: string }): ReactElement {
  const status = useSyncExternalStore(webLlm.subscribe, webLlm.status);
  const load = (): void => {
    // What becomes of it is its status.
    webLlm.load(model).catch(() => undefined);
  };
  if (status.kind === 'loading')
    return (
      <div className="web-llm__state">
        <Progress
          value={status.progress.share * 100}
          aria-label={`Loading ${nameOf(status.model)}`}
          color="ink"
          transitionDuration={0}
        />
        <p className="web-llm__said">
          Loading {nameOf(status.model)}, {Math.round(status.progress.share * 100)} %. {status.progress.text}
        </p>
        <Button variant="default" onClick={() => webLlm.unload()}>
          Cancel loading
        </Button>
      </div>
    );
  const isReady = status.kind === 'ready' && status.model === model;
  return (
    <div className="web-llm__state">
      {status.kind === 'failed' && status.model === model && (
        <div ref={intoView}>
          <Notice what={`${nameOf(model)} was not loaded`} why={status.why} remedy="" />
        </div>
      )}
      <div className="judge-actions">
        {isReady ? (
          <Button variant="default" onClick={() => webLlm.unload()}>
            Unload
          </Button>
        ) : (
          <Button variant="default" onClick={load}>
            Load now
          </Button>
        )}
        <span className="judge-note" role="status">
          {isReady ? `${nameOf(model)} is loaded.` : waitingText(status.kind === 'ready' ? status.model : null)}
        </span>
      </div>
    </div>
  );
}

/** @param other  the model that is loaded in its place */
function waitingText(other: string | null): string {
  return other === null ? 'Otherwise with the first answer.' : `It takes the place of ${nameOf(other)}.`;
}

function nameOf(id: string): string {
  return findWebLlmBuild(id)?.model.name ?? id;
}
