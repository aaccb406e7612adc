import type { KvType } from '@/protocol/model.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import { KEY_CHUNKS, ROTATE_QUERY_CHUNK } from '../library/library.ts';
import meanSource from './attention-readout-mean.wgsl?raw';
import source from './attention-readout.wgsl?raw';

export const attentionReadout = defineKernel({
  name: 'attention-readout',
  source,
  buffers: { qkv: 'read', kPool: 'read', rope: 'read', table: 'read', weights: 'readWrite', y: 'readWrite' },
  params: { tokensAt: 'u32', fragmentsAt: 'u32', pagesAt: 'u32', readersAt: 'u32', layer: 'u32', scale: 'f32' },
  overrides: ['HEAD_DIM', 'NUM_HEADS', 'NUM_KV_HEADS', 'PAGE_SIZE', 'MAX_KEYS', 'WORKGROUP_SIZE'],
});

export const attentionReadoutMean = defineKernel({
  name: 'attention-readout-mean',
  source: meanSource,
  buffers: { weights: 'read', table: 'read', y: 'readWrite' },
  params: { readersAt: 'u32', layer: 'u32' },
  overrides: ['NUM_HEADS', 'NUM_LAYERS', 'MAX_KEYS', 'WORKGROUP_SIZE'],
});

export interface AttentionReadoutBuffers {
  readonly qkv: GpuBuffer;
  readonly kPool: GpuBuffer;
  readonly rope: GpuBuffer;
  readonly table: GpuBuffer;
  /** [readers, H, maxKeys] f32; overwritten. */
  readonly weights: GpuBuffer;
  readonly y: GpuBuffer;
}

export interface AttentionReadoutShape {
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly numLayers: number;
  readonly pageSize: number;
  readonly kvType: KvType;
  readonly lanes: Lanes;
  readonly layer: number;
  readonly numReaders: number;
  /** Keys of a reader that the scratch buffer holds, and the most that a reader sees. */
  readonly maxKeys: number;
  readonly numKeys: number;
  /** Where the parts of the step table begin, and the readers (attention-readout.wgsl). */
  readonly tokensAt: number;
  readonly fragmentsAt: number;
  readonly pagesAt: number;
  readonly readersAt: number;
}

/** What one reader wants, and where in the output its parts stand, in words. */
export interface Reader {
  /** Of the step. */
  readonly token: number;
  readonly massAt: number;
  readonly keysAt: number;
  readonly numKeys: number;
  readonly byLayer: boolean;
  /** The layer whose first head's vectors are wanted. */
  readonly shownLayer?: number;
  readonly vectorsAt: number;
}

const NONE = 0xffff_ffff;

/** A reader's words of the table. */
export function readerWords(reader: Reader): number[] {
  const { token, massAt, keysAt, numKeys, byLayer, shownLayer = NONE, vectorsAt } = reader;
  return [token, massAt, keysAt, numKeys, shownLayer, vectorsAt, byLayer ? 1 : 0, 0];
}

const MEAN_WORKGROUP = 64;

/** Weights, masses and vectors of one layer, then the mean over its heads. Two dispatches, behind the layer's attention. */
export function recordAttentionReadout(
  recorder: CommandRecorder,
  buffers: AttentionReadoutBuffers,
  shape: AttentionReadoutShape,
): void {
  const { layer, readersAt, numHeads, maxKeys, numReaders } = shape;
  recorder.record(
    attentionReadout,
    buffers,
    {
      tokensAt: shape.tokensAt,
      fragmentsAt: shape.fragmentsAt,
      pagesAt: shape.pagesAt,
      readersAt,
      layer,
      scale: 1 / Math.sqrt(shape.headDim),
    },
    {
      chunks: [ROTATE_QUERY_CHUNK, KEY_CHUNKS[shape.kvType]],
      overrides: {
        HEAD_DIM: shape.headDim,
        NUM_HEADS: numHeads,
        NUM_KV_HEADS: shape.numKvHeads,
        PAGE_SIZE: shape.pageSize,
        MAX_KEYS: maxKeys,
        WORKGROUP_SIZE: shape.lanes === 'few' ? 16 : 128,
      },
      workgroups: [numHeads, numReaders],
    },
  );
  const { weights, table, y } = buffers;
  recorder.record(
    attentionReadoutMean,
    { weights, table, y },
    { readersAt, layer },
    {
      overrides: {
        NUM_HEADS: numHeads,
        NUM_LAYERS: shape.numLayers,
        MAX_KEYS: maxKeys,
        WORKGROUP_SIZE: MEAN_WORKGROUP,
      },
      workgroups: [Math.ceil(shape.numKeys / MEAN_WORKGROUP), numReaders],
    },
  );
}
