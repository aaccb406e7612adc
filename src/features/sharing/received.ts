/** What a link or a file brought. */
import type { SharedContent } from '@/protocol/shared-content.ts';
import { MAX_SHARE_FILE, readShareFile } from '@/state/sharing/share-text.ts';
import { formatBytes } from '@/ui/format.ts';

export interface Received {
  readonly from: 'link' | 'file';
  /** Null where it cannot be read; `problem` says why. */
  readonly content: SharedContent | null;
  readonly problem: string;
}

/** @param read  throws a Failure for what is wrong */
export function receive(from: Received['from'], read: () => SharedContent): Received {
  try {
    return { from, content: read(), problem: '' };
  } catch (error) {
    return { from, content: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Never rejects: what is wrong is part of what came. */
export async function receiveFile(file: File): Promise<Received> {
  if (file.size > MAX_SHARE_FILE)
    return { from: 'file', content: null, problem: `It has ${formatBytes(file.size)}, more than can be shared.` };
  const text = await file.text().catch(() => null);
  if (text === null) return { from: 'file', content: null, problem: 'The browser cannot read it any longer.' };
  return receive('file', () => readShareFile(text));
}
