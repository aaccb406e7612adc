/** Starts, holds and empties what a preset shows: a real run where one is possible, else its recording. */
import type { StoreApi } from 'zustand';
import { FAILURES, isFailureCode } from '@/protocol/failures.ts';
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import type { DialoguesPreset, PresenterPreset, ThinkingPreset, TrainingPreset } from '@/protocol/presenter-presets.ts';
import type { AppState } from '@/state/app-store.ts';
import { isRunning } from '@/state/negotiation-view.ts';
import type { NegotiationControls, ThinkingControls } from '@/state/panel-controls.ts';
import { isRunActive, isTurnOver } from '@/state/reasoning-view.ts';
import { liveObstacle, measuredRate, type MeasuredRate } from './live-obstacle.ts';
import { speedOfDialogues, speedOfRun, type RecordingLoader } from './recordings.ts';
import { typeCues } from './typist.ts';
import { untilState } from './until-state.ts';

/** Null while the panel is not there. */
export interface PanelControls {
  readonly thinking: () => ThinkingControls | null;
  readonly negotiation: () => NegotiationControls | null;
}

export interface PlayerStatus {
  /** Why nothing is shown, and what to do; null: nothing is wrong. */
  readonly problem: string | null;
  /** A recorded training goes on by itself, step by step. */
  readonly isStepping: boolean;
}

export const RESTING_PLAYER: PlayerStatus = { problem: null, isStepping: false };

interface StartOptions {
  /** A recording plays so fast that it is over then. */
  readonly seconds?: number;
  readonly isRecorded?: boolean;
}

export interface PresetPlayer {
  /** From the beginning. Settles once it has begun. */
  readonly start: (preset: PresenterPreset, options?: StartOptions) => Promise<void>;
  /** Space: starts, stops, or goes on with what is held. */
  readonly toggle: (preset: PresenterPreset) => void;
  /** Stops, or holds a recording. */
  readonly hold: (preset: PresenterPreset) => void;
  /** The preset's page is as if nothing had been shown; without a preset, all pages are. */
  readonly reset: (preset?: PresenterPreset) => void;
  /** How fast the last run was counts no longer: the next start may run live again. */
  readonly forgetSpeed: () => void;
  /** Whether a real run was begun and has failed. */
  readonly hasFailed: (preset: PresenterPreset) => boolean;
  readonly obstacle: (preset: PresenterPreset) => string | null;
  /** Nothing is typed or stepped any longer; what runs, runs on. */
  readonly dispose: () => void;
}

/** A recording that is shown with a key pressed is over after about so long. */
const RECORDING_SECONDS = 30;
const PAGES: readonly PresenterPreset['page'][] = ['thinking', 'dialogues', 'training'];
const TRAINING_STEP_MS = 2000;

/** Whether something of the preset moves. */
export function isPlaying(
  state: Pick<AppState, 'live' | 'playback' | 'rollout'>,
  preset: PresenterPreset,
  { isStepping }: PlayerStatus,
): boolean {
  switch (preset.page) {
    case 'thinking':
      if (state.playback?.source === 'recording') return state.playback.isPlaying;
      return isRunActive(state.live) && !isTurnOver(state.live);
    case 'dialogues':
      return state.rollout.isRecorded ? state.rollout.phase === 'running' : isRunning(state.rollout);
    case 'training':
      return isStepping;
    default:
      return preset satisfies never;
  }
}

