import '@/ui/chips.css';
import type { ReactElement } from 'react';
import type { ModelView } from '@/state/model-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes } from '@/ui/format.ts';
import { percentOf } from './load-progress.tsx';

function describeModel(model: ModelView): string {
  switch (model.status) {
    case 'none':
      return 'no model';
    case 'loading': {
      const percent = percentOf(model.progress);
      return percent === null ? 'loading' : `loading ${percent.toFixed(0)} %`;
    }
    case 'ready':
      return 'ready';
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return 'failed';
    default:
      return model.status satisfies never;
  }
}

/** The model's name and state; opens the chooser. */
export function ModelChip({ onClick }: { readonly onClick: () => void }): ReactElement {
  const model = useAppState((state) => state.model);
  return (
    <button type="button" className="chip" data-status={model.status} aria-haspopup="dialog" onClick={onClick}>
      <span className="chip__dot" aria-hidden="true" />
      <span className="visually-hidden">Model: </span>
      {model.name !== '' && <strong className="chip__name">{model.name}</strong>}
      <span className="chip__state">{describeModel(model)}</span>
      {model.info !== null && <span className="chip__state chip__size">{formatBytes(model.info.fileBytes)}</span>}
    </button>
  );
}

/** GPU memory in use; opens the device report. */
export function GpuChip({ onClick }: { readonly onClick: () => void }): ReactElement {
  const total = useAppState((state) => state.model.memory.total);
  return (
    <button type="button" className="chip chip--fixed" aria-haspopup="dialog" onClick={onClick}>
      <span>GPU</span> <span className="chip__state">{formatBytes(total)}</span>
    </button>
  );
}
