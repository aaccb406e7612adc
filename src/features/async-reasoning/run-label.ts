import type { PlayableRun } from '@/state/playback-slice.ts';
import { isRecording, isTimed } from '@/state/run-items.ts';

/** What a shown run is: its name, and with what and when it was made. */
export function runName(run: PlayableRun): string {
  return isRecording(run) ? run.recording.name : (run.setup.problem ?? 'Trace');
}

export function runOrigin(run: PlayableRun): string {
  if (!isRecording(run)) {
    const times = isTimed(run) ? '' : 'times and ';
    return `A trace without ${times}texts by token: each stream’s text is shared out evenly over its steps.`;
  }
  const { model, device, createdAt, madeBy } = run.recording;
  const adapter = [device.vendor, device.architecture].filter(Boolean).join(' ');
  const parts = [
    model.name,
    device.isSoftware ? `${adapter} (software adapter)` : adapter,
    runDate(createdAt),
    ...(madeBy === undefined ? [] : [`made by ${madeBy}`]),
  ];
  return parts.filter(Boolean).join(' \u00B7 ');
}

export function runDate(createdAt: string): string {
  return new Date(createdAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}
