/** Playing a recorded negotiation: its events go, by its clock, where those of a live group go. */
import type { StateCreator } from 'zustand';
import type { NegotiationRecording } from '@/protocol/negotiation-recording.ts';
import type { NegotiationSlice } from './negotiation-slice.ts';
import { isRunning } from './negotiation-view.ts';

export const NEGOTIATION_SPEEDS: readonly number[] = [1, 2, 4];

/** Rests, in which a prompt is read or a judge thinks, are shortened to this. Milliseconds of the recording. */
export const LONGEST_REST_MS = 1500;

export interface NegotiationPlayback {
  readonly recording: NegotiationRecording;
  /** Of the group that is shown for it; once another one is shown, this is over. */
  readonly groupId: number;
  /** Events that are shown. */
  readonly count: number;
  /** Where it stands on the recording's clock. */
  readonly atMs: number;
  readonly speed: number;
}

export interface NegotiationPlaybackSlice {
  readonly negotiationPlayback: NegotiationPlayback | null;
  /** Plays it from its beginning. */
  readonly negotiationRecordingOpened: (recording: NegotiationRecording) => void;
  /** At the end, playing begins anew. */
  readonly negotiationPlayChanged: (isPlaying: boolean) => void;
  readonly negotiationSpeedChosen: (speed: number) => void;
  readonly negotiationPlaybackTicked: (passedMs: number) => void;
  /** The rest of it, at once. */
  readonly negotiationEndChosen: () => void;
}

type WithNegotiation = NegotiationPlaybackSlice & NegotiationSlice;

/** Moved on by so much of the page's time. */
export function moved(playback: NegotiationPlayback, passedMs: number): NegotiationPlayback {
  const { events } = playback.recording;
  const atMs = playback.atMs + passedMs * playback.speed;
  let { count } = playback;
  for (let next = events[count]; next !== undefined && next.atMs <= atMs; next = events[count]) count++;
  const restUntil = events[count]?.atMs ?? atMs;
  return { ...playback, count, atMs: Math.max(atMs, restUntil - LONGEST_REST_MS) };
}

export function isAtEnd({ count, recording }: NegotiationPlayback): boolean {
  return count >= recording.events.length;
}

/** The recording that is shown; null while something else is. */
export function shownPlayback({
  negotiationPlayback,
  rollout,
}: Pick<WithNegotiation, 'negotiationPlayback' | 'rollout'>): NegotiationPlayback | null {
  return rollout.isRecorded && negotiationPlayback?.groupId === rollout.groupId ? negotiationPlayback : null;
}

export const createNegotiationPlaybackSlice: StateCreator<WithNegotiation, [], [], NegotiationPlaybackSlice> = (
  set,
  get,
) => {
  const show = (from: NegotiationPlayback, to: NegotiationPlayback): void => {
    set({ negotiationPlayback: to });
    const { groupId, recording } = to;
    const events = recording.events.slice(from.count, to.count);
    if (events.length > 0)
      get().negotiationEventsArrived(
        groupId,
        events.map(({ event }) => event),
      );
    if (isAtEnd(to)) get().negotiationCompleted(groupId, recording.group);
  };
  const playing = (): NegotiationPlayback | null => (isRunning(get().rollout) ? shownPlayback(get()) : null);
  const open = (recording: NegotiationRecording, speed: number): void => {
    const { dilemma, pair, settings } = recording.group;
    const groupId = get().negotiationStarted({ dilemma, pair, settings }, true);
    set({ negotiationPlayback: { recording, groupId, count: 0, atMs: 0, speed } });
  };
  return {
    negotiationPlayback: null,
    negotiationRecordingOpened: (recording) => open(recording, get().negotiationPlayback?.speed ?? 1),
    negotiationPlayChanged(isPlaying) {
      const shown = shownPlayback(get());
      if (shown === null) return;
      if (playing() !== null)
        get().negotiationEventsArrived(shown.groupId, [{ kind: 'paceChanged', isPaused: !isPlaying }]);
      else if (isPlaying) open(shown.recording, shown.speed);
    },
    negotiationSpeedChosen: (speed) =>
      set(({ negotiationPlayback }) =>
        negotiationPlayback === null ? {} : { negotiationPlayback: { ...negotiationPlayback, speed } },
      ),
    negotiationPlaybackTicked(passedMs) {
      const playback = playing();
      if (playback !== null && get().rollout.phase === 'running') show(playback, moved(playback, passedMs));
    },
    negotiationEndChosen() {
      const playback = playing();
      if (playback === null) return;
      const { events } = playback.recording;
      show(playback, { ...playback, count: events.length, atMs: events.at(-1)?.atMs ?? 0 });
    },
  };
};
