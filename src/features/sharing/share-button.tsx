import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { readPageAddress } from '@/lib/page-address.ts';
import type { SharedPage } from '@/protocol/shared-content.ts';
import { useSharing } from '@/client/use-sharing.ts';

/** Shares the page on which it stands. @param isSmall  among the small buttons of a row of tabs */
export function ShareButton({ isSmall = false }: { readonly isSmall?: boolean }): ReactElement {
  const share = useSharing();
  return (
    <Button
      className="share-button"
      variant="default"
      aria-haspopup="dialog"
      {...(isSmall && { size: 'compact-xs' })}
      onClick={() => share(pageOf(readPageAddress(location.hash).path))}
    >
      Share
    </Button>
  );
}

function pageOf([panel, page]: readonly string[]): SharedPage {
  if (panel === 'chat') return 'chat';
  if (panel !== 'negotiation') return 'thinking';
  return page === 'training' || page === 'evaluation' ? page : 'negotiation';
}
