/** The shared WGSL files, ready to be put behind a kernel's source. */
import type { KvType } from '@/protocol/model.ts';
import type { WeightLayout } from '@/engine/quantisation/weight-layout.ts';
import type { WgslChunk } from '../kernel.ts';
import bestOfLanes from './best-of-lanes.wgsl?raw';
import affineBlock from './affine-block.wgsl?raw';
import affineSymmetric from './affine-symmetric.wgsl?raw';
import affineSuperblock from './affine-superblock.wgsl?raw';
import dropout from './dropout.wgsl?raw';
import epilogueAdd from './epilogue-add.wgsl?raw';
import epilogueStore from './epilogue-store.wgsl?raw';
import epilogueSwiglu from './epilogue-swiglu.wgsl?raw';
import kvKeysF16 from './kv-keys-f16.wgsl?raw';
import kvKeysF32 from './kv-keys-f32.wgsl?raw';
import kvStoreF16 from './kv-store-f16.wgsl?raw';
import kvStoreF32 from './kv-store-f32.wgsl?raw';
import kvValuesF16 from './kv-values-f16.wgsl?raw';
import kvValuesF32 from './kv-values-f32.wgsl?raw';
import quants from './quants.wgsl?raw';
import quants4Bit from './quants-4bit.wgsl?raw';
import quants8Bit from './quants-8bit.wgsl?raw';
import rotateQuery from './rotate-query.wgsl?raw';
import slicesMany from './slices-many.wgsl?raw';
import slicesOne from './slices-one.wgsl?raw';
import rotaryHead from './rotary-head.wgsl?raw';
import weightRows from './weight-rows.wgsl?raw';
import visibleKeys from './visible-keys.wgsl?raw';
import weightsF16 from './weights-f16.wgsl?raw';
import weightsF32 from './weights-f32.wgsl?raw';

const columns: WgslChunk = { name: 'quants', source: quants };
const quants4: WgslChunk = { name: 'quants-4bit', source: quants4Bit };
const quants8: WgslChunk = { name: 'quants-8bit', source: quants8Bit };
const block: WgslChunk = { name: 'affine-block', source: affineBlock };
const symmetric: WgslChunk = { name: 'affine-symmetric', source: affineSymmetric };
const superblock: WgslChunk = { name: 'affine-superblock', source: affineSuperblock };

/** `load_quants` and `load_affine` by weight layout. */
export const WEIGHT_CHUNKS: Readonly<Record<WeightLayout, readonly WgslChunk[]>> = {
  f32: [columns, { name: 'weights-f32', source: weightsF32 }],
  f16: [columns, { name: 'weights-f16', source: weightsF16 }],
  q4: [columns, quants4, block],
  q8: [columns, quants8, block],
  q4s: [columns, quants4, symmetric],
  q4k: [columns, quants4, superblock],
  q8k: [columns, quants8, superblock],
};

/** A tile's weights row by row, behind one layout's `load_quants` and `load_affine`. */
export const WEIGHT_ROWS_CHUNK: WgslChunk = { name: 'weight-rows', source: weightRows };

/** What a linear layer does with its result: store, add to the residual stream, or join gate and up by SwiGLU. */
export type Epilogue = 'store' | 'add' | 'swiglu';

export const EPILOGUE_CHUNKS: Readonly<Record<Epilogue, WgslChunk>> = {
  store: { name: 'store', source: epilogueStore },
  add: { name: 'add', source: epilogueAdd },
  swiglu: { name: 'swiglu', source: epilogueSwiglu },
};

export const KV_STORE_CHUNKS: Readonly<Record<KvType, WgslChunk>> = {
  f32: { name: 'kv-f32', source: kvStoreF32 },
  f16: { name: 'kv-f16', source: kvStoreF16 },
};

export const KEY_CHUNKS: Readonly<Record<KvType, WgslChunk>> = {
  f32: { name: 'kv-keys-f32', source: kvKeysF32 },
  f16: { name: 'kv-keys-f16', source: kvKeysF16 },
};

export const VALUE_CHUNKS: Readonly<Record<KvType, WgslChunk>> = {
  f32: { name: 'kv-values-f32', source: kvValuesF32 },
  f16: { name: 'kv-values-f16', source: kvValuesF16 },
};

/** A head's query rotated to one block's offset. */
export const ROTATE_QUERY_CHUNK: WgslChunk = { name: 'rotate-query', source: rotateQuery };

/** One head of one token, with bias, norm weight and angles. */
export const ROTARY_HEAD_CHUNK: WgslChunk = { name: 'rotary-head', source: rotaryHead };

/** Order of candidates and the best of a workgroup's lanes. */
export const BEST_OF_LANES_CHUNK: WgslChunk = { name: 'best-of-lanes', source: bestOfLanes };

/** Dropout of an adapter's input, from a hash. */
export const DROPOUT_CHUNK: WgslChunk = { name: 'dropout', source: dropout };

/** `add_slices` where a lane sums alone, and where several share a sum. */
export const SLICES_CHUNKS: Readonly<Record<'one' | 'many', WgslChunk>> = {
  one: { name: 'slices-one', source: slicesOne },
  many: { name: 'slices-many', source: slicesMany },
};
/** The keys that a token of packed rows sees. */
export const VISIBLE_KEYS_CHUNK: WgslChunk = { name: 'visible-keys', source: visibleKeys };