export function createPresetPlayer(
  store: StoreApi<AppState>,
  panels: PanelControls,
  recordings: RecordingLoader,
  onStatus: (status: PlayerStatus) => void,
): PresetPlayer {
  let status = RESTING_PLAYER;
  let asked = 0;
  let typing: AbortController | undefined;
  let stepping: ReturnType<typeof setInterval> | undefined;
  let rate: MeasuredRate | null = null;
  let isLive = false;

  const report = (change: Partial<PlayerStatus>): void => {
    status = { ...status, ...change };
    onStatus(status);
  };

  function halt(): void {
    asked++;
    typing?.abort();
    typing = undefined;
    clearInterval(stepping);
    stepping = undefined;
    rate = measuredRate(store.getState()) ?? rate;
    if (status.isStepping) report({ isStepping: false });
  }

  const obstacle = (preset: PresenterPreset): string | null => liveObstacle(store.getState(), preset, rate);

  function hold(preset: PresenterPreset): void {
    halt();
    const { playback, playChanged, rollout, negotiationPlayChanged } = store.getState();
    if (preset.page === 'thinking') {
      if (playback?.source === 'recording') playChanged(false);
      else void panels.thinking()?.stop();
    }
    if (preset.page === 'dialogues') {
      if (rollout.isRecorded) negotiationPlayChanged(false);
      else panels.negotiation()?.stop();
    }
  }

  function reset(preset?: PresenterPreset): void {
    halt();
    isLive = false;
    report({ problem: null });
    const pages = preset === undefined ? PAGES : [preset.page];
    for (const page of pages) empty[page]();
  }

  const empty: Readonly<Record<PresenterPreset['page'], () => void>> = {
    thinking: () => panels.thinking()?.reset(),
    dialogues() {
      panels.negotiation()?.stop();
      store.getState().negotiationCleared();
    },
    training() {
      if (store.getState().openedRun?.isRecorded === true) store.getState().trainingRunOpened(null);
    },
  };

  async function playThinking(preset: ThinkingPreset, isCurrent: () => boolean, seconds: number): Promise<void> {
    const run = await recordings.thinking(preset);
    if (isCurrent()) store.getState().recordingOpened(run, speedOfRun(run, seconds));
  }

  async function playDialogues(preset: DialoguesPreset, isCurrent: () => boolean, seconds: number): Promise<void> {
    const recording = await recordings.dialogues(preset);
    if (!isCurrent()) return;
    store.getState().negotiationRecordingOpened(recording);
    store.getState().negotiationSpeedChosen(speedOfDialogues(recording, seconds));
  }

  async function playTraining(preset: TrainingPreset, isCurrent: () => boolean): Promise<void> {
    const recording = await recordings.training(preset);
    if (!isCurrent()) return;
    store.getState().trainingRecordingOpened(recording);
    const steps = recording.steps.map(({ step }) => step);
    let next = 0;
    const step = (): void => {
      const number = steps[next++];
      if (number !== undefined) store.getState().recordedStepOpened(number);
      if (next < steps.length) return;
      clearInterval(stepping);
      report({ isStepping: false });
    };
    stepping = setInterval(step, TRAINING_STEP_MS);
    report({ isStepping: true });
    step();
  }

  function play(preset: PresenterPreset, isCurrent: () => boolean, seconds: number): Promise<void> {
    switch (preset.page) {
      case 'thinking':
        return playThinking(preset, isCurrent, seconds);
      case 'dialogues':
        return playDialogues(preset, isCurrent, seconds);
      case 'training':
        return playTraining(preset, isCurrent);
      default:
        return preset satisfies never;
    }
  }

  function begin(preset: ThinkingPreset | DialoguesPreset): void {
    isLive = true;
    if (preset.page === 'dialogues') {
      panels.negotiation()?.start();
      return;
    }
    const thinking = panels.thinking();
    if (thinking === null) return;
    typing = new AbortController();
    // What is over makes no more tokens: nothing is waited for any longer.
    const tokensOf = (tokens: 'thinkerTokens' | 'writerTokens'): number => {
      const { live } = store.getState();
      return isRunActive(live) && live.phase !== 'waiting' ? live[tokens] : Infinity;
    };
    const seat = {
      draft: () => store.getState().draft,
      typed: thinking.typed,
      submitted: thinking.submitted,
      thinkerTokens: () => tokensOf('thinkerTokens'),
      writerTokens: () => tokensOf('writerTokens'),
      rest: sleep,
      until: (isTrue: () => boolean, signal: AbortSignal) => untilState(store, isTrue, signal),
    };
    void typeCues(preset.cues, seat, typing.signal);
  }

  async function start(preset: PresenterPreset, options: StartOptions = {}): Promise<void> {
    const { seconds = RECORDING_SECONDS, isRecorded = false } = options;
    reset(preset);
    const mine = asked;
    const isCurrent = (): boolean => mine === asked;
    if (preset.page !== 'training' && !isRecorded && obstacle(preset) === null) {
      begin(preset);
      return;
    }
    try {
      await play(preset, isCurrent, seconds);
    } catch (error) {
      if (isCurrent()) report({ problem: problemOf(error) });
    }
  }

  function toggle(preset: PresenterPreset): void {
    const { playback, playChanged, rollout, negotiationPlayChanged } = store.getState();
    if (isPlaying(store.getState(), preset, status)) hold(preset);
    else if (preset.page === 'thinking' && playback?.source === 'recording' && !playback.isAtEnd) playChanged(true);
    else if (preset.page === 'dialogues' && rollout.isRecorded && rollout.phase === 'paused')
      negotiationPlayChanged(true);
    else void start(preset);
  }

  return {
    start,
    toggle,
    hold,
    reset,
    forgetSpeed() {
      rate = null;
      // What stands on the screen about it is asked anew.
      report({});
    },
    obstacle,
    hasFailed(preset) {
      const { live, model, rollout } = store.getState();
      if (!isLive) return false;
      if (model.status === 'failed') return true;
      return preset.page === 'thinking' ? live.phase === 'failed' : rollout.phase === 'failed';
    },
    dispose: halt,
  };
}

function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Failure ? error.code : '';
  const remedy = isFailureCode(code) ? FAILURES[code] : 'N goes on with the next preset.';
  return `${message} ${remedy}`;
}
