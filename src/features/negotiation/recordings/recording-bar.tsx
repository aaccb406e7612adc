import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { NegotiationRecording } from '@/protocol/negotiation-recording.ts';
import { NEGOTIATION_SPEEDS, shownPlayback } from '@/state/negotiation-playback.ts';
import { isRunning } from '@/state/negotiation-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatDay, formatDuration } from '@/ui/format.ts';

/** Says that what is shown is recorded, and with what it was made. */
export function RecordingLabel({ recording }: { readonly recording: NegotiationRecording }): ReactElement {
  const { name, note, model, device, createdAt, judge } = recording;
  const adapter = [device.vendor, device.architecture].filter(Boolean).join(' ');
  const origin = [
    device.isSoftware ? `${adapter} (software adapter)` : adapter,
    judge === '' ? '' : `judged by ${judge}`,
  ];
  return (
    <div className="recording__label">
      <p className="recording__name">Recorded: {name}</p>
      <details>
        <summary>
          {model.name}, {formatDay(createdAt)}
        </summary>
        <p>What you see was recorded; nothing runs here now. {note}</p>
        <p>{origin.filter(Boolean).join(' · ')}</p>
      </details>
    </div>
  );
}

/** Play, hold, speed, and the way to the end. */
export function RecordingControls(): ReactElement {
  const store = useAppStore();
  const phase = useAppState((state) => state.rollout.phase);
  const isOver = useAppState((state) => !isRunning(state.rollout));
  const isPlaying = phase === 'running';
  return (
    <div className="recording__controls" role="group" aria-label="Recorded negotiation">
      <Button
        data-lesson="negotiation-play"
        className="recording__play"
        onClick={() => store.getState().negotiationPlayChanged(!isPlaying)}
      >
        {isPlaying ? 'Hold' : isOver ? 'Play again' : 'Play'}
      </Button>
      <Speed />
      <Button
        data-lesson="negotiation-end"
        variant="default"
        disabled={isOver}
        onClick={() => store.getState().negotiationEndChosen()}
      >
        To end
      </Button>
    </div>
  );
}

function Speed(): ReactElement {
  const store = useAppStore();
  const speed = useAppState((state) => state.negotiationPlayback?.speed ?? 1);
  return (
    <label>
      <span className="visually-hidden">Speed</span>
      <select
        value={String(speed)}
        onChange={(event) => store.getState().negotiationSpeedChosen(Number(event.currentTarget.value))}
      >
        {NEGOTIATION_SPEEDS.map((choice) => (
          <option key={choice} value={String(choice)}>
            {choice}×
          </option>
        ))}
      </select>
    </label>
  );
}

const shownSeconds = (milliseconds: number): string => formatDuration(Math.floor(milliseconds / 1000));

/** Where on its clock the recording stands. */
export function RecordingPosition(): ReactElement {
  const at = useAppState((state) => shownSeconds(shownPlayback(state)?.atMs ?? 0));
  const total = useAppState((state) => shownSeconds(shownPlayback(state)?.recording.events.at(-1)?.atMs ?? 0));
  return (
    <Fact
      value={at}
      unit={`of ${total}`}
      meaning="Time since the group began, when it was recorded. Longer rests, in which a prompt was read, are shortened."
    />
  );
}
