import { useState } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import type { ModelView } from '@/state/model-view.ts';
import type { Way } from './lesson.ts';

/** Why a lesson is shown from a recording where nobody chose so. */
type Reason = 'noGpu' | 'slow' | 'noModel' | null;

const REASONS: Readonly<Record<Exclude<Reason, null>, string>> = {
  noGpu: 'No model can run in this browser, so this lesson shows a recorded run of a real one.',
  slow: 'This browser computes without a GPU, which is slow, so this lesson shows a recorded run.',
  noModel: 'No model is loaded, so this lesson shows a recorded run.',
};

function reasonOf({ status, device }: Pick<ModelView, 'status' | 'device'>): Reason {
  if (device?.available === false) return 'noGpu';
  if (device?.isSoftware === true) return 'slow';
  return status === 'ready' ? null : 'noModel';
}

export interface ChosenWay {
  readonly way: Way;
  readonly isLivePossible: boolean;
  readonly reason: string | null;
}

/** @param wanted  what the visitor chose; null: as the page finds fit when the lesson is opened, and so it stays */
export function useWay(wanted: Way | null): ChosenWay {
  const status = useAppState((state) => state.model.status);
  const device = useAppState((state) => state.model.device);
  const now = reasonOf({ status, device });
  const [first] = useState<Reason>(now);
  const isLivePossible = device?.available !== false;
  const fit: Way = first === null ? 'live' : 'recorded';
  const way = isLivePossible ? (wanted ?? fit) : 'recorded';
  const why = isLivePossible ? first : 'noGpu';
  return { way, isLivePossible, reason: way === 'live' || why === null ? null : REASONS[why] };
}
