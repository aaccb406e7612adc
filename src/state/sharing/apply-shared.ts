/** Puts shared content in place. It starts nothing: whatever runs is begun by the visitor. */
import type { StoreApi } from 'zustand';
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { randomId } from '@/lib/random-id.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { checkRecording } from '@/protocol/negotiation-recording.ts';
import type { SharedChatModel, SharedContent, SharedJudge, SharedRules } from '@/protocol/shared-content.ts';
import { TEMPLATES } from '@/protocol/negotiation/templates.ts';
import type { AppState } from '../app-store.ts';
import { effectiveSettings } from '../effective-settings.ts';
import { FIRST_PLAN } from '../evaluation-plan.ts';
import { FIRST_FORM } from '../fine-tune-form.ts';
import { formOfJudge } from '../judge-form.ts';
import { allDilemmas, allPairs, type MaterialItem } from '../material-lists.ts';
import { restoredTemplate, savedTemplate, TEMPLATE_IDS, templatePutBack, textsInUse } from '../material-templates.ts';
import { budgetsOf } from '../speed-budgets.ts';
import { FIRST_NEGOTIATION_EVALUATION } from '../negotiation-evaluation-form.ts';
import { FIRST_TRAINING_FORM } from '../negotiation-training-form.ts';
import { readGroupRecord } from '../read-group-record.ts';
import { keyAtUrl } from '../server-url.ts';
import { applyReplay, isReplayBusy } from './apply-replay.ts';
import { setUpOfScenario } from './set-up-of-scenario.ts';

type Store = StoreApi<AppState>;
/** Puts back what stood in its place. */
export type Undo = () => void;

/** What has to end before the content can be put in place; null: nothing. A sentence for the screen. */
export function obstacleToShared(state: AppState, content: SharedContent): string | null {
  if (!state.isMaterialLoaded) return 'Your own dilemmas are still being read.';
  return busyPlace(state, content) ? 'Something runs there. Stop it first: close this card, and it comes back.' : null;
}

function busyPlace(state: AppState, content: SharedContent): boolean {
  switch (content.kind) {
    case 'thinking':
      return isReplayBusy(state, 'thinking');
    case 'negotiation':
      return isReplayBusy(state, 'negotiation');
    case 'training':
      return isReplayBusy(state, 'training');
    case 'evaluation':
      return state.negotiationEvaluation.phase === 'running';
    case 'chat':
      return state.chatRun !== null;
    case 'fineTune':
      return state.fineTune.phase === 'running';
    case 'thinkingEvaluation':
      return state.evaluation.phase === 'running' || isReplayBusy(state, 'thinking');
    case 'scenario': {
      const setUp = setUpOfScenario(content.scenario);
      return setUp !== null && busyPlace(state, setUp);
    }
    case 'replay': {
      const { replay } = content;
      if (replay.of === 'shipped') return isReplayBusy(state, replay.panel);
      return isReplayBusy(state, replay.of === 'group' ? 'negotiation' : replay.of);
    }
    default:
      return assertNever(content);
  }
}

/**
 * @param content  checked; a recording that comes with the page has been fetched and stands in its place
 * @throws {Failure} 'busy' while something runs that it would change
 */
export function applyShared(store: Store, content: SharedContent): Undo {
  const obstacle = obstacleToShared(store.getState(), content);
  if (obstacle !== null) throw new Failure<FailureCode>('busy', obstacle);
  switch (content.kind) {
    case 'thinking':
      return applyThinking(store, content);
    case 'negotiation':
      return applyRules(store, content.rules);
    case 'training':
      return together(
        applyRules(store, content.rules),
        put(store, {
          trainingForm: { ...FIRST_TRAINING_FORM, ...content.plan },
          trainingEstimate: { phase: 'none' },
        }),
      );
    case 'evaluation':
      return together(
        applyRules(store, content.rules),
        put(store, { negotiationEvaluationForm: { ...FIRST_NEGOTIATION_EVALUATION, ...content.form } }),
      );
    case 'chat':
      return applyChat(store, content);
    case 'fineTune':
      return put(store, {
        fineTuneForm: { ...FIRST_FORM, data: store.getState().fineTuneForm.data, ...content.form },
        fineTuneEstimate: { phase: 'none' },
      });
    case 'thinkingEvaluation':
      return applyThinkingEvaluation(store, content);
    case 'scenario': {
      const setUp = setUpOfScenario(content.scenario);
      if (setUp === null) throw new Failure<FailureCode>('invalidConfig', 'No panel has a place for this scenario.');
      return applyShared(store, setUp);
    }
    case 'replay':
      return applyReplay(store, content.replay, {
        group: readGroupRecord,
        recording: (value) => checkRecording(value, readGroupRecord),
      });
    default:
      return assertNever(content);
  }
}

/** Changes these parts of the state. */
function put(store: Store, change: Partial<AppState>): Undo {
  const state = store.getState();
  const before = Object.fromEntries((Object.keys(change) as (keyof AppState)[]).map((key) => [key, state[key]]));
  store.setState(change);
  return () => store.setState(before as Partial<AppState>);
}

function together(...undos: readonly Undo[]): Undo {
  return () => {
    for (const undo of undos.toReversed()) undo();
  };
}

function applyThinking(
  store: Store,
  { settings, question }: Pick<Extract<SharedContent, { kind: 'thinking' }>, 'settings' | 'question'>,
): Undo {
  store.getState().playbackClosed();
  const { model, usesFullBudgets } = store.getState();
  return put(store, {
    ...(settings !== undefined && {
      reasoningChanges: settings,
      reasoningSettings: effectiveSettings(model.info, settings, budgetsOf({ model, usesFullBudgets })),
    }),
    ...(question !== undefined && { draft: question }),
  });
}

