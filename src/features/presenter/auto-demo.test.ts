import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { StoreApi } from 'zustand';
import type { ModelInfo } from '@/protocol/model.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { TEMPLATES } from '@/protocol/negotiation/templates.ts';
import { PRESENTER_PRESETS, type PresenterPreset } from '@/protocol/presenter-presets.ts';
import { createAppStore, type AppState } from '@/state/app-store.ts';
import { readNegotiationRecording } from '@/state/read-negotiation-recording.ts';
import { isRunActive } from '@/state/reasoning-view.ts';
import { AutoDemo } from './auto-demo.ts';
import { LOOP_SECONDS } from './demo-schedule.ts';
import {
  createPresetPlayer,
  isPlaying,
  RESTING_PLAYER,
  type PlayerStatus,
  type PresetPlayer,
} from './preset-player.ts';
import { createRecordingLoader } from './recordings.ts';

const RECORDINGS = new URL('../../../public/recordings/', import.meta.url);

let store: StoreApi<AppState>;
let player: PresetPlayer;
let status: PlayerStatus;
let typed: string[];
let shown: PresenterPreset[];
let stored: Map<string, string>;
/** Read once: the demo asks for them in every loop. */
const texts = new Map<string, Promise<string>>();

function textOf(file: string): Promise<string> {
  const text = texts.get(file) ?? readFile(new URL(file, RECORDINGS), 'utf8');
  texts.set(file, text);
  return text;
}

beforeEach(() => {
  stored = new Map();
  store = createAppStore({
    getItem: (name) => stored.get(name) ?? null,
    setItem: (name, value) => void stored.set(name, value),
    removeItem: (name) => void stored.delete(name),
  });
  typed = [];
  shown = [];
  status = RESTING_PLAYER;
  const panels = {
    thinking: () => ({
      typed: (text: string) => {
        if (store.getState().live.phase === 'idle') store.getState().runStarted(performance.now());
        store.getState().draftChanged(text);
        typed.push(text);
      },
      submitted: () => store.getState().draftChanged(''),
      stop: () => Promise.resolve(),
      reset: () => {
        store.getState().draftChanged('');
        store.getState().runCleared();
      },
    }),
    negotiation: () => ({ start: () => undefined, stop: () => undefined }),
  };
  player = createPresetPlayer(store, panels, createRecordingLoader(textOf), (next) => {
    status = next;
  });
});

const modelReady = (): void => store.getState().modelLoaded({ name: 'A model', hasThinkTokens: false } as ModelInfo);

/** Lets a recording be read from the disk. */
async function settle(isTrue: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(isTrue()).toBe(true), { timeout: 5000, interval: 5 });
}

/** A group in the middle of its dialogues, as if it ran here. */
async function shownGroup(): Promise<AppState['rollout']> {
  const recording = readNegotiationRecording(await textOf('negotiations/four-about-a-thermostat.json'));
  store.getState().negotiationRecordingOpened(recording);
  for (let tick = 0; tick < 600; tick++) store.getState().negotiationPlaybackTicked(100);
  store.setState(({ rollout }) => ({ rollout: { ...rollout, isRecorded: false }, negotiationPlayback: null }));
  return store.getState().rollout;
}

const STEP_SECONDS = 0.5;

const TICKS = 15;

/** As the page's clocks do. */
function passTime(): void {
  for (let tick = 0; tick < TICKS; tick++) {
    store.getState().playbackTicked((STEP_SECONDS * 1000) / TICKS);
    store.getState().negotiationPlaybackTicked((STEP_SECONDS * 1000) / TICKS);
  }
}

/** What there is of runs, groups and recordings. */
function sizes(): object {
  const { negotiationHistory, film, trainingRuns, playback, rollout, openedRun } = store.getState();
  return {
    groups: negotiationHistory.length,
    film: film.items.length,
    trainingRuns,
    playedItems: playback?.film.items.length ?? null,
    dialogues: rollout.dialogues.length,
    openedRun: openedRun?.run.id ?? null,
    stored: stored.get('duet')?.length ?? null,
  };
}

