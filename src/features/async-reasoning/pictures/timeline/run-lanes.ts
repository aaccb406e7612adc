/** What the timeline draws of a run, by steps. */
import type { TraceState, TraceStep } from '@/protocol/reasoning.ts';
import type { ReasoningView, StepRun } from '@/state/reasoning-view.ts';

/** The part of a run that the timeline reads. */
export type TimedRun = Pick<
  ReasoningView,
  | 'phase'
  | 'setup'
  | 'steps'
  | 'traceSteps'
  | 'runs'
  | 'probes'
  | 'drafts'
  | 'waits'
  | 'sentSteps'
  | 'cutSteps'
  | 'turnSteps'
  | 'remarks'
  | 'turns'
  | 'elapsedMs'
>;

export interface StateRun extends StepRun {
  readonly state: TraceState;
}

/** Consecutive steps in one state. */
export function stateRuns(steps: readonly TraceStep[]): readonly StateRun[] {
  const runs: StateRun[] = [];
  let from = 0;
  for (let step = 1; step <= steps.length; step++) {
    const state = steps[from]?.state;
    if (state === undefined || steps[step]?.state === state) continue;
    runs.push({ from, to: step - 1, state });
    from = step;
  }
  return runs;
}

export interface ProbeBar {
  readonly step: number;
  /** The score above the limit that held then; nats. */
  readonly value: number;
  readonly yes: boolean;
}

export function probeBars({ probes, traceSteps }: Pick<TimedRun, 'probes' | 'traceSteps'>): readonly ProbeBar[] {
  return probes.map(({ step, margin, yes }) => {
    const probe = traceSteps[step]?.probe;
    return { step, value: probe === undefined ? margin : probe.score - (probe.limit ?? 0), yes };
  });
}

/** Steps at which remarks were read; those that were not read yet have none. */
export function remarkSteps({ turns, remarks }: Pick<TimedRun, 'turns' | 'remarks'>): readonly number[] {
  return [...turns.flatMap((turn) => turn.remarks), ...remarks].flatMap(({ step }) => step ?? []);
}

/** Half the height of the probe's lane: 2 nats, or twice that, and so on. */
export function probeScale(bars: readonly ProbeBar[]): number {
  const largest = bars.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  let half = 2;
  while (half < largest && half < 64) half *= 2;
  return half;
}
