import './model-fields.css';
import { Button, Progress, SegmentedControl } from '@mantine/core';
import { useId, type ReactElement } from 'react';
import { intoView } from './into-view.ts';
import { Notice } from './notice.tsx';

type BuildType = 'f16' | 'f32';

interface Build {
  readonly id: string;
  /** GPU memory, MB. */
  readonly megabytes: number;
}

interface PickedModel {
  readonly name: string;
  /** In a few words; may be empty. */
  readonly note: string;
  readonly f16: Build;
  readonly f32: Build;
}

type LoadStatus =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'loading';
      readonly model: string;
      readonly progress: { readonly share: number; readonly text: string };
    }
  | { readonly kind: 'ready'; readonly model: string }
  | { readonly kind: 'failed'; readonly model: string; readonly why: string };

interface WebLlmPickerProps {
  readonly models: readonly PickedModel[];
  /** Id of a build. */
  readonly chosen: string;
  readonly hasF16: boolean;
  readonly status: LoadStatus;
  readonly onChoose: (id: string) => void;
  readonly onLoad: () => void;
  /** Cancels a load under way too. */
  readonly onUnload: () => void;
}

/** Which model of web-llm answers, and its load. */
export function WebLlmPicker(props: WebLlmPickerProps): ReactElement {
  const { models, chosen, hasF16, onChoose } = props;
  const name = useId();
  const model = models.find(({ f16, f32 }) => f16.id === chosen || f32.id === chosen);
  const type: BuildType = model?.f32.id === chosen ? 'f32' : 'f16';
  return (
    <div className="model-fields">
      <fieldset className="web-llm">
        <legend>Model and its GPU memory</legend>
        {models.map((one) => (
          <label key={one.name} className="web-llm__model">
            <input type="radio" name={name} checked={model === one} onChange={() => onChoose(one[type].id)} />
            <span>{one.name}</span>
            <span className="web-llm__size">{one[type].megabytes.toLocaleString('en')} MB</span>
            <span className="web-llm__note">{one.note}</span>
          </label>
        ))}
      </fieldset>
      <div className="web-llm__build">
        <SegmentedControl
          size="xs"
          aria-label="Build"
          value={type}
          onChange={(value) => {
            if (model !== undefined) onChoose(model[value].id);
          }}
          data={[
            { value: 'f16', label: 'f16, smaller' },
            { value: 'f32', label: 'f32, without shader-f16' },
          ]}
        />
        {!hasF16 && type === 'f16' && (
          <span className="web-llm__warning" role="status">
            This GPU has no shader-f16: choose f32.
          </span>
        )}
      </div>
      <p className="model-fields__advice">
        It is a second engine on the same GPU, beside the loaded model. Its files come from huggingface.co and
        raw.githubusercontent.com the first time and stay in the browser.
      </p>
      <LoadState {...props} />
    </div>
  );
}

function LoadState({ models, chosen, status, onLoad, onUnload }: WebLlmPickerProps): ReactElement {
  const nameOf = (id: string): string => models.find(({ f16, f32 }) => f16.id === id || f32.id === id)?.name ?? id;
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
        <Button variant="default" onClick={onUnload}>
          Cancel loading
        </Button>
      </div>
    );
  const isReady = status.kind === 'ready' && status.model === chosen;
  const other = status.kind === 'ready' ? status.model : null;
  return (
    <div className="web-llm__state">
      {status.kind === 'failed' && status.model === chosen && (
        <div ref={intoView}>
          <Notice what={`${nameOf(chosen)} was not loaded`} why={status.why} remedy="" />
        </div>
      )}
      <div className="web-llm__actions">
        <Button variant="default" onClick={isReady ? onUnload : onLoad}>
          {isReady ? 'Unload' : 'Load now'}
        </Button>
        <span className="model-fields__advice" role="status">
          {isReady && `${nameOf(chosen)} is loaded.`}
          {!isReady &&
            (other === null ? 'Otherwise with the first answer.' : `It takes the place of ${nameOf(other)}.`)}
        </span>
      </div>
    </div>
  );
}
