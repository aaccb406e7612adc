/** Rows to train on from outside: as they are, or in TRL's padded tensors. */
import { z } from 'zod';
import { at } from '@/lib/assert.ts';
import { checkInput, withCamelCaseKeys } from './check-input.ts';
import type { TrainingRow } from './training.ts';

const tokenIds = z.array(z.int().min(0));
const bit = z.int().min(0).max(1);
const numbers = z.array(z.number());

const rowSchema = z
  .strictObject({
    promptIds: tokenIds.min(1),
    completionIds: tokenIds,
    lossMask: z.array(bit),
    advantage: z.number(),
    oldLogProbs: numbers.exactOptional(),
    refLogProbs: numbers.exactOptional(),
    isTruncated: z.boolean().exactOptional(),
    role: z.enum(['agent1', 'agent2']).exactOptional(),
    groupId: z.int().exactOptional(),
  })
  .superRefine((row, context) => {
    for (const key of ['lossMask', 'oldLogProbs', 'refLogProbs'] as const) {
      const length = row[key]?.length ?? row.completionIds.length;
      if (length === row.completionIds.length) continue;
      const message = `It has ${length} values for ${row.completionIds.length} completion tokens`;
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

const rowsSchema = z.strictObject({ rows: z.array(rowSchema).min(1) });

const paddedSchema = z
  .strictObject({
    promptIds: z.array(tokenIds).min(1),
    promptMask: z.array(z.array(bit)),
    completionIds: z.array(tokenIds),
    completionMask: z.array(z.array(bit)),
    advantages: numbers,
    toolMask: z.array(z.array(bit)).optional(),
    oldPerTokenLogps: z.array(numbers).optional(),
    refPerTokenLogps: z.array(numbers).optional(),
  })
  .superRefine((batch, context) => {
    for (const { field, row, message } of shapeFaults(batch))
      context.addIssue({ code: 'custom', path: row === undefined ? [field] : [field, row], message });
  });

type PaddedBatch = z.output<typeof paddedSchema>;

interface ShapeFault {
  readonly field: keyof PaddedBatch;
  readonly row?: number;
  readonly message: string;
}

function shapeFaults(batch: PaddedBatch): ShapeFault[] {
  const numRows = batch.promptIds.length;
  const fields = [
    'promptMask',
    'completionIds',
    'completionMask',
    'advantages',
    'toolMask',
    'oldPerTokenLogps',
    'refPerTokenLogps',
  ] as const;
  const wrongRows = fields.flatMap((field): ShapeFault[] => {
    const length = batch[field]?.length ?? numRows;
    return length === numRows ? [] : [{ field, message: `It has ${length} rows; prompt_ids has ${numRows}` }];
  });
  if (wrongRows.length > 0) return wrongRows;
  return [
    ...widthFaults(batch, 'promptIds', ['promptMask']),
    ...widthFaults(batch, 'completionIds', ['completionMask', 'toolMask', 'oldPerTokenLogps', 'refPerTokenLogps']),
    ...batch.promptMask.flatMap((mask, row): ShapeFault[] => {
      if (mask.at(-1) !== 1) return [{ field: 'promptMask', row, message: 'The prompt must end with a token' }];
      return mask.includes(0, mask.indexOf(1))
        ? [{ field: 'promptMask', row, message: 'Prompts must be padded on the left only' }]
        : [];
    }),
    ...batch.completionMask.flatMap((mask, row): ShapeFault[] =>
      mask.lastIndexOf(1) + 1 === countOnes(mask)
        ? []
        : [{ field: 'completionMask', row, message: 'Completions must be padded on the right only' }],
    ),
  ];
}

function widthFaults(
  batch: PaddedBatch,
  base: 'promptIds' | 'completionIds',
  fields: readonly ('promptMask' | 'completionMask' | 'toolMask' | 'oldPerTokenLogps' | 'refPerTokenLogps')[],
): ShapeFault[] {
  return batch[base].flatMap(({ length }, row) =>
    fields.flatMap((field): ShapeFault[] => {
      const width = batch[field]?.[row]?.length ?? length;
      return width === length ? [] : [{ field, row, message: `It has ${width} values for ${length} token ids` }];
    }),
  );
}

function countOnes(mask: readonly number[]): number {
  return mask.reduce((sum, value) => sum + value, 0);
}

/**
 * `{ rows }` as they are, or TRL's dictionary: `prompt_ids` and `prompt_mask` padded on the left, `completion_ids` and
 * `completion_mask` on the right, `advantages`, and where they apply `tool_mask`, `old_per_token_logps` and
 * `ref_per_token_logps`. A row whose completion is masked as a whole stays in its place with an empty completion.
 *
 * @returns at least one row, in order
 * @throws {Failure} 'invalidConfig' naming the field as it was written, and the row
 */
export function checkTrainingBatch(value: unknown, call = 'training batch'): TrainingRow[] {
  const { fields, nameOf } = withCamelCaseKeys(value, call);
  if (Object.hasOwn(fields, 'rows')) return checkInput(rowsSchema, fields, call, nameOf).rows;
  const batch = checkInput(paddedSchema, fields, call, nameOf);
  return batch.promptIds.map((_, i) => rowOf(batch, i));
}

function rowOf(batch: PaddedBatch, i: number): TrainingRow {
  const length = countOnes(at(batch.completionMask, i));
  const oldLogProbs = batch.oldPerTokenLogps?.[i]?.slice(0, length);
  const refLogProbs = batch.refPerTokenLogps?.[i]?.slice(0, length);
  return {
    promptIds: at(batch.promptIds, i).slice(at(batch.promptMask, i).indexOf(1)),
    completionIds: at(batch.completionIds, i).slice(0, length),
    lossMask: batch.toolMask?.[i]?.slice(0, length) ?? Array<number>(length).fill(1),
    advantage: at(batch.advantages, i),
    ...(oldLogProbs && { oldLogProbs }),
    ...(refLogProbs && { refLogProbs }),
  };
}