describe('the auto demo', () => {
  test('ten loops leave as many runs, groups and recordings as one, and keep nothing', async () => {
    store.getState().draftChanged('My own words');
    store.getState().presentingBegan();
    const before = stored.get('duet');
    const demo = new AutoDemo(store, player, (preset) => shown.push(preset));
    const ofLoops: object[][] = [];
    for (let loop = 0; loop < 10; loop++) {
      const ofScenes: object[] = [];
      for (let seconds = 0; seconds < LOOP_SECONDS; seconds += STEP_SECONDS) {
        const { preset } = demo.tick(loop * LOOP_SECONDS + seconds);
        const isNew = shown.length > loop * 5 + ofScenes.length;
        if (isNew) {
          await settle(() => isPlaying(store.getState(), preset, status));
          ofScenes.push(sizes());
        }
        passTime();
      }
      ofLoops.push(ofScenes);
    }
    for (const ofScenes of ofLoops) expect(ofScenes).toEqual(ofLoops[0]);
    expect(ofLoops[0]).toHaveLength(5);
    demo.end();
    player.dispose();
    expect(store.getState().negotiationHistory).toEqual([]);
    expect(stored.get('duet')).toBe(before);
    store.getState().presentingEnded();
    expect(store.getState().draft).toBe('My own words');
  });

  test('recordings are over before their scene is', async () => {
    const demo = new AutoDemo(store, player, () => undefined);
    for (let seconds = 0; seconds < LOOP_SECONDS; seconds += STEP_SECONDS) {
      const { preset, scene, intoSceneSeconds } = demo.tick(seconds);
      if (intoSceneSeconds === 0) await settle(() => isPlaying(store.getState(), preset, status));
      passTime();
      if (intoSceneSeconds + STEP_SECONDS < scene.seconds) continue;
      const { playback, rollout } = store.getState();
      if (preset.page === 'thinking') expect(playback).toMatchObject({ source: 'recording', isAtEnd: true });
      if (preset.page === 'dialogues') expect(rollout).toMatchObject({ isRecorded: true, phase: 'ended' });
    }
    demo.end();
    player.dispose();
  });

  test('a run that fails goes on as its recording', async () => {
    modelReady();
    const demo = new AutoDemo(store, player, () => undefined);
    demo.tick(0);
    await settle(() => typed.length > 3);
    expect(store.getState().playback).toBeNull();
    const lost = { code: 'deviceLost', message: 'The GPU is gone.' };
    store.getState().runFailed(lost);
    store.getState().modelLoadFailed(lost);
    demo.tick(5);
    await settle(() => store.getState().playback?.source === 'recording');
    const numTyped = typed.length;
    // The next scene does not try again what cannot be.
    demo.tick(25);
    await settle(() => store.getState().playback?.run !== null && store.getState().playback?.isPlaying === true);
    expect(typed).toHaveLength(numTyped);
    demo.end();
    expect(store.getState().playback?.isPlaying).toBe(false);
  });

  test('groups of before are still there when it ends', () => {
    const group = { groupId: 1, record: {} as GroupRecord, isRecorded: false };
    store.setState({ negotiationHistory: [group] });
    const demo = new AutoDemo(store, player, () => undefined);
    demo.tick(0);
    demo.tick(100);
    demo.end();
    player.dispose();
    expect(store.getState().negotiationHistory).toEqual([group]);
  });

  test('the visitor’s own group, which it stops, is among them', async () => {
    const { head, plan, dialogues } = await shownGroup();
    const groupId = store.getState().rollout.groupId;
    expect([head === null, plan === null, dialogues.length]).toEqual([false, false, 4]);
    const demo = new AutoDemo(store, player, () => undefined);
    demo.tick(0);
    demo.tick(30);
    demo.end();
    player.dispose();
    expect(store.getState().negotiationHistory).toMatchObject([{ groupId, isRecorded: false }]);
  });
});

