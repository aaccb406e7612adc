import { checkCancelled } from './cancelled.ts';
import type { ProgressMeter } from './progress-meter.ts';

/**
 * Feeds a file to a hash, piece by piece.
 *
 * @returns false if the file cannot be read to its end
 * @throws {Failure} 'cancelled'
 */
export async function hashBlob(
  blob: Blob,
  hash: { update(bytes: Uint8Array): unknown },
  meter: ProgressMeter,
  signal?: AbortSignal,
): Promise<boolean> {
  const reader = blob.stream().getReader();
  try {
    for (;;) {
      checkCancelled(signal);
      const { done, value } = await reader.read();
      if (done) return true;
      hash.update(value);
      meter.add(value.length);
    }
  } catch (error) {
    checkCancelled(signal);
    if (error instanceof DOMException) return false;
    throw error;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
