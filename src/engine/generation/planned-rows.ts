import { Failure } from '@/lib/failure.ts';
import { at } from '@/lib/assert.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { BlockPool } from '../cache/block-pool.ts';
import { PAGE_SIZE, type PooledBlock } from '../cache/cache-block.ts';
import type { StepPlan } from '../cache/step-table.ts';
import type { AdapterUse } from './decoder.ts';

/** A row of a forward, before its tokens are appended. */
export interface PlannedRow {
  readonly view: readonly PooledBlock[];
  readonly tokenIds: readonly number[];
  readonly adapter: AdapterUse;
}

/**
 * Everything that can be wrong with the rows of one forward.
 *
 * @throws {Failure} 'invalidConfig' or 'contextFull'
 */
export function checkRows(
  rows: readonly PlannedRow[],
  pool: BlockPool,
  limits: { readonly vocabSize: number; readonly maxRows: number; readonly contextLength: number },
): void {
  const outside = rows
    .flatMap((row) => row.tokenIds)
    .find((id) => !Number.isInteger(id) || id < 0 || id >= limits.vocabSize);
  if (outside !== undefined) {
    throw new Failure<FailureCode>(
      'invalidConfig',
      `Token id ${outside} is outside the vocabulary of ${limits.vocabSize}.`,
    );
  }
  if (rows.length > limits.maxRows || rows.some((row) => row.tokenIds.length === 0)) {
    throw new Failure<FailureCode>(
      'invalidConfig',
      `A forward takes 1 to ${limits.maxRows} rows of at least one token.`,
    );
  }
  const targets = rows.map((row) => at(row.view, row.view.length - 1));
  if (new Set(targets).size !== targets.length) {
    throw new Failure<FailureCode>('invalidConfig', 'Two rows of one forward write to the same block.');
  }
  const needed = rows.reduce((sum, row, index) => sum + pool.pagesNeeded(at(targets, index), row.tokenIds.length), 0);
  if (needed > pool.freePages) {
    throw new Failure<FailureCode>(
      'contextFull',
      `The KV cache of ${limits.contextLength} tokens is full: ${needed * PAGE_SIZE} more are needed, ` +
        `${pool.freePages * PAGE_SIZE} are free.`,
    );
  }
}

export const NO_OUTPUT = {
  tokenId: -1,
  logProb: Number.NaN,
  top: [],
  logsumexp: Number.NaN,
  scaledLogsumexp: Number.NaN,
  logits: [],
} as const;

export function geometry(plan: StepPlan, index: number): { lengths: number[]; rotaryOffsets: number[] } {
  const { lengths, rotaryOffsets } = at(plan.rows, index);
  return { lengths, rotaryOffsets };
}

export function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
