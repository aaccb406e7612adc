import type { TrainingMethod, TrainingRun } from '@/protocol/negotiation-training.ts';
import { summaryOf, type StepsSummary } from '@/state/training-points.ts';

/** A run as the table shows it. Null: not known. */
export interface RunsTableRow extends StepsSummary {
  readonly id: string;
  readonly name: string;
  readonly method: TrainingMethod;
  readonly stepsDone: number;
  readonly stepsPlanned: number;
  /** Null: it is not kept any longer. */
  readonly adapterName: string | null;
  readonly branchedFrom: { readonly name: string; readonly step: number } | null;
  /** It trains now. */
  readonly isRunning: boolean;
  /** Why it cannot be resumed, branched or used, such as that it was made with another model; empty: it can. */
  readonly obstacle: string;
}

interface RowContext {
  readonly adapterName: string | null;
  readonly isRunning: boolean;
  readonly obstacle: string;
}

/** @param run  with all of its steps, or those that are known by now */
export function runsTableRow(
  { id, name, plan, parent, steps }: Pick<TrainingRun, 'id' | 'name' | 'plan' | 'parent' | 'steps'>,
  context: RowContext,
): RunsTableRow {
  return {
    ...summaryOf(steps),
    id,
    name,
    method: plan.method,
    // A branch counts on from where it was taken.
    stepsDone: steps.at(-1)?.step ?? parent?.step ?? 0,
    stepsPlanned: plan.steps,
    branchedFrom: parent === null ? null : { name: parent.name, step: parent.step },
    ...context,
  };
}
