import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import type { StoreApi } from 'zustand';
import { at } from '@/lib/assert.ts';
import { decodeSpeedOf } from '@/protocol/speed.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { TEMPLATES } from '@/protocol/negotiation/templates.ts';
import type { StoredTrainingRun } from '@/protocol/negotiation-training.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import type { SharedContentInput, SharedPage } from '@/protocol/shared-content.ts';
import type { TrainingRecording } from '@/protocol/training-recording.ts';
import { createAppStore, type AppState } from '../app-store.ts';
import { namesAddress } from './check-shared-scenario.ts';
import { collectShared, EVERYTHING_HARMLESS } from './collect-shared.ts';
import { setUpOfScenario } from './set-up-of-scenario.ts';
import { applyShared, obstacleToShared, type Undo } from './apply-shared.ts';
import { createSharePage } from './share-page.ts';
import { checkedForSharing, makeShare } from './share-text.ts';
import { sharedTraining } from './shared-training.ts';

let store: StoreApi<AppState>;

beforeEach(() => {
  store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  store.getState().materialLoaded(null);
});

const use = (content: SharedContentInput): Undo => applyShared(store, checkedForSharing(content));

/** What sharing may change, for comparisons. */
function kept(state: AppState): object {
  const keys = [
    ...(['reasoningChanges', 'reasoningSettings', 'draft', 'negotiationChanges', 'judgeChoice', 'judgeForm'] as const),
    ...(['chosenDilemma', 'chosenPair', 'ownDilemmas', 'ownPairs', 'templateTexts', 'trainingForm'] as const),
    ...(['negotiationEvaluationForm', 'chatChanges', 'chatForm', 'chatDraft', 'openChatId', 'chatKey'] as const),
    ...(['fineTuneForm', 'evaluationPlan'] as const),
  ];
  return Object.fromEntries(keys.map((key) => [key, state[key]]));
}

const templateId = 'agent';
const editedText = `${TEMPLATES[templateId].text}\nBe brief.`;
const own = { ...at(DILEMMAS, 3), id: 'a-kitchen', goal: 'Share a kitchen', prompt: 'Who washes up?' };

/** Everything on the page is other than at its beginning. */
function changeAll(): void {
  const state = store.getState();
  state.reasoningSettingsChanged({ budget: 99, temperature: 0.3 });
  state.draftChanged('Mine');
  state.negotiationSettingsChanged({ groupSize: 2 });
  state.judgeFormChanged({ kind: 'rule', rule: 'length', words: 7 });
  state.judgeChosen();
  state.dilemmaEvents.added([{ ...at(DILEMMAS, 5), id: 'mine', goal: 'Mine', prompt: 'My own.', origin: 'own' }]);
  state.dilemmaEvents.chosen('mine');
  state.pairEvents.chosen(at(PERSONA_PAIRS, 4).id);
  state.templateSaved(templateId, { text: editedText, ourVersion: 1, savedAt: '2026-01-01' });
  state.trainingFormChanged({ steps: 77, adapterId: 'local' });
  state.negotiationEvaluationEvents.formChanged((form) => ({ ...form, seed: 5, adapters: [{ id: 'x', role: null }] }));
  state.chatSettingsChanged({ systemPrompt: 'Mine.' });
  state.chatDraftChanged('My question');
  state.chatFormChanged({ kind: 'endpoint', url: 'http://localhost:1/v1', model: 'mine' });
  state.chatKeyChanged('secret');
  state.chatOpened('old');
  state.fineTuneFormChanged({ steps: 9, lrSchedulerType: 'linear', data: 'My secret examples' });
  state.evaluationPlanChanged({ set: 'commonsense', numItems: 3, seed: 8 });
  state.configurationDuplicated(3);
}

const PAGES: readonly SharedPage[] = [
  ...(['thinking', 'negotiation', 'training', 'evaluation', 'chat'] as const),
  ...(['fineTune', 'thinkingEvaluation'] as const),
];

