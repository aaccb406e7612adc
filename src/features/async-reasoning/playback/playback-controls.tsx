import './playback.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, type ReactElement } from 'react';
import { PLAYBACK_SPEEDS, wholeRunOf } from '@/state/playback-slice.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { StepSlider } from '@/ui/step-slider.tsx';
import { runName, runOrigin } from '../run-label.ts';

/** Stands in the status bar while something other than the newest moment of the page's own run is shown. */
export function PlaybackControls(): ReactElement {
  const source = useAppState((state) => state.playback?.source);
  return (
    <div className="playback" role="group" aria-label={source === 'live' ? 'Looking back' : 'Recorded run'}>
      {source === 'recording' && <PlayButton />}
      <Position />
      {source === 'recording' ? <Speed /> : <BackToNow />}
    </div>
  );
}

/** Says that what is shown is recorded, and with what it was made. */
export function RunLabel(): ReactElement | null {
  const run = useAppState((state) => state.playback?.run ?? null);
  if (run === null) return null;
  return (
    <p className="playback__label">
      <strong>Recorded run: {runName(run)}</strong>
      <span>{runOrigin(run)}</span>
    </p>
  );
}

function PlayButton(): ReactElement {
  const store = useAppStore();
  const isPlaying = useAppState((state) => state.playback?.isPlaying === true);
  const isAtEnd = useAppState((state) => state.playback?.isAtEnd === true);
  const button = useRef<HTMLButtonElement>(null);
  // What opened the recording is gone or covered: the keyboard goes on from here.
  useEffect(() => button.current?.focus(), []);
  return (
    <Button
      ref={button}
      data-lesson="recording-play"
      className="playback__play"
      onClick={() => store.getState().playChanged(!isPlaying)}
    >
      {isPlaying ? 'Hold' : isAtEnd ? 'Play again' : 'Play'}
    </Button>
  );
}

function Position(): ReactElement {
  const store = useAppStore();
  const step = useAppState((state) => state.playback?.step ?? -1);
  const isRecording = useAppState((state) => state.playback?.source === 'recording');
  // The page's own run goes on behind what is shown.
  const lastStep = useAppState((state) => wholeRunOf(state).steps.length - 1);
  return (
    <StepSlider
      step={step}
      firstStep={isRecording ? -1 : 0}
      lastStep={lastStep}
      onChoose={(chosen) => store.getState().stepChosen(chosen)}
    />
  );
}

function Speed(): ReactElement {
  const store = useAppStore();
  const speed = useAppState((state) => state.playback?.speed ?? 1);
  return (
    <label className="playback__speed">
      <span className="visually-hidden">Speed</span>
      <select
        data-lesson="recording-speed"
        value={String(speed)}
        onChange={(event) => store.getState().speedChosen(Number(event.currentTarget.value))}
      >
        {PLAYBACK_SPEEDS.map((choice) => (
          <option key={choice} value={String(choice)}>
            {choice === Infinity ? 'at once' : `${choice}\u00D7`}
          </option>
        ))}
      </select>
    </label>
  );
}

function BackToNow(): ReactElement {
  const store = useAppStore();
  return <Button onClick={() => store.getState().stepChosen(null)}>Back to now</Button>;
}
