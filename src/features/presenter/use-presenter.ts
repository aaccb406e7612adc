import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { PresenterPreset } from '@/protocol/presenter-presets.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { openNotesChannel, type NotesChannel } from './notes-channel.ts';
import { addressOfPreset, addressWithoutPresenter, presetAfter, presetOfAddress } from './presenter-address.ts';
import { isTabAction, tabOf, type PresenterAction } from './presenter-keys.ts';
import {
  createPresetPlayer,
  isPlaying,
  RESTING_PLAYER,
  type PanelControls,
  type PlayerStatus,
  type PresetPlayer,
} from './preset-player.ts';
import { shippedRecordings } from './recordings.ts';

export interface Presenter {
  readonly preset: PresenterPreset;
  readonly player: PresetPlayer;
  readonly status: PlayerStatus;
  readonly isPlaying: boolean;
  readonly areNotesShown: boolean;
  readonly areKeysShown: boolean;
  /** What the browser refused, and what to do; null: nothing. */
  readonly refusal: string | null;
  readonly show: (preset: PresenterPreset) => void;
  readonly act: (action: PresenterAction) => void;
}

/** Where the notes have a window of their own. */
const NOTES_ADDRESS = '#/notes';

/** The presenter view's state, and what its keys do. */
export function usePresenter(panels: PanelControls): Presenter {
  const store = useAppStore();
  const address = usePageAddress();
  const preset = presetOfAddress(address);
  const [status, setStatus] = useState<PlayerStatus>(RESTING_PLAYER);
  const [areNotesShown, setAreNotesShown] = useState(true);
  const [areKeysShown, setAreKeysShown] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const player = useMemo(() => createPresetPlayer(store, panels, shippedRecordings, setStatus), [store, panels]);
  const isRunning = useAppState((state) => isPlaying(state, preset, status));

  useOwnChoices();
  usePreset(preset, player);

  // Replaced, so that "back" leads out of the view and not through its presets.
  const show = useCallback((next: PresenterPreset) => location.replace(addressOfPreset(next)), []);

  const act = (action: PresenterAction): void => {
    setRefusal(null);
    if (isTabAction(action)) {
      store.getState().presenterTabChosen(preset.page, tabOf(action));
      return;
    }
    switch (action) {
      case 'startOrStop':
        player.toggle(preset);
        return;
      case 'reset':
        player.reset(preset);
        player.forgetSpeed();
        return;
      case 'next':
      case 'previous':
        player.reset(preset);
        show(presetAfter(preset, action === 'next' ? 1 : -1));
        return;
      case 'ownQuestion':
        focusTextBox();
        return;
      case 'autoDemo':
        store.getState().autoDemoChanged(!store.getState().isAutoDemo);
        return;
      case 'fullScreen':
        toggleFullScreen().catch(() =>
          setRefusal('The browser does not allow full screen here. Use its own key, often F11.'),
        );
        return;
      case 'notes':
        setAreNotesShown((before) => !before);
        return;
      case 'notesWindow':
        if (window.open(NOTES_ADDRESS, 'duet-notes', 'popup,width=680,height=760') === null)
          setRefusal(`The browser blocked the window. Open ${NOTES_ADDRESS} of this page in another window yourself.`);
        return;
      case 'keys':
        setAreKeysShown((before) => !before);
        return;
      case 'leave':
        if (areKeysShown) setAreKeysShown(false);
        else location.assign(addressWithoutPresenter(address));
        return;
      default:
        action satisfies never;
    }
  };

  useNotesWindow(preset, isRunning, act);
  return { preset, player, status, isPlaying: isRunning, areNotesShown, areKeysShown, refusal, show, act };
}

/** The visitor's own settings are put aside as long as the view is open. */
function useOwnChoices(): void {
  const store = useAppStore();
  // What was kept of the material comes late, and is the visitor's.
  const isMaterialLoaded = useAppState((state) => state.isMaterialLoaded);
  useEffect(() => {
    if (!isMaterialLoaded) return undefined;
    store.getState().presentingBegan();
    return () => store.getState().presentingEnded();
  }, [store, isMaterialLoaded]);
}

/** Applies the preset; what the one before it shows is held. */
function usePreset(preset: PresenterPreset, player: PresetPlayer): void {
  const store = useAppStore();
  const hasBegun = useAppState((state) => state.beforePresenting !== null);
  useEffect(() => {
    if (hasBegun) store.getState().presetApplied(preset);
  }, [store, preset, hasBegun]);
  useEffect(
    () => () => {
      if (!store.getState().isAutoDemo) player.hold(preset);
    },
    [store, preset, player],
  );
}

/** Tells the window with the notes what is shown, and does what its keys ask for. They end the demo, as any key does. */
function useNotesWindow(preset: PresenterPreset, isRunning: boolean, act: (action: PresenterAction) => void): void {
  const store = useAppStore();
  const isAutoDemo = useAppState((state) => state.isAutoDemo);
  const shown = useRef({ presetId: preset.id, isPlaying: isRunning, isAutoDemo });
  const doing = useRef(act);
  const channel = useRef<NotesChannel | null>(null);
  useEffect(() => {
    doing.current = act;
  });
  useEffect(() => {
    const opened = openNotesChannel((message) => {
      if (message.kind === 'hello') opened.send({ kind: 'shown', ...shown.current });
      if (message.kind !== 'action') return;
      if (store.getState().isAutoDemo) store.getState().autoDemoChanged(false);
      else doing.current(message.action);
    });
    channel.current = opened;
    const tellClosed = (): void => opened.send({ kind: 'closed' });
    window.addEventListener('pagehide', tellClosed);
    return () => {
      window.removeEventListener('pagehide', tellClosed);
      tellClosed();
      opened.close();
    };
  }, [store]);
  useEffect(() => {
    shown.current = { presetId: preset.id, isPlaying: isRunning, isAutoDemo };
    channel.current?.send({ kind: 'shown', ...shown.current });
  }, [preset.id, isRunning, isAutoDemo]);
}

/** The text box of the panel that is shown, if it has one. */
function focusTextBox(): void {
  document.querySelector<HTMLTextAreaElement>('main:not([hidden]) textarea')?.focus();
}

async function toggleFullScreen(): Promise<void> {
  if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
  else await document.exitFullscreen();
}
