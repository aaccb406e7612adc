import { Button, NumberInput, Radio } from '@mantine/core';
import type { ReactElement } from 'react';
import { BUILT_IN_SETS } from '@/protocol/evaluation.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import type { AppState } from '@/state/app-store.ts';
import {
  estimateSeconds,
  hasProblem,
  maxItems,
  MAX_SEED,
  problemsOf,
  requestOf,
  type EvaluationPlan,
  type EvaluationRequest,
} from '@/state/evaluation-plan.ts';
import { measuredSeconds } from '@/state/evaluation-view.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatDuration } from '@/ui/format.ts';
import { ConfigurationList } from './configuration-list.tsx';
import { ImportedSetField } from './imported-set-field.tsx';

const SETS = [
  ...BUILT_IN_SETS.map((set) => ({ set, ...BUILT_IN_SET_FACTS[set] })),
  { set: 'imported', label: 'Imported file', description: 'Questions of your own, as JSON lines (JSONL) or CSV.' },
] as const;

/** What to ask, under which configurations. */
export function EvaluationForm({ onStart }: { readonly onStart: (request: EvaluationRequest) => void }): ReactElement {
  const store = useAppStore();
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const plan = useAppState((state) => state.evaluationPlan);
  const change = useAppState((state) => state.evaluationPlanChanged);
  const problems = problemsOf(plan);
  return (
    <form
      className="evaluation__form"
      onSubmit={(event) => {
        event.preventDefault();
        onStart(requestOf(plan, store.getState().reasoningSettings));
      }}
    >
      <fieldset className="evaluation__sets">
        <legend>Questions</legend>
        {SETS.map(({ set, label, description }) => (
          <Radio
            key={set}
            size="xs"
            name="evaluation-set"
            label={label}
            description={description}
            checked={plan.set === set}
            data-autofocus={plan.set === set ? true : undefined}
            onChange={() => change({ set })}
          />
        ))}
        {plan.set === 'imported' && <ImportedSetField />}
        <div className="evaluation__numbers">
          <NumberInput
            label="Number of questions"
            description={countText(plan)}
            min={1}
            max={Math.max(1, maxItems(plan))}
            clampBehavior="none"
            allowDecimal={false}
            allowNegative={false}
            value={plan.numItems ?? ''}
            error={problems.numItems}
            onChange={(value) => change({ numItems: typeof value === 'number' ? value : null })}
          />
          {plan.set !== 'imported' && (
            <NumberInput
              label="Seed"
              description="Same seed, same questions."
              min={0}
              max={MAX_SEED}
              clampBehavior="none"
              allowDecimal={false}
              allowNegative={false}
              value={plan.seed ?? ''}
              error={problems.seed}
              onChange={(value) => change({ seed: typeof value === 'number' ? value : null })}
            />
          )}
        </div>
      </fieldset>
      <ConfigurationList problems={problems.names} />
      <div className="evaluation__start">
        <Button type="submit" disabled={!isModelReady || hasProblem(problems)}>
          Run evaluation
        </Button>
        <Note problem={problems.plan} />
      </div>
    </form>
  );
}

function countText(plan: EvaluationPlan): string {
  const most = maxItems(plan);
  return most === 0 ? 'None yet.' : `Up to ${most.toLocaleString('en')}.`;
}

function Note({ problem }: { readonly problem: string | null }): ReactElement {
  const text = useAppState((state) => problem ?? noteOf(state));
  return <p>{text}</p>;
}

function noteOf(state: AppState): string {
  const noModel = modelObstacle(state);
  if (noModel !== null) return noModel;
  const { numItems, configurations } = state.evaluationPlan;
  const count = (numItems ?? 0) * configurations.length;
  return [
    `${count.toLocaleString('en')} answers; ${timeText(state)}.`,
    'A run under way is stopped.',
    replacedText(state.evaluation.records.length),
  ]
    .filter(Boolean)
    .join(' ');
}

function replacedText(numRecords: number): string {
  if (numRecords === 0) return '';
  if (numRecords === 1) return 'The 1 answer below is replaced: save it first if you need it.';
  return `The ${numRecords.toLocaleString('en')} answers below are replaced: save them first if you need them.`;
}

/** From answers measured before, of an evaluation or of a comparison. */
function timeText({ evaluationPlan, evaluation, comparison }: AppState): string {
  const compared = Object.fromEntries(
    (comparison.last?.runs ?? []).map(({ mode, metrics }) => [mode, metrics.totalMs / 1000]),
  );
  const seconds = estimateSeconds(evaluationPlan, { ...compared, ...measuredSeconds(evaluation) });
  if (seconds === null) return 'how long that takes is known after the first of each configuration';
  return `about ${formatDuration(seconds)}, going by earlier answers`;
}
