import type { PictureTable } from '@/ui/picture-table.tsx';
import { seenIn, seenText } from '../step-views.ts';
import { STATE_LABELS, userParts } from './moment.ts';
import type { TimedRun } from './run-lanes.ts';

const COLUMNS = [
  'step',
  'ms',
  'state',
  'user',
  'thinker token',
  'thinker sees',
  'writer token',
  'writer sees',
  'probe margin',
  'probe score',
  'probe limit',
  'probe says',
] as const;

/** One row per step. */
export function timelineTable(run: TimedRun): PictureTable {
  const marginOfStep = new Map(run.probes.map(({ step, margin }) => [step, margin]));
  const round = (value: number | undefined): number | string => (value === undefined ? '' : Number(value.toFixed(5)));
  const rows = run.steps.map(({ step, elapsedMs, thinker, writer }, index) => {
    const record = run.traceSteps[index];
    const sees = (stream: 'thinker' | 'writer'): string => seenText(seenIn(run, index, stream) ?? []);
    const probe = record?.probe;
    return [
      step,
      Math.round(elapsedMs),
      record === undefined ? '' : STATE_LABELS[record.state],
      userParts(run, index).join('; '),
      thinker ?? '',
      sees('thinker'),
      writer ?? '',
      sees('writer'),
      round(marginOfStep.get(step)),
      round(probe?.score),
      round(probe === undefined ? undefined : (probe.limit ?? 0)),
      probe === undefined ? '' : probe.yes ? 'yes' : 'no',
    ];
  });
  return { columns: COLUMNS, rows };
}
