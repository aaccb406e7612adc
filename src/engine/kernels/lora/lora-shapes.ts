/** Shapes of the adapter kernels, the checks they share, and how work is cut for few and many lanes. */
import { assert } from '@/lib/assert.ts';
import type { Lanes, WgslChunk } from '../kernel.ts';
import { DROPOUT_CHUNK, SLICES_CHUNKS } from '../library/library.ts';

/**
 * Dropout of the adapters' input, evaluated from a hash where it is needed: forward and backward get the same mask from
 * the same three numbers. Inputs of different layers, and steps, need different seeds.
 */
export interface Dropout {
  /** Probability that a value is dropped, 0 <= rate < 1; 0 does no work. */
  readonly rate: number;
  /** u32. */
  readonly seed: number;
  /** Rows of A of one target module; each module has a mask of its own. */
  readonly rank: number;
}

/** The A matrices of all target modules that read one input, one below the other. */
export interface LoraInputShape {
  readonly numTokens: number;
  /** Columns of the input; a multiple of 4. */
  readonly D: number;
  /** Rows of A: rank times modules. */
  readonly R: number;
  /** Where A [R, D] begins in the flat buffer, in f32 values; a multiple of 4. */
  readonly aOffset: number;
  readonly dropout: Dropout;
  readonly lanes: Lanes;
}

/** The B matrix of one target module, and where its output lies. */
export interface LoraModuleShape {
  readonly numTokens: number;
  /** 1 to 64. */
  readonly rank: number;
  /** Rows of B, the module's outputs; a multiple of 4. */
  readonly rows: number;
  /** Columns of `a` and `g`. */
  readonly R: number;
  /** First column of this module in `a` and `g`. */
  readonly aColumn: number;
  /** Where B [rows, rank] begins in the flat buffer, in f32 values. */
  readonly bOffset: number;
  /** f32 values between two tokens' outputs; a multiple of 4. */
  readonly yStride: number;
  /** place(o) = floor(o / 4) * tileStride + o % 4 + yOffset; a multiple of 4. */
  readonly yOffset: number;
  /** 4, or 8 where tiles of two modules alternate (gate and up). */
  readonly tileStride: 4 | 8;
  readonly lanes: Lanes;
}

/** WGSL adds 32 768 times the second grid dimension. */
const GRID_WIDTH = 32_768;
const MAX_RANK = 64;
/** Up to here, real GPUs rather need more threads than threads with more work: decoding. */
const MAX_SINGLE_TOKENS = 16;

/** `struct Params` of the kernels on B. */
export const MODULE_FIELDS = {
  numTokens: 'u32',
  numTiles: 'u32',
  rank: 'u32',
  aStride: 'u32',
  aColumn: 'u32',
  bOffset: 'u32',
  yStride: 'u32',
  yOffset: 'u32',
  tileStride: 'u32',
} as const;

/** `struct Params` of the kernels on A, up to what one of them adds. */
export const INPUT_FIELDS = {
  numTokens: 'u32',
  columns: 'u32',
  numRows: 'u32',
  rank: 'u32',
  aOffset: 'u32',
  dropoutSeed: 'u32',
  dropoutThreshold: 'u32',
  keepScale: 'f32',
} as const;

export interface Cut {
  readonly WORKGROUP_SIZE: number;
  /** Lanes that share one output's sum. */
  readonly SLICES: number;
}

/** Kernels that contract a token's columns: a workgroup an output, or a lane an output. */
export const CONTRACTION_CUT: Readonly<Record<Lanes, Cut>> = {
  few: { WORKGROUP_SIZE: 8, SLICES: 1 },
  many: { WORKGROUP_SIZE: 64, SLICES: 64 },
};

/** Kernels that contract the tokens: outputs are many, so fewer lanes share one. */
export const GRADIENT_CUT: Readonly<Record<Lanes, Cut>> = {
  few: { WORKGROUP_SIZE: 16, SLICES: 1 },
  many: { WORKGROUP_SIZE: 64, SLICES: 8 },
};

/** Threads of a workgroup where nothing is shared. */
export const THREADS: Readonly<Record<Lanes, number>> = { few: 16, many: 64 };

export function slicesChunk(cut: Cut): WgslChunk {
  return cut.SLICES === 1 ? SLICES_CHUNKS.one : SLICES_CHUNKS.many;
}

/** Tokens of one output: registers are reused over tokens once there are enough threads. */
export function tokensPerOutput(numTokens: number, lanes: Lanes): 1 | 2 | 4 {
  if (lanes === 'many') return numTokens <= MAX_SINGLE_TOKENS ? 1 : 4;
  if (numTokens > 2) return 4;
  return numTokens === 2 ? 2 : 1;
}

export function gridOfGroups(numGroups: number): readonly [number, number] {
  return [Math.min(numGroups, GRID_WIDTH), Math.ceil(numGroups / GRID_WIDTH)];
}

/** Rows of A that share a mask, the blocks of four rows they are cut into, and the hash's numbers. */
export interface DropoutPlan {
  readonly rank: number;
  readonly numBlocks: number;
  readonly params: { readonly dropoutSeed: number; readonly dropoutThreshold: number; readonly keepScale: number };
  readonly HAS_DROPOUT: 0 | 1;
  readonly chunk: WgslChunk;
}

/** Without dropout, all rows count as one part. */
export function planDropout({ D, R, numTokens, aOffset, dropout }: LoraInputShape): DropoutPlan {
  const { rate, seed } = dropout;
  const rank = rate > 0 ? dropout.rank : R;
  assert(D % 4 === 0 && aOffset % 4 === 0, 'rows of A start at a multiple of four');
  assert(rate >= 0 && rate < 1, `${rate} is a rate of dropout`);
  assert(rank > 0 && R % rank === 0, `${R} rows are whole modules of rank ${rank}`);
  assert(numTokens * D <= 2 ** 32, 'every value of the input has a 32-bit number');
  return {
    rank,
    numBlocks: (R / rank) * Math.ceil(rank / 4),
    params: { dropoutSeed: seed, dropoutThreshold: dropoutThreshold(rate), keepScale: 1 / (1 - rate) },
    HAS_DROPOUT: rate > 0 ? 1 : 0,
    chunk: DROPOUT_CHUNK,
  };
}

/** A value is dropped where its 32 hash bits are below this. */
export function dropoutThreshold(rate: number): number {
  return Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1);
}

export function moduleParams(shape: LoraModuleShape): Readonly<Record<keyof typeof MODULE_FIELDS, number>> {
  const { numTokens, rank, rows, R, aColumn, bOffset, yStride, yOffset, tileStride } = shape;
  const numTiles = rows / 4;
  assert(rank >= 1 && rank <= MAX_RANK, `${rank} is a rank from 1 to ${MAX_RANK}`);
  assert(aColumn + rank <= R, `columns ${aColumn} to ${aColumn + rank - 1} are among ${R}`);
  assert(rows % 4 === 0 && yStride % 4 === 0 && yOffset % 4 === 0, 'outputs come in whole tiles of four');
  assert(yOffset + (numTiles - 1) * tileStride + 4 <= yStride, `a stride of ${yStride} holds all rows`);
  return { numTokens, numTiles, rank, aStride: R, aColumn, bOffset, yStride, yOffset, tileStride };
}