test('what one page shares, another has; and all of it can be taken back', () => {
  changeAll();
  const mine = createSharePage(store, 'https://a.example/');
  const contents = PAGES.map((page) => mine.read(mine.make(mine.current(page)).text));
  const shared = kept(store.getState());

  store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  store.getState().materialLoaded(null);
  const before = kept(store.getState());
  const undos = contents.map((content) => applyShared(store, content));
  const now = store.getState();
  expect(kept(now)).toEqual({
    ...shared,
    // What belongs to one browser stays there: its adapters, conversations, server, key and examples.
    fineTuneForm: { ...now.fineTuneForm, steps: 9, lrSchedulerType: 'linear', data: '' },
    trainingForm: { ...now.trainingForm, steps: 77, adapterId: null },
    negotiationEvaluationForm: { ...now.negotiationEvaluationForm, seed: 5, adapters: [] },
    chatForm: now.chatForm,
    openChatId: null,
    chatKey: '',
  });
  expect(now.chatForm.kind).toBe('engine');
  for (const undo of undos.toReversed()) undo();
  expect(kept(store.getState())).toEqual(before);
});

test('examples are shared if that is asked for, and an evaluation without what was imported', () => {
  changeAll();
  const asked = collectShared(store.getState(), 'fineTune', { ...EVERYTHING_HARMLESS, withData: true });
  expect(asked).toMatchObject({ form: { data: 'My secret examples', steps: 9 } });
  // Those that stand there stay where none came.
  use({ kind: 'fineTune', form: { steps: 2 } });
  expect(store.getState().fineTuneForm).toMatchObject({
    data: 'My secret examples',
    steps: 2,
    lrSchedulerType: 'constant',
  });

  const imported = { name: 'mine', items: [{ id: '1', question: 'Q', kind: 'number', answer: '1' }] } as const;
  store.getState().evaluationPlanChanged({ set: 'imported', imported });
  const plan = collectShared(store.getState(), 'thinkingEvaluation', EVERYTHING_HARMLESS);
  expect(Object.keys('form' in plan ? plan.form : {})).toEqual(['configurations']);
  applyShared(store, plan);
  expect(store.getState().evaluationPlan).toMatchObject({ set: 'arithmetic', numItems: 10, imported });
});

const scenarioOf = async (file: string): Promise<WrittenScenario> =>
  JSON.parse(await readFile(new URL(`../../../scenarios/${file}.json`, import.meta.url), 'utf8')) as WrittenScenario;

test('a scenario puts what it asks and how in its panel, and can be taken back', async () => {
  changeAll();
  const before = kept(store.getState());
  const undos: Undo[] = [];
  const put = async (file: string): Promise<AppState> => {
    undos.push(applyShared(store, checkedForSharing({ kind: 'scenario', scenario: await scenarioOf(file) })));
    return store.getState();
  };
  expect(await put('thinking-pause-and-stop')).toMatchObject({
    draft: 'Why is it so?',
    reasoningChanges: { budget: 40, temperature: 1, seed: 11 },
  });
  expect(await put('negotiation-group')).toMatchObject({
    chosenDilemma: { goal: 'Cut the old tree' },
    chosenPair: { persona1: 'Cut it.' },
    negotiationChanges: { groupSize: 2, seed: 3 },
    templateTexts: { thoughts: 'They want' },
  });
  expect(await put('training-on-dialogues')).toMatchObject({
    // What the file leaves out is what a script would have, not what the form begins with.
    trainingForm: { steps: 2, groupSize: 2, seed: 3, learningRate: 1e-5, material: 'chosen', groupsPerStep: 1 },
  });
  expect(await put('training-fine-tune')).toMatchObject({
    fineTuneForm: {
      data: 'the thing in the end',
      steps: 2,
      learningRate: 0.001,
      maxTokens: 256,
      lrSchedulerType: 'constant',
    },
  });
  expect(await put('chat-greedy')).toMatchObject({ chatDraft: 'Hi', chatForm: { kind: 'engine' }, openChatId: null });
  for (const undo of undos.toReversed()) undo();
  expect(kept(store.getState())).toEqual(before);
});

