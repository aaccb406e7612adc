import { readPageAddress } from '@/lib/page-address.ts';
import { SHARE_PARAMETER } from '@/protocol/shared-content.ts';

/**
 * Whether the page's address holds something that was shared and was not answered yet. It came from somebody else: until
 * the visitor has chosen, the page begins nothing by itself.
 */
export function isShareAddress(): boolean {
  return SHARE_PARAMETER in readPageAddress(location.hash).params;
}
