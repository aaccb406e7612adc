import { useRef, useState } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { MemoryEstimate } from '@/protocol/model-fit.ts';
import { reasonNotToLoad } from '@/state/engine-use.ts';
import { fitOfEstimate, fitsClearly } from '@/state/model-choice.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import type { ChosenOptions } from './memory-options.tsx';
import { refusalOf, type Refusal } from './refusal.ts';

/** Files that were chosen or dropped, and what is known of them. */
export interface ChosenFiles {
  readonly files: readonly File[];
  readonly known:
    | { readonly kind: 'reading' }
    | { readonly kind: 'estimated'; readonly estimate: MemoryEstimate }
    | { readonly kind: 'refused'; readonly refusal: Refusal };
}

export interface FileChoice {
  /** Null: none, or they are loaded already. */
  readonly chosen: ChosenFiles | null;
  readonly choose: (files: readonly File[]) => void;
  /** Reads anew, for other options. */
  readonly reread: (options: ChosenOptions) => void;
  readonly load: () => void;
  readonly clear: () => void;
}

/**
 * Files are looked at before they are loaded. What clearly fits is loaded at once, unless something uses the model or a
 * load is under way; for more, the visitor is asked with the numbers: one dropped file should not cost a minute, or the
 * loaded model.
 */
export function useChosenFiles(options: ChosenOptions, onLoad: (files: readonly File[]) => void): FileChoice {
  const duet = useDuet();
  const store = useAppStore();
  const [chosen, setChosen] = useState<ChosenFiles | null>(null);
  const controller = useRef<AbortController | null>(null);

  const load = (files: readonly File[]): void => {
    setChosen(null);
    onLoad(files);
  };
  const isFree = (): boolean => {
    const state = store.getState();
    return state.model.status !== 'loading' && reasonNotToLoad(state) === null;
  };
  const read = async (files: readonly File[], wanted: ChosenOptions, isNew: boolean): Promise<void> => {
    controller.current?.abort();
    const current = new AbortController();
    controller.current = current;
    setChosen({ files, known: { kind: 'reading' } });
    try {
      const estimate = await duet.estimateModel(files, { ...wanted, signal: current.signal });
      if (controller.current !== current) return;
      const { memoryMeasurement: measurement, model } = store.getState();
      const fit = fitOfEstimate(estimate, { measurement, device: model.device });
      if (isNew && isFree() && fitsClearly(estimate, fit)) load(files);
      else setChosen({ files, known: { kind: 'estimated', estimate } });
    } catch (error) {
      const refusal = refusalOf(error);
      if (controller.current === current)
        setChosen(refusal === null ? null : { files, known: { kind: 'refused', refusal } });
    }
  };
  return {
    chosen,
    choose: (files) => void read(files, options, true),
    reread: (wanted) => {
      if (chosen !== null && chosen.known.kind !== 'refused') void read(chosen.files, wanted, false);
    },
    load: () => {
      if (chosen !== null) load(chosen.files);
    },
    clear: () => {
      controller.current?.abort();
      setChosen(null);
    },
  };
}