test('what no panel can repeat stays a file', async () => {
  const fineTune = await scenarioOf('training-fine-tune');
  const training = await scenarioOf('training-on-dialogues');
  const others: readonly WrittenScenario[] = [
    await scenarioOf('model-loads'),
    await scenarioOf('chat-endpoint'),
    { ...fineTune, seed: 7 },
    { ...fineTune, settings: { weightDecay: 0.5 } } as WrittenScenario,
    { ...training, inputs: { ...training.inputs, training: { sapo_temperature_pos: 2 } } } as WrittenScenario,
    { ...training, inputs: { ...training.inputs, pairs: undefined } } as unknown as WrittenScenario,
  ];
  for (const scenario of others) {
    expect(setUpOfScenario(scenario)).toBeNull();
    expect(() => use({ kind: 'scenario', scenario })).toThrow('No panel has a place');
  }
  // Ours, by their ids, are all that the form can mean.
  const { dilemmas: _dilemmas, pairs: _pairs, ...inputs } = training.inputs as Record<string, unknown>;
  expect(setUpOfScenario({ ...training, inputs } as WrittenScenario)).toMatchObject({ plan: { material: 'all' } });
});

test('a scenario names the address of its model, which is known before it is shared', async () => {
  const scenario = await scenarioOf('chat-greedy');
  const isNamed = (source: string): boolean => namesAddress({ ...scenario, model: { source } });
  for (const known of ['smollm2-135m-instruct', 'hf:owner/name', '/models/m.gguf']) expect(isNamed(known)).toBe(false);
  for (const other of ['http://intranet/m.gguf', 'HTTPS://x.org/m', '//intranet/m.gguf'])
    expect(isNamed(other)).toBe(true);
});

test('no key and no address is shared unless it is asked for', () => {
  changeAll();
  store.getState().judgeFormChanged({ kind: 'endpoint', url: 'http://judge.example/v1', model: 'big' });
  store.getState().judgeChosen();
  store.getState().judgeKeyChanged('other secret');
  const share = createSharePage(store, 'https://a.example/');
  for (const page of PAGES) {
    const { text } = share.make(share.current(page));
    expect(text).not.toMatch(/secret|localhost|judge\.example/);
  }
  const idOf = (source: string): string | undefined => {
    store.getState().modelLoaded({ name: 'A model', hasThinkTokens: false } as ModelInfo);
    store.setState(({ model }) => ({ model: { ...model, sourceId: source } }));
    return share.current('thinking').model?.id;
  };
  for (const id of ['smollm2-135m-instruct', 'hf:owner/name']) expect(idOf(id)).toBe(id);
  for (const address of ['http://intranet/m.gguf', 'hf:owner/name?token=1', '/models/m.gguf'])
    expect(idOf(address)).toBe('');
});

