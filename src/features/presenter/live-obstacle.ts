import type { PresenterPreset } from '@/protocol/presenter-presets.ts';
import type { AppState } from '@/state/app-store.ts';
import { SEAT_TAKEN, seatOf } from '@/state/negotiation-seat.ts';

/** Slower than this nobody in a room waits: its recording is shown instead. Thinker tokens per second. */
const SLOWEST_RATE = 1;
/** So many steps before a speed counts as measured. */
const MEASURED_STEPS = 6;

export interface MeasuredRate {
  /** Which model it is of. */
  readonly model: string;
  readonly tokensPerSecond: number;
}

/** The speed of the page's own run while it thinks, whatever it waits for between; null until it has made some steps. */
export function measuredRate({ live, model }: Pick<AppState, 'live' | 'model'>): MeasuredRate | null {
  if (live.steps.length < MEASURED_STEPS) return null;
  const gaps = live.steps.flatMap(({ thinker, elapsedMs }, index) => {
    const before = live.steps[index - 1];
    return thinker === null || before === undefined || before.thinker === null ? [] : [elapsedMs - before.elapsedMs];
  });
  const gap = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
  return gap === undefined || gap <= 0 ? null : { model: model.name, tokensPerSecond: 1000 / gap };
}

type Looked = Pick<AppState, 'model' | 'rollout' | 'negotiationTraining' | 'negotiationEvaluation'>;

/** Why a preset plays its recording and does not run here, as a sentence; null: it runs. */
export function liveObstacle(state: Looked, preset: PresenterPreset, rate: MeasuredRate | null): string | null {
  if (preset.page === 'training') return 'A training takes too long for a room.';
  const { model } = state;
  if (model.device?.available === false) return 'No model can run in this browser.';
  if (model.status !== 'ready') return MODEL_TEXTS[model.status];
  if (speedOf(model, rate) < SLOWEST_RATE) return `${model.name} makes less than ${SLOWEST_RATE} token a second here.`;
  const seat = seatOf(state);
  if (seat === 'training' || seat === 'evaluation') return `The engine is in use: ${SEAT_TAKEN[seat]}.`;
  return null;
}

/** How the last run went, other work of the machine included, tells more than a measurement at load. */
function speedOf({ name, info }: AppState['model'], rate: MeasuredRate | null): number {
  if (rate?.model === name) return rate.tokensPerSecond;
  return info?.speed?.tokensPerSecond ?? Infinity;
}

const MODEL_TEXTS: Readonly<Record<Exclude<AppState['model']['status'], 'ready'>, string>> = {
  none: 'No model is loaded.',
  loading: 'The model is still loading.',
  cancelled: 'No model is loaded.',
  failed: 'The model was not loaded. Leave this view to load it again.',
};
