/** Room in the browser's storage, and what it says when there is none. */
import { Failure } from '@/lib/failure.ts';
import { formatMegabytes } from '@/lib/format-megabytes.ts';
import type { FailureCode } from '@/protocol/failures.ts';

/** @returns null where the browser does not say */
async function freeBytes(): Promise<number | null> {
  const { navigator } = globalThis as { navigator?: { storage?: StorageManager } };
  if (typeof navigator?.storage?.estimate !== 'function') return null;
  const { quota, usage = 0 } = await navigator.storage.estimate();
  return quota === undefined ? null : Math.max(0, quota - usage);
}

/**
 * Says so before the transfer, not after it, if a file cannot fit.
 *
 * @throws {Failure} 'downloadFailed' with `details.reason` 'storageFull', `neededBytes` and `freeBytes`
 */
export async function checkSpace(url: string, neededBytes: number): Promise<void> {
  const free = await freeBytes();
  if (free !== null && neededBytes > free) throw storageFull(url, neededBytes, free);
}

/**
 * Makes storage errors readable; other errors stay as they are.
 *
 * @param neededBytes  what was still to be written; 0 if that is not known
 */
export async function explainStorageError(error: unknown, url: string, neededBytes = 0): Promise<unknown> {
  if (!(error instanceof DOMException)) return error;
  if (error.name === 'QuotaExceededError') return storageFull(url, neededBytes, await freeBytes().catch(() => null));
  if (error.name === 'NoModificationAllowedError' || error.name === 'InvalidStateError')
    return new Failure<FailureCode>(
      'downloadFailed',
      `The copy of ${url} has to be fetched again, but another tab uses it. Close that tab and try again.`,
      { url },
    );
  return error;
}

function storageFull(url: string, neededBytes: number, free: number | null): Failure<FailureCode> {
  const needed = neededBytes > 0 ? `: ${formatMegabytes(neededBytes)} more are needed` : '';
  const left = free === null ? '' : `${needed === '' ? ':' : ','} ${formatMegabytes(free)} are free`;
  return new Failure<FailureCode>(
    'downloadFailed',
    `The browser's storage has no room for ${url}${needed}${left}. Delete stored models that you do not need, or free disk space.`,
    { url, reason: 'storageFull', neededBytes, ...(free === null ? {} : { freeBytes: free }) },
  );
}
