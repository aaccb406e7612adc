/** What of the page's state can be handed on. Keys of servers and adapters are never in it. */
import { assertNever } from '@/lib/assert.ts';
import {
  SHARE_FORMAT,
  type SharedChatModel,
  type SharedContent,
  type SharedEvaluation,
  type SharedFineTune,
  type SharedJudge,
  type SharedPage,
  type SharedPlan,
  type SharedRules,
  type SharedTemplates,
  type SharedThinkingEvaluation,
} from '@/protocol/shared-content.ts';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import { NEGOTIATION_KEYS } from '@/protocol/negotiation-fields.ts';
import { DEFAULT_NEGOTIATION, type NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import type { AppState } from '../app-store.ts';
import { defaultsOf } from '../effective-settings.ts';
import { negotiationDefaultsOf } from '../negotiation-settings-slice.ts';
import { withoutDefaults } from '../setting-changes.ts';
import { budgetsOf } from '../speed-budgets.ts';
import { FIRST_PLAN, problemsOf } from '../evaluation-plan.ts';
import { FIRST_FORM, problemsOfForm } from '../fine-tune-form.ts';
import { TEMPLATE_IDS } from '../material-templates.ts';
import { FIRST_NEGOTIATION_EVALUATION } from '../negotiation-evaluation-form.ts';
import { FIRST_TRAINING_FORM, problemsOfTraining } from '../negotiation-training-form.ts';
import { problemOfUrl } from '../server-url.ts';

export interface CollectOptions {
  /** The question in the box, or the one that was asked. */
  readonly withQuestion: boolean;
  readonly withSettings: boolean;
  /** Address and model name of the chat's server; of a scenario, the address of its model. */
  readonly withServer: boolean;
  /** The examples of a fine-tuning. */
  readonly withData: boolean;
}

export const EVERYTHING_HARMLESS: CollectOptions = {
  withQuestion: true,
  withSettings: true,
  withServer: false,
  withData: false,
};

export function collectShared(state: AppState, page: SharedPage, options: CollectOptions): SharedContent {
  const head = { format: SHARE_FORMAT, ...modelOf(state) } as const;
  switch (page) {
    case 'thinking':
      return {
        ...head,
        kind: page,
        ...(options.withSettings && { settings: reasoningOf(state) }),
        ...(options.withQuestion && { question: questionOf(state) }),
      };
    case 'negotiation':
      return { ...head, kind: page, rules: rulesOf(state, options) };
    case 'training':
      return { ...head, kind: page, plan: planOf(state), rules: rulesOf(state, options) };
    case 'evaluation':
      return { ...head, kind: page, form: evaluationOf(state), rules: rulesOf(state, options) };
    case 'chat':
      return { ...head, kind: page, ...chatOf(state, options) };
    case 'fineTune':
      return { ...head, kind: page, form: fineTuneOf(state, options) };
    case 'thinkingEvaluation':
      return {
        ...head,
        kind: page,
        form: thinkingEvaluationOf(state),
        ...(options.withSettings && { settings: reasoningOf(state) }),
      };
    default:
      return assertNever(page);
  }
}

/** What the thinking panel is asked: what stands in its box, or what was sent. */
export function questionOf({ draft, live }: Pick<AppState, 'draft' | 'live'>): string {
  return draft.trim() === '' ? (live.turns[0]?.question ?? live.question) : draft;
}

/** Other machines have other defaults: what this one's speed has shortened is said too, so that it is the same there. */
function reasoningOf(state: AppState): Partial<ReasoningSettings> {
  const { info } = state.model;
  const shortened = withoutDefaults(REASONING_KEYS, defaultsOf(info, budgetsOf(state)), defaultsOf(info));
  return { ...shortened, ...state.reasoningChanges };
}

function negotiationOf(state: AppState): Partial<NegotiationSettings> {
  const shortened = withoutDefaults(NEGOTIATION_KEYS, negotiationDefaultsOf(budgetsOf(state)), DEFAULT_NEGOTIATION);
  return { ...shortened, ...state.negotiationChanges };
}

function modelOf({ model: { info, sourceId } }: AppState): Pick<SharedContent, 'model'> {
  return info === null ? {} : { model: { id: publicId(sourceId), name: info.name.slice(0, 500) } };
}

/** Where else a model was loaded from stays here: an address may be one of a house, and have a key in it. */
function publicId(sourceId: string | null): string {
  if (sourceId === null) return '';
  const isPublic = CATALOGUE.some(({ id }) => id === sourceId) || /^hf:[\w./-]+$/.test(sourceId);
  return isPublic ? sourceId : '';
}

function rulesOf(state: AppState, { withQuestion, withSettings }: CollectOptions): SharedRules {
  const judge = sharedJudge(state);
  return {
    ...(withQuestion && { dilemma: state.chosenDilemma, pair: state.chosenPair }),
    ...(withSettings && {
      settings: negotiationOf(state),
      ...(judge !== null && { judge }),
      templates: templatesOf(state),
    }),
  };
}

/** Null where the judge is a server: it is left out. */
export function sharedJudge({ judgeChoice }: Pick<AppState, 'judgeChoice'>): SharedJudge | null {
  return judgeChoice.kind === 'endpoint' ? null : judgeChoice;
}

function templatesOf({ templateEdits }: AppState): SharedTemplates {
  return Object.fromEntries(
    TEMPLATE_IDS.flatMap((id) => {
      const current = templateEdits[id]?.current ?? null;
      return current === null ? [] : [[id, { ourVersion: current.ourVersion, text: current.text }]];
    }),
  );
}

/** What differs from an untouched form; a field with a problem is left out. */
function planOf({ trainingForm }: AppState): SharedPlan {
  const problems = problemsOfTraining(trainingForm);
  return differing(trainingForm, FIRST_TRAINING_FORM, ['adapterId', ...Object.keys(problems)]);
}

function evaluationOf({ negotiationEvaluationForm: form }: AppState): SharedEvaluation {
  return differing(form, FIRST_NEGOTIATION_EVALUATION, ['adapters']);
}

/** As with a training; the examples are in it only if they are asked for. */
function fineTuneOf({ fineTuneForm: form }: AppState, { withData }: CollectOptions): SharedFineTune {
  return differing(form, FIRST_FORM, [...Object.keys(problemsOfForm(form)), ...(withData ? [] : ['data'])]);
}

/** Imported questions stay here, and with them how many of them are asked. */
function thinkingEvaluationOf({ evaluationPlan: plan }: AppState): SharedThinkingEvaluation {
  const { numItems, seed } = problemsOf(plan);
  const isImported = plan.set === 'imported';
  const named = plan.configurations.filter(({ id }) => problemsOf(plan).names[id] === undefined);
  const configurations = named.map(({ name, mode, basis }) => ({ name: name.trim(), mode, basis }));
  const untouched = FIRST_PLAN.configurations.map(({ name, mode, basis }) => ({ name, mode, basis }));
  return differing({ ...plan, configurations }, { ...FIRST_PLAN, configurations: untouched }, [
    'imported',
    ...(isImported ? ['set'] : []),
    ...(isImported || numItems !== null ? ['numItems'] : []),
    ...(isImported || seed !== null ? ['seed'] : []),
  ]);
}

function differing<Form extends object>(form: Form, first: Form, without: readonly string[]): object {
  const untouched = new Map<string, unknown>(Object.entries(first));
  return Object.fromEntries(
    Object.entries(form).filter(
      ([key, value]) =>
        !without.includes(key) && value !== null && JSON.stringify(value) !== JSON.stringify(untouched.get(key)),
    ),
  );
}

function chatOf(
  state: AppState,
  options: CollectOptions,
): Pick<Extract<SharedContent, { kind: 'chat' }>, 'settings' | 'question' | 'chatModel'> {
  const chatModel = chatModelOfForm(state, options);
  return {
    ...(options.withSettings && { settings: state.chatChanges }),
    ...(options.withQuestion && { question: state.chatDraft }),
    ...(chatModel !== null && { chatModel }),
  };
}

function chatModelOfForm({ chatForm }: AppState, { withSettings, withServer }: CollectOptions): SharedChatModel | null {
  const { kind, url, model, webLlmModel } = chatForm;
  if (kind === 'endpoint')
    return withServer && problemOfUrl(url) === undefined && model.trim() !== ''
      ? { kind, url: url.trim(), model: model.trim() }
      : null;
  if (!withSettings) return null;
  return kind === 'webLlm' ? { kind, model: webLlmModel } : { kind };
}
