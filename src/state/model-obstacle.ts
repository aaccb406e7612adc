import type { ModelView } from './model-view.ts';

/** Why nothing can be asked of the engine's model; null if it is ready. */
export function modelObstacle({
  model: { status, device },
}: {
  readonly model: Pick<ModelView, 'status' | 'device'>;
}): string | null {
  if (status === 'ready') return null;
  return device?.available === false ? 'No model can run in this browser.' : 'Load a model first.';
}
