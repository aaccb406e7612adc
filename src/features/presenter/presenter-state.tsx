import type { ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import type { AppState } from '@/state/app-store.ts';
import { negotiationStatus } from '@/state/negotiation-status.ts';
import { shownPlayback } from '@/state/negotiation-playback.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { isRecording } from '@/state/run-items.ts';
import { playbackStatus, runStatus } from '@/state/run-status.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { presetOfAddress } from './presenter-address.ts';

type Page = ReturnType<typeof presetOfAddress>['page'];

/** The one state of the panel, and what shows it: a model that runs, or a recording. Stands in the header. */
export function PresenterState(): ReactElement {
  const { page } = presetOfAddress(usePageAddress());
  const status = useAppState(useShallow((state) => statusOf(state, page)));
  const origin = useAppState(useShallow((state) => originOf(state, page)));
  return (
    <div className="presenter-state">
      <p className="presenter-state__run" role="status" data-kind={status.kind} data-testid="presenter-state">
        <i aria-hidden="true" />
        <strong>{status.label}</strong>
      </p>
      <p className="presenter-state__origin" data-recorded={origin.isRecorded} data-testid="presenter-origin">
        {origin.isRecorded && <strong>Recorded</strong>} {origin.text}
      </p>
    </div>
  );
}

function statusOf(state: AppState, page: Page): { readonly kind: string; readonly label: string } {
  const { playback, live, model, rollout } = state;
  switch (page) {
    case 'thinking': {
      if (playback !== null) return playbackStatus(playback);
      const modelStatus = model.device?.available === false ? 'impossible' : model.status;
      return runStatus(live, modelStatus);
    }
    case 'dialogues':
      // That it is recorded stands beside it.
      return negotiationStatus({ ...rollout, isRecorded: false }, model);
    case 'training': {
      const step = shownRun(state)?.step?.step ?? null;
      return step === null ? { kind: 'idle', label: 'Idle' } : { kind: 'replaying', label: `Step ${step}` };
    }
    default:
      return page satisfies never;
  }
}

interface Origin {
  readonly isRecorded: boolean;
  readonly text: string;
}

interface Made {
  readonly model: string;
  readonly createdAt: string;
  readonly isSoftware: boolean;
  /** Null where it does not play by a clock. */
  readonly speed: number | null;
}

function originOf(state: AppState, page: Page): Origin {
  const made = madeOf(state, page);
  return { isRecorded: made !== null, text: made === null ? state.model.name : madeText(made) };
}

function madeOf(state: AppState, page: Page): Made | null {
  if (page === 'thinking') {
    const { playback } = state;
    if (playback?.run === undefined || playback.run === null || !isRecording(playback.run)) return null;
    const { model, device, createdAt } = playback.run.recording;
    return { model: model.name, createdAt, isSoftware: device.isSoftware, speed: playback.speed };
  }
  if (page === 'dialogues') {
    const playback = shownPlayback(state);
    if (playback === null) return null;
    const { model, device, createdAt } = playback.recording;
    return { model: model.name, createdAt, isSoftware: device.isSoftware, speed: playback.speed };
  }
  const { trainingRecording } = state;
  if (trainingRecording === null) return null;
  const { createdAt, device, run } = trainingRecording;
  return { model: run.model.name, createdAt, isSoftware: device.includes('software'), speed: null };
}

function madeText({ model, createdAt, isSoftware, speed }: Made): string {
  const parts = [
    model,
    createdAt.slice(0, 10),
    ...(isSoftware ? ['software adapter'] : []),
    ...(speed === null || speed === 1 ? [] : [`${speed.toFixed(1)}\u00D7 speed`]),
  ];
  return parts.join(' \u00B7 ');
}
