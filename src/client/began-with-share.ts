import { readPageAddress } from '@/lib/page-address.ts';
import { SHARE_PARAMETER } from '@/protocol/shared-content.ts';

// Looked at once: by the time the device is known the visitor may have answered, and the address is cleared.
const isShared = typeof location !== 'undefined' && SHARE_PARAMETER in readPageAddress(location.hash).params;

/**
 * Whether the page was opened by a link with something shared in it. Such a link came from somebody else: the page then
 * begins nothing by itself.
 */
export function beganWithShare(): boolean {
  return isShared;
}
