import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import type { ByteSource } from './byte-source.ts';
import { checkCancelled } from './cancelled.ts';
import { invalidFile } from './gguf-header.ts';
import type { MlcShard } from './mlc-index.ts';
import type { ModelFolder } from './model-folder.ts';
import { ProgressMeter } from './progress-meter.ts';

/** A choice: large enough for the disk, small beside a shard. */
const HASH_PIECE_BYTES = 1 << 22;

export interface OpenFolderOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Opens a folder's shards, one after the other, and compares each with what the index says of it.
 *
 * @returns owned sources, in the order of `shards`
 * @throws {Failure} 'invalidFile' naming a shard that is missing or of another size; 'integrityFailed' naming one with
 *                   other content; 'cancelled'
 */
export async function openMlcShards(
  folder: ModelFolder,
  shards: readonly MlcShard[],
  { signal, onProgress = () => {} }: OpenFolderOptions = {},
): Promise<ByteSource[]> {
  const meter = new ProgressMeter('verify', totalBytes(shards), onProgress);
  const count = (numBytes: number): void => {
    checkCancelled(signal);
    meter.add(numBytes);
  };
  const onBytes = folder.comparesFiles === true ? null : count;
  const sources: ByteSource[] = [];
  for (const shard of shards) {
    try {
      checkCancelled(signal);
      const source = await folder.open(shard.fileName, shard);
      if (source === null)
        throw invalidFile(shard.fileName, 'file', `the folder ${folder.name} lacks this part of the weights`);
      sources.push(source);
      await checkShard(source, shard, onBytes);
    } catch (error) {
      for (const source of sources) source[Symbol.dispose]();
      // The error that counts is the first one.
      if (error instanceof WrongShard) await folder.discard?.(shard.fileName).catch(() => {});
      throw error;
    }
  }
  return sources;
}

export function totalBytes(shards: readonly MlcShard[]): number {
  return shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Not what the index says. */
class WrongShard extends Failure<FailureCode> {}

/** @param onBytes of the content's comparison; null for the size's alone */
async function checkShard(
  source: ByteSource,
  { fileName, sizeBytes, md5: expected }: MlcShard,
  onBytes: ((numBytes: number) => void) | null,
): Promise<void> {
  if (source.sizeBytes !== sizeBytes)
    throw new WrongShard(
      'invalidFile',
      `${fileName}: size: it has ${source.sizeBytes} bytes, but the index says ${sizeBytes}. Copy or download it again.`,
      { file: fileName, field: 'size' },
    );
  if (expected === null || onBytes === null) return;
  const digest = await md5Of(source, onBytes);
  if (digest !== expected)
    throw new WrongShard(
      'integrityFailed',
      `${fileName} has the MD5 ${digest}, but the index says ${expected}. Copy or download it again.`,
      { file: fileName },
    );
}

/**
 * MD5 of a file, read in pieces. It finds damage, not intent: whoever can change a shard can change the index too.
 *
 * @param onBytes  called after each piece; may throw to stop
 * @returns        lower-case hex
 */
export async function md5Of(source: ByteSource, onBytes: (numBytes: number) => void): Promise<string> {
  const hash = md5.create();
  for (let offset = 0; offset < source.sizeBytes; offset += HASH_PIECE_BYTES) {
    const length = Math.min(HASH_PIECE_BYTES, source.sizeBytes - offset);
    hash.update(await source.read(offset, length));
    onBytes(length);
  }
  return bytesToHex(hash.digest());
}
