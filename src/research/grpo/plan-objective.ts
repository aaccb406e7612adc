/** What of the objective is known before any log-probability: which tokens count, and with which weight. */
import { assertNever, at } from '@/lib/assert.ts';
import type { TrainingRow, TrainingSettings } from '@/protocol/training.ts';

export interface ObjectivePlan {
  readonly rows: readonly TrainingRow[];
  readonly settings: TrainingSettings;
  /** Whether a token counts, [rows][completion]. */
  readonly counts: readonly (readonly boolean[])[];
  /** What every counted token's term of a row is multiplied by, [rows]. */
  readonly weights: readonly number[];
  /** Row numbers of each micro-batch. */
  readonly parts: readonly (readonly number[])[];
}

/** How TRL would have cut a generation batch that is longer than one update. */
export interface PlanCut {
  /** Row numbers of each micro-batch. */
  readonly parts: readonly (readonly number[])[];
  /** Micro-batches of the whole generation batch; `settings.gradientAccumulationSteps` of them make one update. */
  readonly stepsPerGeneration: number;
}

/**
 * The loss is a weighted sum over the tokens that count:
 *
 *   L = sum_i w_i sum_t m_it x_it
 *
 * so a row's gradient is known as soon as its own log-probabilities are.
 *
 * @param rows  the whole batch of one update, or with `cut` a generation batch
 * @param cut   default: `settings.gradientAccumulationSteps` runs of rows as equal as can be, all of one update
 */
export function planObjective(rows: readonly TrainingRow[], settings: TrainingSettings, cut?: PlanCut): ObjectivePlan {
  const counts = rows.map((row) => countedTokens(row, settings));
  const parts = cut?.parts ?? runsOfRows(rows.length, settings.gradientAccumulationSteps);
  const numAccumulated = cut === undefined ? parts.length : settings.gradientAccumulationSteps;
  const stepsPerGeneration = cut?.stepsPerGeneration ?? parts.length;
  const lengths = counts.map((row) => row.filter(Boolean).length);
  const weights = rows.map(() => 0);
  for (const part of parts) {
    const numTokens = sumOf(part.map((i) => at(lengths, i)));
    for (const i of part) {
      const local = localNormaliser(settings, at(lengths, i), part.length, numTokens) * numAccumulated;
      const global = (globalNormaliser(rows, lengths, i, settings) * numAccumulated) / stepsPerGeneration;
      weights[i] = 1 / (isGlobal(settings) ? global : local);
    }
  }
  return { rows, settings, counts, weights, parts };
}

function countedTokens(row: TrainingRow, settings: TrainingSettings): boolean[] {
  const isCut = settings.maskTruncatedCompletions && row.isTruncated === true;
  const isOfOther = settings.trainRoles === 'agent1' && row.role === 'agent2';
  const isLeftOut = isCut || isOfOther;
  return row.completionIds.map((_, t) => !isLeftOut && at(row.lossMask, t) !== 0);
}

function runsOfRows(numRows: number, numParts: number): number[][] {
  const count = Math.min(numParts, numRows);
  const begin = (part: number): number => Math.floor((part * numRows) / count);
  return Array.from({ length: count }, (_, part) =>
    Array.from({ length: begin(part + 1) - begin(part) }, (_each, i) => begin(part) + i),
  );
}

function isGlobal({ lossType }: TrainingSettings): boolean {
  return ['dapo', 'cispo', 'vespo', 'sft'].includes(lossType);
}

/** Of a loss type whose sum is divided within its micro-batch. */
function localNormaliser(settings: TrainingSettings, rowLength: number, numRows: number, numTokens: number): number {
  switch (settings.lossType) {
    case 'grpo':
    case 'sapo':
      return Math.max(rowLength, 1) * numRows;
    case 'bnpo':
      return Math.max(numTokens, 1);
    case 'dr_grpo':
      return numRows * settings.maxCompletionLength;
    case 'luspo':
      return numRows;
    case 'dapo':
    case 'cispo':
    case 'vespo':
    case 'sft':
      return 1;
    default:
      return assertNever(settings.lossType);
  }
}

/** Tokens of the batch, or of the row's group times the number of groups, which averages over groups. */
function globalNormaliser(
  rows: readonly TrainingRow[],
  lengths: readonly number[],
  rowIndex: number,
  { normalizeOver, lossType }: TrainingSettings,
): number {
  if (normalizeOver === 'batch' || lossType === 'sft') return Math.max(sumOf(lengths), 1);
  const groupId = at(rows, rowIndex).groupId;
  const numTokens = sumOf(lengths.filter((_, i) => at(rows, i).groupId === groupId));
  return Math.max(numTokens, 1) * new Set(rows.map((row) => row.groupId)).size;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