test('nor with a training run that is replayed; of the visitor’s own it has what its shown step is about', async () => {
  const { run, steps } = JSON.parse(
    await readFile(new URL('../../../public/recordings/training/ten-steps.json', import.meta.url), 'utf8'),
  ) as TrainingRecording;
  const server = {
    kind: 'endpoint',
    url: 'http://judge.example/v1',
    model: 'big',
    apiKey: 'secret',
    timeoutMs: 1000,
  } as const;
  const shown = at(steps, 2);
  const used = at(shown.groups, 0);
  const plan = {
    ...run.plan,
    dilemmas: [used.dilemma, { ...own, prompt: 'A secret of mine.' }],
    judge: server,
    agreement: server,
  };
  const stored: StoredTrainingRun = {
    ...run,
    plan,
    steps: run.steps.map((step, index) => (index === 0 ? { ...step, tasks: [{ dilemma: own.id, pair: 'x' }] } : step)),
    checkpoints: [{ name: 'secret checkpoint' } as unknown as StoredTrainingRun['checkpoints'][number]],
    isOfLoadedModel: true,
  };
  store.getState().trainingRunOpened({ run: stored, step: shown, isRecorded: false });
  const replay = sharedTraining(store.getState());
  const { text } = makeShare(checkedForSharing({ kind: 'replay', replay }), 'https://a.example/');
  expect(text).not.toMatch(/secret|judge\.example|"big"|a-kitchen|checkpoints":/);
  expect(replay).toMatchObject({
    recording: {
      device: run.device,
      createdAt: run.updatedAt,
      run: { plan: { dilemmas: [used.dilemma], judge: { kind: 'endpoint', url: '' }, agreement: null } },
      steps: [shown],
    },
  });
});

test('changes that are another model’s defaults stay changes', () => {
  // The default of small models, which the page has until it knows one.
  expect(store.getState().reasoningSettings.budget).toBe(512);
  use({ kind: 'thinking', settings: { budget: 512 } });
  store.getState().modelLoaded({ name: 'Thinks', hasThinkTokens: true } as ModelInfo);
  expect(store.getState().reasoningSettings.budget).toBe(512);
});

test('a part that is left out stays; a part that is there takes the place of all of it', () => {
  changeAll();
  use({ kind: 'thinking', question: 'Theirs' });
  expect(store.getState()).toMatchObject({ draft: 'Theirs', reasoningChanges: { budget: 99, temperature: 0.3 } });
  use({ kind: 'thinking', settings: { seed: 4 } });
  expect(store.getState()).toMatchObject({ draft: 'Theirs', reasoningChanges: { seed: 4 } });
  use({ kind: 'negotiation', rules: { templates: {} } });
  expect(store.getState().templateTexts).toEqual({});
  expect(store.getState().templateEdits[templateId]?.earlier.map(({ text }) => text)).toEqual([editedText]);
  expect(store.getState().negotiationChanges).toEqual({ groupSize: 2 });
});

test('a prompt that is edited after a shared one came stays when that is taken back', () => {
  changeAll();
  const edited = store.getState().templateEdits;
  const undo = use({ kind: 'negotiation', rules: { templates: {} } });
  const later = { text: `${TEMPLATES.turn.text}\nBe kind.`, ourVersion: 1, savedAt: '2026-01-02' };
  store.getState().templateSaved('turn', later);
  undo();
  expect(store.getState().templateEdits).toEqual({ ...edited, turn: { current: later, earlier: [] } });
  expect(store.getState().templateTexts).toEqual({ [templateId]: editedText, turn: later.text });
});

test('a dilemma of somebody else becomes one of the visitor’s, once, whatever its id and origin say', () => {
  const undo = use({ kind: 'negotiation', rules: { dilemma: { ...own, origin: 'ours' } } });
  expect(store.getState().chosenDilemma).toMatchObject({ id: 'a-kitchen', origin: 'own', goal: 'Share a kitchen' });
  use({ kind: 'negotiation', rules: { dilemma: own } });
  expect(store.getState().ownDilemmas).toHaveLength(1);
  use({ kind: 'negotiation', rules: { dilemma: { ...own, prompt: 'Who cooks?' } } });
  const ids = store.getState().ownDilemmas.map(({ id }) => id);
  expect(ids).toHaveLength(2);
  expect(ids[1]).toMatch(/^a-kitchen-[\da-f]{8}$/);
  // An id of ours with other words is none of ours.
  use({ kind: 'negotiation', rules: { dilemma: { ...own, id: at(DILEMMAS, 0).id, prompt: 'Who pays?' } } });
  expect(store.getState().chosenDilemma.prompt).toBe('Who pays?');
  undo();
  expect(store.getState().ownDilemmas.map(({ prompt }) => prompt)).toEqual(['Who cooks?', 'Who pays?']);
});

test('a chat with another server forgets the key of the one before, and taking it back gives it back', () => {
  changeAll();
  const undo = use({ kind: 'chat', chatModel: { kind: 'endpoint', url: 'https://other.example/v1', model: 'm' } });
  expect(store.getState()).toMatchObject({ chatKey: '', chatForm: { url: 'https://other.example/v1' } });
  undo();
  expect(store.getState()).toMatchObject({ chatKey: 'secret', chatForm: { url: 'http://localhost:1/v1' } });
});

test('nothing is put in place before the visitor’s own material is read, or under a run', () => {
  const content = checkedForSharing({ kind: 'thinking', question: 'Theirs' });
  store.setState({ isMaterialLoaded: false });
  expect(obstacleToShared(store.getState(), content)).toContain('still being read');
  store.setState({ isMaterialLoaded: true });
  store.getState().modelLoaded({ name: 'A model', hasThinkTokens: false } as ModelInfo);
  store.getState().runStarted(0);
  expect(obstacleToShared(store.getState(), content)).toContain('Stop it first');
  expect(() => applyShared(store, content)).toThrow('Stop it first');
  expect(store.getState().draft).toBe('');
});

test('recordings open paused and move only when they are played; taken back, what was shown is shown', async () => {
  const read = async (file: string): Promise<never> =>
    JSON.parse(await readFile(new URL(`../../../public/recordings/${file}`, import.meta.url), 'utf8')) as never;

  const undoRun = use({ kind: 'replay', replay: { of: 'thinking', run: await read('thinking-while-typing.json') } });
  store.getState().playbackTicked(60_000);
  expect(store.getState().playback).toMatchObject({ source: 'recording', isPlaying: false, step: -1 });
  store.getState().playChanged(true);
  store.getState().playbackTicked(60_000);
  expect(store.getState().playback?.step).toBeGreaterThan(0);
  undoRun();
  expect(store.getState().playback).toBeNull();

  const shown = store.getState().rollout;
  const recording = await read('negotiations/four-about-a-thermostat.json');
  const undoNegotiation = use({ kind: 'replay', replay: { of: 'negotiation', recording } });
  store.getState().negotiationPlaybackTicked(60_000);
  expect(store.getState()).toMatchObject({
    rollout: { phase: 'paused', isRecorded: true },
    negotiationPlayback: { count: 0 },
  });
  undoNegotiation();
  expect(store.getState()).toMatchObject({ rollout: shown, negotiationPlayback: null });

  const { group } = recording as { group: never };
  const undoGroup = use({ kind: 'replay', replay: { of: 'group', group } });
  expect(store.getState().rollout).toMatchObject({ phase: 'ended', isRecorded: true });
  undoGroup();
  expect(store.getState().negotiationHistory).toEqual([]);

  // A group of the visitor's own that came since stays, and stays shown.
  const undoLate = use({ kind: 'replay', replay: { of: 'group', group } });
  store.getState().negotiationOpened(group);
  undoLate();
  const { rollout, negotiationHistory } = store.getState();
  expect(rollout).toMatchObject({ phase: 'ended', isRecorded: false });
  expect(negotiationHistory.map(({ groupId }) => groupId)).toEqual([rollout.groupId]);

  const undoTraining = use({
    kind: 'replay',
    replay: { of: 'training', recording: await read('training/ten-steps.json') },
  });
  expect(store.getState().openedRun).toMatchObject({ isRecorded: true });
  undoTraining();
  expect(store.getState()).toMatchObject({ openedRun: null, trainingRecording: null });
});

test('what a slow machine has shortened is shared, and is set on a fast one; what was set there is as it was set', () => {
  const speed = decodeSpeedOf([250], 'measured');
  store.getState().modelLoaded({ name: 'A model', hasThinkTokens: false, speed } as ModelInfo);
  const { budget } = store.getState().reasoningSettings;
  store.getState().negotiationSettingsChanged({ maxTurns: 7 });
  const thinking = collectShared(store.getState(), 'thinking', EVERYTHING_HARMLESS);
  const negotiation = collectShared(store.getState(), 'negotiation', EVERYTHING_HARMLESS);
  expect(thinking).toMatchObject({ settings: { budget } });
  expect(negotiation).toMatchObject({ rules: { settings: { groupSize: 2, maxTurns: 7 } } });

  const fast = { name: 'A model', hasThinkTokens: false, speed: decodeSpeedOf([1], 'measured') } as ModelInfo;
  store.getState().modelLoaded(fast);
  expect(store.getState().reasoningSettings.budget).toBeGreaterThan(budget);
  expect(collectShared(store.getState(), 'thinking', EVERYTHING_HARMLESS)).toMatchObject({ settings: {} });
  use(thinking);
  expect(store.getState().reasoningSettings.budget).toBe(budget);
});
