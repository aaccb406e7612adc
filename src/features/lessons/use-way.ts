import { useState } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import type { ModelView } from '@/state/model-view.ts';
import type { Way } from './lesson.ts';

/** Why a lesson is shown from a recording where nobody chose so. */
type Reason = 'noGpu' | 'software' | 'slow' | 'noModel' | null;

const REASONS: Readonly<Record<Exclude<Reason, null>, string>> = {
  noGpu: 'No model can run in this browser, so this lesson shows a recorded run of a real one.',
  slow: 'The loaded model is slow on this machine, so this lesson shows a recorded run. Live works too.',
  software: 'This browser computes without a GPU, which is slow, so this lesson shows a recorded run.',
  noModel: 'No model is loaded, so this lesson shows a recorded run.',
};

function reasonOf({ status, device, info }: Pick<ModelView, 'status' | 'device' | 'info'>): Reason {
  if (device?.available === false) return 'noGpu';
  if (device?.isSoftware === true) return 'software';
  if (status !== 'ready') return 'noModel';
  const speedClass = info?.speed?.speedClass;
  return speedClass === 'slow' || speedClass === 'verySlow' ? 'slow' : null;
}

export interface ChosenWay {
  readonly way: Way;
  readonly isLivePossible: boolean;
  /** Why it is a recording, where the page finds that fit; null otherwise. */
  readonly reason: string | null;
}

/**
 * @param wanted    what the visitor chose; null: as the page finds fit
 * @param isSteady  what was fit at first stays so: nobody wants to be moved when the model is ready
 */
export function useWay(wanted: Way | null, isSteady: boolean): ChosenWay {
  const status = useAppState((state) => state.model.status);
  const device = useAppState((state) => state.model.device);
  const info = useAppState((state) => state.model.info);
  const now = reasonOf({ status, device, info });
  const [first] = useState<Reason>(now);
  const isLivePossible = device?.available !== false;
  const fit: Way = (isSteady ? first : now) === null ? 'live' : 'recorded';
  const way = isLivePossible ? (wanted ?? fit) : 'recorded';
  return { way, isLivePossible, reason: way === 'live' || now === null ? null : REASONS[now] };
}
