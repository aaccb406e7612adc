/** Records as a table: how often each configuration is right, what waiting for it costs, and how any two of them differ. */
import {
  mcNemarExact,
  meanInterval,
  pairedDifferenceInterval,
  wilsonInterval,
  type PairedCounts,
} from '@/lib/proportions.ts';
import type { DelayMetrics } from '@/protocol/comparison.ts';
import type {
  EvaluationRecord,
  EvaluationRow,
  EvaluationSummary,
  MeanEstimate,
  PairedDifference,
} from '@/protocol/evaluation.ts';

/**
 * A row for each configuration and an entry for each pair that has an item in common, in the order of `configurations`. An
 * answer from which nothing could be read counts as an item and not as right.
 *
 * @param records  each item at most once under each configuration
 */
export function summarise(configurations: readonly string[], records: readonly EvaluationRecord[]): EvaluationSummary {
  const groups = configurations.map((name) => ({
    name,
    records: records.filter(({ configuration }) => configuration === name),
  }));
  return {
    rows: groups.map((group) => rowOf(group.name, group.records)),
    pairs: groups.flatMap((first, index) => groups.slice(index + 1).flatMap((second) => pairOf(first, second))),
  };
}

function rowOf(configuration: string, records: readonly EvaluationRecord[]): EvaluationRow {
  const numItems = records.length;
  const numCorrect = records.filter(({ isCorrect }) => isCorrect).length;
  const meanOf = (read: (metrics: DelayMetrics) => number | null): MeanEstimate | null => {
    const values = records.map(({ metrics }) => read(metrics)).filter((value) => value !== null);
    const estimate = meanInterval(values);
    return estimate && { ...estimate, count: values.length };
  };
  return {
    configuration,
    numItems,
    numCorrect,
    accuracy: numItems === 0 ? null : { value: numCorrect / numItems, ...wilsonInterval(numCorrect, numItems) },
    numUnread: records.filter(({ extracted }) => extracted === null).length,
    timeToFirstTokenSeconds: meanOf(({ timeToFirstTokenMs: ms }) => (ms === null ? null : ms / 1000)),
    // Without an answer nothing was heard, and its silence has no end: it has no delay to be averaged.
    totalDelaySeconds: meanOf((metrics) => (metrics.writerTokens === 0 ? null : metrics.totalDelaySeconds)),
    adjustedDelaySeconds: meanOf((metrics) => (metrics.writerTokens === 0 ? null : metrics.adjustedDelaySeconds)),
    stepsToFirstToken: meanOf(({ stepsToFirstToken }) => stepsToFirstToken),
    stepsDelay: meanOf(({ stepsDelay }) => stepsDelay),
    thinkerTokens: meanOf(({ thinkerTokens }) => thinkerTokens),
    writerTokens: meanOf(({ writerTokens }) => writerTokens),
  };
}

interface Group {
  readonly name: string;
  readonly records: readonly EvaluationRecord[];
}

/** @returns nothing if they have no item in common */
function pairOf(first: Group, second: Group): PairedDifference[] {
  const counts = countPairs(first.records, second.records);
  const { both, onlyFirst, onlySecond, neither } = counts;
  const numItems = both + onlyFirst + onlySecond + neither;
  if (numItems === 0) return [];
  return [
    {
      first: first.name,
      second: second.name,
      numItems,
      onlyFirstCorrect: onlyFirst,
      onlySecondCorrect: onlySecond,
      difference: (onlyFirst - onlySecond) / numItems,
      ...pairedDifferenceInterval(counts),
      pValue: mcNemarExact(onlyFirst, onlySecond),
    },
  ];
}

function countPairs(first: readonly EvaluationRecord[], second: readonly EvaluationRecord[]): PairedCounts {
  const secondByItem = new Map(second.map(({ itemId, isCorrect }) => [itemId, isCorrect]));
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (const { itemId, isCorrect } of first) {
    const other = secondByItem.get(itemId);
    if (other === undefined) continue;
    if (isCorrect) counts[other ? 'both' : 'onlyFirst']++;
    else counts[other ? 'onlySecond' : 'neither']++;
  }
  return counts;
}
