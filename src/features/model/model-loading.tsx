import { createContext, useContext, useEffect, useMemo, useRef, type ReactElement, type ReactNode } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { beganWithShare } from '@/client/began-with-share.ts';
import { DEFAULT_MODEL_ID } from '@/protocol/model-catalogue.ts';
import type { LoadOptions, ModelSource } from '@/protocol/model.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';

export interface ModelLoading {
  readonly load: (source: ModelSource, options?: LoadOptions) => void;
  /** Loads what is loaded once more, with these options instead of its own. */
  readonly reload: (options: LoadOptions) => void;
  readonly cancel: () => void;
  readonly unload: () => void;
}

const ModelLoadingContext = createContext<ModelLoading | null>(null);

export function useModelLoading(): ModelLoading {
  const loading = useContext(ModelLoadingContext);
  if (loading === null) throw new Error('useModelLoading needs a ModelLoadingProvider above it.');
  return loading;
}

/**
 * `?model=` names what is loaded at first: a catalogue id, an address, or `none`. A link with something shared in it loads
 * nothing, whatever else stands in it: it came from somebody else.
 */
function firstModel(): string | null {
  if (beganWithShare()) return null;
  const wanted = new URLSearchParams(location.search).get('model') ?? DEFAULT_MODEL_ID;
  return wanted === 'none' ? null : wanted;
}

/**
 * `?kernels=` names the shape of the weight-bound kernels for every load of the page that names none itself, and saves the
 * measurement; tests use it.
 */
function kernelOptions(): LoadOptions {
  const wanted = new URLSearchParams(location.search).get('kernels');
  return wanted === 'threadPerRows' || wanted === 'workgroupPerRows' ? { kernelShape: wanted } : {};
}

// What failed stands in the store, where the header and the chooser show it.
const shownElsewhere = (): void => undefined;

/** Loads the embedded model as soon as the device is known to work, and holds the load that can be cancelled. */
export function ModelLoadingProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const duet = useDuet();
  const store = useAppStore();
  const isDeviceAvailable = useAppState((state) => state.model.device?.available === true);
  // A script may have asked for a model before the page did; its choice stands.
  const isUntouched = useAppState((state) => state.model.status === 'none');
  const controller = useRef<AbortController | null>(null);
  const hasBegun = useRef(false);
  /** The store knows addresses only; files are kept here. */
  const last = useRef<{ readonly source: ModelSource; readonly options: LoadOptions } | null>(null);

  const loading = useMemo<ModelLoading>(() => {
    const load = (source: ModelSource, options: LoadOptions = {}): void => {
      const current = new AbortController();
      controller.current = current;
      duet
        .loadModel(source, { ...kernelOptions(), ...options, signal: current.signal })
        .then(() => {
          last.current = { source, options };
          return duet.device();
        })
        .catch(shownElsewhere);
    };
    return {
      load,
      reload(options) {
        const { sourceId, info } = store.getState().model;
        const source = sourceId ?? last.current?.source;
        if (source === undefined || info === null) return;
        load(source, { ...last.current?.options, kvType: info.kvType, ...options });
      },
      cancel() {
        controller.current?.abort();
      },
      unload() {
        duet.unload().catch(shownElsewhere);
      },
    };
  }, [duet, store]);

  useEffect(() => {
    if (!isDeviceAvailable || hasBegun.current) return;
    hasBegun.current = true;
    if (!isUntouched) return;
    const source = firstModel();
    if (source !== null) loading.load(source);
  }, [isDeviceAvailable, isUntouched, loading]);

  return <ModelLoadingContext.Provider value={loading}>{children}</ModelLoadingContext.Provider>;
}
