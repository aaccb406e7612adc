import { csvText } from '@/lib/write-csv.ts';
import type { Comparison, ComparisonRun, OtherRun } from '@/protocol/comparison.ts';
import { columnName, metricRows, type MetricRow } from '../metric-rows.ts';
import { failureOf, otherName } from './ways.ts';

type Cell = readonly [name: string, value: string | number];

/** One line per way: its figures, and what they were measured with, so that they stay with them in a table of many. */
export function comparisonCsv(comparison: Comparison): string {
  const rows = metricRows(comparison.settings.speakingRate);
  const lines = [...comparison.runs, ...(comparison.others ?? [])].map((run) => cellsOf(comparison, run, rows));
  const header = lines[0]?.map(([name]) => name) ?? [];
  return csvText([header, ...lines.map((cells) => cells.map(([, value]) => value))]);
}

function cellsOf(comparison: Comparison, run: ComparisonRun | OtherRun, rows: readonly MetricRow[]): readonly Cell[] {
  return [
    ['mode', 'model' in run ? run.model.kind : run.mode],
    ['stop', run.stop],
    ...rows.map((row): Cell => [columnName(row.key, row.unit), row.value(run.metrics) ?? '']),
    ...contextOf(comparison, 'model' in run ? run : null),
    ['failure', failureOf(run)?.message ?? ''],
  ];
}

/** Another model knows nothing of designs and steps, and its weights are not known here. */
function contextOf({ model, device, settings, ...comparison }: Comparison, other: OtherRun | null): readonly Cell[] {
  const ownDevice = `${device.vendor} ${device.architecture}${device.isSoftware ? ' (software)' : ''}`.trim();
  return [
    ['question', comparison.question],
    ['typing_characters_per_second', other === null ? comparison.typingRate : 0],
    ['speaking_characters_per_second', settings.speakingRate],
    ['design', other === null ? settings.design : ''],
    ['budget', settings.budget],
    ['temperature', settings.temperature],
    ['seed', settings.seed],
    ['model', other === null ? model.id : otherName(other.model)],
    ['model_sha256', (other === null ? model.sha256 : null) ?? ''],
    ['device', other?.model.kind === 'endpoint' ? '' : ownDevice],
    ['created_at', comparison.createdAt],
    ['settings', JSON.stringify(settings)],
  ];
}
