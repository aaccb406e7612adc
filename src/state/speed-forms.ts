/** Forms that nobody has touched, shortened for a slower machine. */
import { FIRST_PLAN, type EvaluationPlan } from './evaluation-plan.ts';
import { FIRST_NEGOTIATION_EVALUATION, type NegotiationEvaluationForm } from './negotiation-evaluation-form.ts';
import type { TrainingPresetId } from '@/protocol/negotiation-training-presets.ts';
import { FIRST_TRAINING_FORM, presetOfForm, type TrainingForm } from './negotiation-training-form.ts';
import { BUDGETS, FULL_BUDGETS, type PageBudgets } from './speed-budgets.ts';

interface Forms {
  readonly evaluationPlan: EvaluationPlan;
  readonly negotiationEvaluationForm: NegotiationEvaluationForm;
  readonly trainingForm: TrainingForm;
}

export type FormName = keyof Forms;

const FULL_FORMS: Forms = {
  evaluationPlan: FIRST_PLAN,
  negotiationEvaluationForm: FIRST_NEGOTIATION_EVALUATION,
  trainingForm: FIRST_TRAINING_FORM,
};

const FIRST_FORMS = new Map<PageBudgets, Forms>([
  [FULL_BUDGETS, FULL_FORMS],
  ...Object.values(BUDGETS)
    .filter((budgets) => budgets !== FULL_BUDGETS)
    .map((budgets) => [budgets, shortened(budgets)] as const),
]);

function shortened({ negotiation, maxQuestions, maxDilemmas, maxTrainingSteps }: PageBudgets): Forms {
  const evaluation = FIRST_NEGOTIATION_EVALUATION;
  const smaller = (value: number | null, most: number | undefined): number =>
    Math.min(value ?? Infinity, most ?? Infinity);
  return {
    evaluationPlan: { ...FIRST_PLAN, numItems: smaller(FIRST_PLAN.numItems, maxQuestions) },
    negotiationEvaluationForm: {
      ...evaluation,
      numDilemmas: smaller(evaluation.numDilemmas, maxDilemmas),
      maxTurns: smaller(evaluation.maxTurns, negotiation?.maxTurns),
      maxUtteranceTokens: smaller(evaluation.maxUtteranceTokens, negotiation?.maxUtteranceTokens),
      maxCompletionTokens: smaller(evaluation.maxCompletionTokens, negotiation?.maxCompletionTokens),
    },
    trainingForm: { ...FIRST_TRAINING_FORM, steps: smaller(FIRST_TRAINING_FORM.steps, maxTrainingSteps) },
  };
}

/** The forms of a visitor who has touched none, within the budgets. */
export function firstForms(budgets: PageBudgets): Forms {
  return FIRST_FORMS.get(budgets) ?? FULL_FORMS;
}

/** Whether a form is a first one still. What a person, a link or a file has set is another object. */
export function isUntouched<Name extends FormName>(name: Name, form: Forms[Name]): boolean {
  return [...FIRST_FORMS.values()].some((first) => first[name] === form);
}

/** The preset that a training form is of; a first form of a slower machine, with fewer steps, still is. Null: one's own. */
export function presetOfTraining(form: TrainingForm): TrainingPresetId | null {
  return presetOfForm(isUntouched('trainingForm', form) ? FIRST_TRAINING_FORM : form);
}

/** Those of the forms that are a first one still, within other budgets. */
export function untouchedWithin(budgets: PageBudgets, forms: Forms): Partial<Forms> {
  const isFirst = (name: FormName): boolean => isUntouched(name, forms[name]);
  const next = firstForms(budgets);
  return {
    ...(isFirst('evaluationPlan') && { evaluationPlan: next.evaluationPlan }),
    ...(isFirst('negotiationEvaluationForm') && { negotiationEvaluationForm: next.negotiationEvaluationForm }),
    ...(isFirst('trainingForm') && { trainingForm: next.trainingForm }),
  };
}

/** What was kept since an earlier visit counts as untouched where it equals a first form, whatever the speed was then. */
export function asUntouched<Name extends FormName>(name: Name, form: Forms[Name]): Forms[Name] {
  // Lists are compared by content.
  const sorted = (value: object): string =>
    JSON.stringify(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
  const isFirst = [...FIRST_FORMS.values()].some((first) => sorted(first[name]) === sorted(form));
  return isFirst ? FULL_FORMS[name] : form;
}
