/** A matrix that is larger than one binding, cut into parts of whole rows. */
import { packMatrix } from './pack-weights.ts';
import { rowBytesOf, type TensorType } from './gguf-blocks.ts';
import { LAYOUT_OF, ROW_PADDING, packedWords, type PackedMatrix } from './weight-layout.ts';

export interface RowPart {
  readonly firstRow: number;
  readonly rows: number;
}

/** Bytes of a packed matrix's larger buffer, which is that of its values. */
function largerBytes(type: TensorType, rows: number, columns: number): number {
  return packedWords({ ...LAYOUT_OF[type], rows, columns }).values * 4;
}

/**
 * Cuts a matrix into as few parts as fit, of about equal size, so that kernels meet few shapes.
 *
 * @param maxBytes  of one buffer, Infinity for no cut; a part of eight rows is not cut further, whatever it takes
 * @returns         parts that begin at multiples of eight rows, which is what a thread of the kernels owns
 */
export function rowParts(type: TensorType, rows: number, columns: number, maxBytes: number): RowPart[] {
  const stepBytes = largerBytes(type, ROW_PADDING, columns);
  const numSteps = Math.ceil(rows / ROW_PADDING);
  const mostSteps = Math.max(1, Math.floor(maxBytes / stepBytes));
  const numParts = Math.max(1, Math.ceil(numSteps / mostSteps));
  const partRows = Math.ceil(numSteps / numParts) * ROW_PADDING;
  return Array.from({ length: Math.ceil(rows / partRows) }, (_, index) => {
    const firstRow = index * partRows;
    return { firstRow, rows: Math.min(partRows, rows - firstRow) };
  });
}

/**
 * Packs a matrix part by part, so that no packed copy of the whole exists.
 *
 * @param bytes  as for `packMatrix`
 */
export function* packParts(
  type: TensorType,
  bytes: Uint8Array,
  shape: { readonly rows: number; readonly columns: number },
  maxBytes: number,
): Generator<{ readonly firstRow: number; readonly packed: PackedMatrix }> {
  const rowBytes = rowBytesOf(type, shape.columns);
  for (const { firstRow, rows } of rowParts(type, shape.rows, shape.columns, maxBytes)) {
    const part = bytes.subarray(firstRow * rowBytes, (firstRow + rows) * rowBytes);
    const packed = packMatrix(type, part, rows, shape.columns);
    if (packed.values.byteLength <= maxBytes || rows <= ROW_PADDING) {
      yield { firstRow, packed };
      continue;
    }
    // Scales that overflow f16 made the part f32, and larger than was planned.
    for (const inner of rowParts('F32', rows, shape.columns, maxBytes)) {
      const innerBytes = part.subarray(inner.firstRow * rowBytes, (inner.firstRow + inner.rows) * rowBytes);
      yield {
        firstRow: firstRow + inner.firstRow,
        packed: packMatrix(type, innerBytes, inner.rows, shape.columns),
      };
    }
  }
}