function applyThinkingEvaluation(
  store: Store,
  { form, settings }: Extract<SharedContent, { kind: 'thinkingEvaluation' }>,
): Undo {
  const { configurations, ...numbers } = form;
  const undo = settings === undefined ? together() : applyThinking(store, { settings });
  const { evaluationPlan, reasoningSettings } = store.getState();
  return together(
    undo,
    put(store, {
      evaluationPlan: {
        ...FIRST_PLAN,
        ...numbers,
        // Questions that were imported here are only not chosen.
        imported: evaluationPlan.imported,
        configurations:
          configurations?.map(({ name, mode, basis }, index) => ({
            id: index + 1,
            name,
            mode,
            basis: basis.kind === 'kept' ? { ...basis, settings: { ...reasoningSettings, ...basis.settings } } : basis,
          })) ?? FIRST_PLAN.configurations,
      },
    }),
  );
}

function applyRules(store: Store, { settings, dilemma, pair, judge, templates }: SharedRules): Undo {
  const undos: Undo[] = [];
  if (settings !== undefined) undos.push(put(store, { negotiationChanges: settings }));
  if (judge !== undefined) undos.push(applyJudge(store, judge));
  if (templates !== undefined) undos.push(applyTemplates(store, templates));
  // What was checked is whole.
  if (typeof dilemma === 'object')
    undos.push(choose(store.getState().dilemmaEvents, dilemma, () => dilemmasOf(store.getState())));
  if (typeof pair === 'object') undos.push(choose(store.getState().pairEvents, pair, () => pairsOf(store.getState())));
  return together(...undos);
}

/** The key of the visitor's own server stays, and stays theirs. */
function applyJudge(store: Store, judge: SharedJudge): Undo {
  return put(store, { judgeChoice: judge, judgeForm: formOfJudge(judge, store.getState().judgeForm) });
}

/** Exactly these are in use; what was in use is kept among the earlier versions. One that is edited since stays so. */
function applyTemplates(store: Store, shared: NonNullable<SharedRules['templates']>): Undo {
  const savedAt = new Date().toISOString();
  const before = store.getState().templateEdits;
  const templateEdits = TEMPLATE_IDS.reduce((edits, id) => {
    const text = shared[id];
    if (text === undefined) return restoredTemplate(edits, id);
    return savedTemplate(edits, id, { ...text, ourVersion: Math.min(text.ourVersion, TEMPLATES[id].version), savedAt });
  }, before);
  const putInUse = (edits: AppState['templateEdits']): void =>
    store.setState({ templateEdits: edits, templateTexts: textsInUse(edits) });
  putInUse(templateEdits);
  return () => {
    const now = store.getState().templateEdits;
    const untouched = TEMPLATE_IDS.filter((id) => now[id] === templateEdits[id]);
    putInUse(untouched.reduce((edits, id) => templatePutBack(edits, id, before[id]), now));
  };
}

interface Choice<Item> {
  readonly all: readonly Item[];
  readonly chosen: Item;
}

const dilemmasOf = (state: AppState): Choice<AppState['chosenDilemma']> => ({
  all: allDilemmas(state),
  chosen: state.chosenDilemma,
});
const pairsOf = (state: AppState): Choice<AppState['chosenPair']> => ({
  all: allPairs(state),
  chosen: state.chosenPair,
});

/** One that is not there yet becomes one of the visitor's; an id that means another one there gets another. */
function choose<Item extends MaterialItem>(
  events: {
    readonly chosen: (id: string) => void;
    readonly added: (items: readonly Item[]) => void;
    readonly removed: (ids: readonly string[]) => void;
  },
  item: Item,
  now: () => Choice<Item>,
): Undo {
  const { all, chosen } = now();
  const same = all.find((other) => contentOf(other) === contentOf(item));
  const isTaken = all.some(({ id }) => id === item.id);
  const id = same?.id ?? (isTaken ? `${item.id.slice(0, 60).replace(/-$/, '')}-${randomId().slice(0, 8)}` : item.id);
  if (same === undefined) events.added([{ ...item, id, ...(item.origin === 'ours' && { origin: 'own' }) }]);
  events.chosen(id);
  return () => {
    if (same === undefined) events.removed([id]);
    events.chosen(chosen.id);
  };
}

/** What makes two items the same: all but where they come from. */
function contentOf({ id: _id, split: _split, origin: _origin, ...content }: MaterialItem): string {
  return JSON.stringify(Object.entries(content).toSorted(([a], [b]) => a.localeCompare(b)));
}

function applyChat(store: Store, content: Extract<SharedContent, { kind: 'chat' }>): Undo {
  const { settings, question, chatModel } = content;
  return put(store, {
    ...(settings !== undefined && { chatChanges: settings }),
    // A new conversation: what was shared is not a word in an old one.
    ...(question !== undefined && { chatDraft: question, openChatId: null }),
    ...(chatModel !== undefined && chatModelPart(store.getState(), chatModel)),
  });
}

/** A key that was typed for another server is forgotten, as when the address is changed by hand. */
function chatModelPart(
  { chatForm, chatKey }: AppState,
  chatModel: SharedChatModel,
): Pick<AppState, 'chatForm' | 'chatKey'> {
  switch (chatModel.kind) {
    case 'engine':
      return { chatForm: { ...chatForm, kind: chatModel.kind }, chatKey };
    case 'webLlm':
      return { chatForm: { ...chatForm, kind: chatModel.kind, webLlmModel: chatModel.model }, chatKey };
    case 'endpoint':
      return { chatForm: { ...chatForm, ...chatModel }, chatKey: keyAtUrl(chatKey, chatForm.url, chatModel.url) };
    default:
      return assertNever(chatModel);
  }
}