describe('a preset', () => {
  test.each(PRESENTER_PRESETS)(
    '$id plays its recording where no model runs, is held, goes on and is emptied',
    async (preset) => {
      store.getState().presetApplied(preset);
      expect(player.obstacle(preset)).not.toBeNull();
      player.toggle(preset);
      await settle(() => isPlaying(store.getState(), preset, status));
      player.toggle(preset);
      expect(isPlaying(store.getState(), preset, status)).toBe(false);
      player.toggle(preset);
      await settle(() => isPlaying(store.getState(), preset, status));
      player.reset(preset);
      const { playback, rollout, openedRun } = store.getState();
      expect([playback, rollout.head, openedRun]).toEqual([null, null, null]);
      player.dispose();
    },
  );

  test('that cannot be fetched says so, and what to do', async () => {
    const failing = createPresetPlayer(
      store,
      { thinking: () => null, negotiation: () => null },
      createRecordingLoader(() => Promise.reject(new Error('Nothing came.'))),
      (next) => {
        status = next;
      },
    );
    const [preset] = PRESENTER_PRESETS;
    if (preset === undefined) throw new Error('There is no preset.');
    await failing.start(preset);
    expect(status.problem).toBe('Nothing came. N goes on with the next preset.');
    failing.reset(preset);
    expect(status.problem).toBeNull();
  });

  test('that runs is typed into the box; on a machine too slow for a room the next one is recorded', async () => {
    modelReady();
    const [preset] = PRESENTER_PRESETS;
    if (preset === undefined) throw new Error('There is no preset.');
    expect(player.obstacle(preset)).toBeNull();
    player.toggle(preset);
    await settle(() => typed.length > 2);
    expect(typed.slice(0, 3)).toEqual(['W', 'Wh', 'Wha']);
    const steps = Array.from({ length: 8 }, (_, step) => ({
      step,
      elapsedMs: step * 3000,
      thinker: 'x',
      writer: null,
    }));
    store.setState(({ live }) => ({ live: { ...live, steps } }));
    player.reset(preset);
    expect(player.obstacle(preset)).toBe('A model makes less than 1 token a second here.');
    player.forgetSpeed();
    expect(player.obstacle(preset)).toBeNull();

    // A long rest in the typing is no slowness of the machine.
    const rested = steps.map((step, index) => ({ ...step, elapsedMs: index * 100 + (index < 4 ? 0 : 60_000) }));
    store.setState(({ live }) => ({ live: { ...live, steps: rested } }));
    player.reset(preset);
    expect(player.obstacle(preset)).toBeNull();
  });
});

describe('while somebody presents', () => {
  test('presets change what is shown, and only the visitor\u2019s own choices are kept and put back', () => {
    const { reasoningSettingsChanged, negotiationSettingsChanged, pictureChosen, draftChanged } = store.getState();
    reasoningSettingsChanged({ probeInterval: 7 });
    negotiationSettingsChanged({ groupSize: 3 });
    pictureChosen('check');
    draftChanged('Mine');
    store.getState().judgeFormChanged({ kind: 'rule', rule: 'length', words: 7 });
    store.getState().judgeChosen();
    store.getState().sideTakenOver({ row: 0, role: 'agent2' });
    store.getState().materialLoaded(null);
    store
      .getState()
      .templateSaved('agent', { text: `${TEMPLATES.agent.text}\nBe brief.`, ourVersion: 1, savedAt: '2026-01-01' });
    const { judgeChoice, takenOver, templateTexts } = store.getState();
    expect(templateTexts).not.toEqual({});
    const own = stored.get('duet');
    const { chosenDilemma, chosenPair } = store.getState();
    store.getState().presentingBegan();
    for (const preset of PRESENTER_PRESETS) store.getState().presetApplied(preset);
    expect(store.getState()).toMatchObject({ judgeChoice: { kind: 'engine' }, takenOver: [], templateTexts: {} });
    // One leaves in the middle of a run.
    store.getState().runStarted(0);
    store.getState().draftChanged('Typed by the page');
    expect(store.getState().reasoningSettings.probeInterval).not.toBe(7);
    expect(store.getState().negotiationChanges.groupSize).not.toBe(3);
    expect(store.getState().chosenDilemma.id).not.toBe(chosenDilemma.id);
    expect(stored.get('duet')).toBe(own);
    expect(isRunActive(store.getState().live)).toBe(true);
    store.getState().presentingEnded();
    expect(store.getState()).toMatchObject({ judgeChoice, takenOver, templateTexts });
    expect(store.getState()).toMatchObject({ chosenDilemma, chosenPair, draft: 'Mine', picture: 'check' });
    expect(store.getState().reasoningSettings.probeInterval).toBe(7);
    expect(store.getState().negotiationChanges.groupSize).toBe(3);
    expect(stored.get('duet')).toBe(own);
  });
});
