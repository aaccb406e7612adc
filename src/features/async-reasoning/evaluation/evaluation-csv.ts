import { csvText } from '@/lib/write-csv.ts';
import type { EvaluationReport, EvaluationRow, PairedDifference } from '@/protocol/evaluation.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { columnName, metricRows } from '../metric-rows.ts';
import { answersByItem } from './item-answers.ts';
import { RESULT_COLUMNS } from './result-columns.ts';

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** One line per configuration. */
export function resultsCsv(rows: readonly EvaluationRow[]): string {
  const header = [
    'configuration',
    'items',
    'correct',
    'unread',
    'accuracy',
    'accuracy_low',
    'accuracy_high',
    ...RESULT_COLUMNS.flatMap(({ key }) => ['', '_low', '_high', '_count'].map((part) => snake(key) + part)),
  ];
  const lines = rows.map((row) => [
    row.configuration,
    row.numItems,
    row.numCorrect,
    row.numUnread,
    ...(row.accuracy === null ? [null, null, null] : [row.accuracy.value, row.accuracy.low, row.accuracy.high]),
    ...RESULT_COLUMNS.flatMap(({ key }) => {
      const mean = row[key];
      return mean === null ? [null, null, null, 0] : [mean.mean, mean.low, mean.high, mean.count];
    }),
  ]);
  return csvText([header, ...lines]);
}

/** One line per pair of configurations. */
export function pairsCsv(pairs: readonly PairedDifference[]): string {
  const header = [
    'first',
    'second',
    'items',
    'only_first_correct',
    'only_second_correct',
    'accuracy_difference',
    'difference_low',
    'difference_high',
    'p_value',
  ];
  const lines = pairs.map((pair) => [
    pair.first,
    pair.second,
    pair.numItems,
    pair.onlyFirstCorrect,
    pair.onlySecondCorrect,
    pair.difference,
    pair.low,
    pair.high,
    pair.pValue,
  ]);
  return csvText([header, ...lines]);
}

/** One line per item and configuration, with what it was measured with, so that this stays in a table of many. */
export function answersCsv({ items, configurations, records, model, device, createdAt }: EvaluationReport): string {
  // Which figures there are does not depend on the speaking rate; each line carries its own in the settings.
  const metrics = metricRows(DEFAULT_REASONING_SETTINGS.speakingRate);
  const header = [
    'item',
    'kind',
    'question',
    'right_answer',
    'configuration',
    'mode',
    'extracted',
    'read',
    'correct',
    'stop',
    ...metrics.map(({ key, unit }) => columnName(key, unit)),
    'thoughts',
    'answer',
    'settings',
    'model',
    'model_sha256',
    'device',
    'created_at',
  ];
  const context = [
    model.id,
    model.sha256,
    `${device.vendor} ${device.architecture}${device.isSoftware ? ' (software)' : ''}`.trim(),
    createdAt,
  ];
  const byItem = answersByItem(records);
  const lines = items.flatMap((item) =>
    configurations.flatMap(({ name, mode, settings }) => {
      const record = byItem.get(item.id)?.get(name);
      if (record === undefined) return [];
      return [
        [
          item.id,
          item.kind,
          item.question,
          item.answer,
          name,
          mode,
          record.extracted,
          record.extracted !== null,
          record.isCorrect,
          record.stop,
          ...metrics.map((row) => row.value(record.metrics)),
          record.text.thinker,
          record.text.writer,
          JSON.stringify(settings),
          ...context,
        ],
      ];
    }),
  );
  return csvText([header, ...lines]);
}
