import { Button } from '@mantine/core';
import { createContext, useContext, type ReactElement } from 'react';
import { readPageAddress } from '@/lib/page-address.ts';
import type { SharedPage } from '@/protocol/shared-content.ts';

/** Opens the dialog that shares a page. */
export const SharingContext = createContext<((page: SharedPage) => void) | null>(null);

interface ShareButtonProps {
  /** Among the small buttons of a row of tabs. */
  readonly isSmall?: boolean;
  /** Default: the page on which it stands. */
  readonly page?: SharedPage;
  /** Before the dialog opens: one in which the button stands is closed. */
  readonly onShare?: () => void;
}

/** Shares the page on which it stands, or what stands in a dialog. */
export function ShareButton({ isSmall = false, page, onShare }: ShareButtonProps): ReactElement {
  const share = useContext(SharingContext);
  if (share === null) throw new Error('A ShareButton needs a SharingProvider above it.');
  return (
    <Button
      className="share-button"
      variant="default"
      aria-haspopup="dialog"
      {...(isSmall && { size: 'compact-xs' })}
      onClick={() => {
        onShare?.();
        share(page ?? pageOf(readPageAddress(location.hash).path));
      }}
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
