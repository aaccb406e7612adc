/** The comparison's lanes as the picture draws and describes them. */
import { waitingSpans, type LaneTrack, type TimeSpan } from '@/state/comparison-track.ts';
import type { ComparisonLane } from '@/state/comparison-view.ts';
import type { TimeLane } from '@/ui/time-lanes.tsx';
import { secondsText } from '../metric-rows.ts';
import { failureOf, nameOfWay, kindOfWay } from './ways.ts';

export function laneOfMode(lane: ComparisonLane): TimeLane {
  const { track } = lane;
  return {
    name: nameOfWay(lane.way),
    shortName: kindOfWay(lane.way),
    note: noteOf(lane, 'first token', 'first sentence'),
    shortNote: noteOf(lane, '1st token', '1st sentence'),
    thinking: track.spans.thinker,
    writing: track.spans.writer,
    waiting: waitingSpans(track),
    firstTokenMs: track.firstTokenMs,
    firstSentenceMs: track.firstSentenceMs,
  };
}

function noteOf({ way, status, track, run }: ComparisonLane, token: string, sentence: string): string {
  if (failureOf(run) !== null) return 'failed';
  switch (status) {
    case 'waiting':
      return 'not begun';
    case 'unfinished':
      return 'not finished';
    case 'running':
      return typeof way === 'string' ? `running, ${track.numSteps} steps` : 'running';
    case 'done':
      return marksText(track, token, sentence);
    default:
      return status satisfies never;
  }
}

function marksText({ firstTokenMs, firstSentenceMs }: LaneTrack, token: string, sentence: string): string {
  if (firstTokenMs === null) return 'no answer';
  const first = `${token} ${secondsText(firstTokenMs / 1000)} s`;
  return firstSentenceMs === null ? first : `${first}, ${sentence} ${secondsText(firstSentenceMs / 1000)} s`;
}

/** What the picture shows, for those who do not see it. */
export function lanesLabel(lanes: readonly ComparisonLane[], typingMs: number): string {
  const typing = typingMs > 0 ? ` The question was typed for ${secondsText(typingMs / 1000)} s in front of it.` : '';
  const parts = lanes.map((lane) => `${nameOfWay(lane.way)}: ${noteOf(lane, 'first token', 'first sentence')}`);
  return `Lanes over seconds since Enter.${typing} ${parts.join('; ')}.`;
}

/** What every way did at a moment. */
export function momentText(lanes: readonly ComparisonLane[], ms: number): string {
  const parts = lanes
    .map(({ way, track }) => `${nameOfWay(way)} ${activityAt(track, ms)}`)
    .filter((part) => !part.endsWith(' '));
  return [`${ms < 0 ? '\u2212' : ''}${secondsText(Math.abs(ms) / 1000)} s`, ...parts].join(' · ');
}

function activityAt(track: LaneTrack, ms: number): string {
  const isThinking = covers(track.spans.thinker, ms);
  const isWriting = covers(track.spans.writer, ms);
  if (isThinking && isWriting) return 'thinks and writes';
  if (isWriting) return 'writes';
  if (isThinking) return 'thinks';
  return ms > track.lastMs && track.numSteps > 0 ? 'has ended' : '';
}

function covers(spans: readonly TimeSpan[], ms: number): boolean {
  return spans.some(({ fromMs, toMs }) => ms >= fromMs && ms <= toMs);
}
