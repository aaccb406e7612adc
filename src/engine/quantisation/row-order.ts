/** Reordering of whole rows of bytes, before packing: quantised rows stay as they are. */
import { assert } from '@/lib/assert.ts';
import { ROWS_PER_TILE } from './weight-layout.ts';

/**
 * Copies rows into another order.
 *
 * @param bytes       [rows] rows of `rowBytes` bytes
 * @param sourceRowOf result row -> row of `bytes`
 */
export function permuteRows(
  bytes: Uint8Array,
  rowBytes: number,
  sourceRowOf: (row: number) => number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  for (let row = 0; row * rowBytes < bytes.length; row++) {
    const source = sourceRowOf(row) * rowBytes;
    out.set(bytes.subarray(source, source + rowBytes), row * rowBytes);
  }
  return out;
}

/**
 * Undoes the converter's reordering of q and k rows (and biases) in files of the `llama` architecture.
 *
 *   file row h * K + 2 i + c  =  HF row h * K + c * K / 2 + i       head h, half c, index i
 *
 * @param headDim  K, even
 * @returns        HF row -> file row
 */
export function llamaSourceRow(headDim: number): (row: number) => number {
  const half = headDim / 2;
  return (row) => {
    const inHead = row % headDim;
    return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
  };
}

/** One matrix from matrices of the same type and columns, one below the other (fused q, k, v). */
export function concatRows(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/**
 * One matrix in which tile 2 t is gate's tile t and tile 2 t + 1 is up's (tiles of four rows), so that one thread finds
 * both factors of silu(gate) * up.
 *
 * @param gate, up  [F] rows of `rowBytes` bytes each; F a multiple of 4
 * @returns         [2 F] rows
 */
export function interleaveTiles(gate: Uint8Array, up: Uint8Array, rowBytes: number): Uint8Array<ArrayBuffer> {
  const tileBytes = rowBytes * ROWS_PER_TILE;
  assert(gate.length === up.length && gate.length % tileBytes === 0, 'gate and up have the same whole number of tiles');
  const out = new Uint8Array(2 * gate.length);
  for (let offset = 0; offset < gate.length; offset += tileBytes) {
    out.set(gate.subarray(offset, offset + tileBytes), 2 * offset);
    out.set(up.subarray(offset, offset + tileBytes), 2 * offset + tileBytes);
  }
  return out;
}
