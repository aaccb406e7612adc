import { Switch } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore, type ReactElement } from 'react';
import { isTurnOver, isRunActive } from '@/state/reasoning-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { createSpeaker } from './speaker.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

const REPORT_MS = 500;

/** Says the answer while it is written. Where the browser has no voice, the run's own clock stands in for one. */
export function ReadAloud({ run }: { readonly run: ReasoningRun }): ReactElement | null {
  const hasVoice = useHasVoice();
  const waitsForVoice = useAppState((state) => state.reasoningSettings.speechPause);
  const [isOn, setIsOn] = useState(false);
  if (!hasVoice) {
    return waitsForVoice ? <span className="read-aloud__note">The writer waits for a simulated voice.</span> : null;
  }
  return (
    <div className="read-aloud">
      <Switch size="xs" label="Read aloud" checked={isOn} onChange={(event) => setIsOn(event.currentTarget.checked)} />
      {isOn && <Reading run={run} />}
    </div>
  );
}

/** Speaks as long as it is mounted. */
function Reading({ run }: { readonly run: ReasoningRun }): ReactElement {
  const store = useAppStore();
  const [seconds, setSeconds] = useState(0);

  useEffect(() => {
    const speaker = createSpeaker(
      speechSynthesis,
      (text) => new SpeechSynthesisUtterance(text),
      () => store.getState().reasoningSettings.speakingRate,
    );
    let followed = store.getState().live;
    const follow = (): void => {
      const { live } = store.getState();
      followed = live;
      // Silent once the run was stopped; an answer that is complete is read to its end.
      if (live.phase === 'failed' || live.stopReason === 'stopped') speaker.cancel();
      else speaker.textChanged(live.writerText, isTurnOver(live) || !isRunActive(live));
    };
    const report = (): void => {
      const unspoken = speaker.unspokenSeconds();
      setSeconds(Math.ceil(unspoken));
      run.reportSpeech(unspoken);
    };
    follow();
    const stopFollowing = store.subscribe(({ live }) => {
      if (live !== followed) follow();
    });
    const timer = setInterval(report, REPORT_MS);
    return () => {
      stopFollowing();
      clearInterval(timer);
      speaker.cancel();
      run.reportSpeech(null);
    };
  }, [run, store]);

  return <span className="read-aloud__note">{seconds === 0 ? '' : `${seconds} s unspoken`}</span>;
}

function subscribeToVoices(onChange: () => void): () => void {
  if (!('speechSynthesis' in globalThis)) return () => undefined;
  speechSynthesis.addEventListener('voiceschanged', onChange);
  return () => speechSynthesis.removeEventListener('voiceschanged', onChange);
}

/** Voices come some time after the page; a browser may have none. */
function useHasVoice(): boolean {
  return useSyncExternalStore(
    subscribeToVoices,
    () => 'speechSynthesis' in globalThis && speechSynthesis.getVoices().length > 0,
  );
}
