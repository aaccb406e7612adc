import { csvText } from '@/lib/write-csv.ts';
import type { Comparison } from '@/protocol/comparison.ts';
import { columnName, metricRows } from '../metric-rows.ts';

/** One line per mode: its figures, and what they were measured with, so that they stay with them in a table of many. */
export function comparisonCsv(comparison: Comparison): string {
  const { model, device, settings } = comparison;
  const rows = metricRows(settings.speakingRate);
  const context: readonly [string, string | number][] = [
    ['question', comparison.question],
    ['typing_characters_per_second', comparison.typingRate],
    ['speaking_characters_per_second', settings.speakingRate],
    ['design', settings.design],
    ['budget', settings.budget],
    ['temperature', settings.temperature],
    ['seed', settings.seed],
    ['model', model.id],
    ['model_sha256', model.sha256 ?? ''],
    ['device', `${device.vendor} ${device.architecture}${device.isSoftware ? ' (software)' : ''}`.trim()],
    ['created_at', comparison.createdAt],
    ['settings', JSON.stringify(settings)],
  ];
  const header = [
    'mode',
    'stop',
    ...rows.map(({ key, unit }) => columnName(key, unit)),
    ...context.map(([name]) => name),
  ];
  const lines = comparison.runs.map(({ mode, stop, metrics }) => [
    mode,
    stop,
    ...rows.map((row) => row.value(metrics) ?? ''),
    ...context.map(([, value]) => value),
  ]);
  return csvText([header, ...lines]);
}
