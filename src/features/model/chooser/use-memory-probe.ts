import { useRef, useState } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { useAppStore } from '@/state/use-app-state.ts';
import { refusalOf, type Refusal } from './refusal.ts';

/** The measurement of free GPU memory: its result stands in the store. */
export interface MemoryProbe {
  readonly isMeasuring: boolean;
  readonly failure: Refusal | null;
  readonly measure: () => void;
  readonly cancel: () => void;
}

export function useMemoryProbe(): MemoryProbe {
  const duet = useDuet();
  const store = useAppStore();
  const controller = useRef<AbortController | null>(null);
  const [isMeasuring, setIsMeasuring] = useState(false);
  const [failure, setFailure] = useState<Refusal | null>(null);
  const measure = async (): Promise<void> => {
    const current = new AbortController();
    controller.current = current;
    setIsMeasuring(true);
    setFailure(null);
    try {
      store.getState().memoryFound(await duet.measureMemory({ signal: current.signal }));
    } catch (error) {
      setFailure(refusalOf(error));
    } finally {
      setIsMeasuring(false);
    }
  };
  return {
    isMeasuring,
    failure,
    measure: () => void measure(),
    cancel: () => controller.current?.abort(),
  };
}
