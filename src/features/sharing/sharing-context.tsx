import './sharing.css';
import { Button } from '@mantine/core';
import { useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { readPageAddress, writePageAddress } from '@/lib/page-address.ts';
import { SHARE_PARAMETER, type SharedContent, type SharedPage } from '@/protocol/shared-content.ts';
import { obstacleToShared, type Undo } from '@/state/sharing/apply-shared.ts';
import { pathOfShared } from '@/state/sharing/share-text.ts';
import { SharingContext } from '@/client/use-sharing.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { replacePageAddress, usePageAddress } from '@/ui/use-page-address.ts';
import { nameOfShared } from './describe-shared.ts';
import { receive, receiveFile, type Received } from './received.ts';
import { ShareDialog } from './share-dialog.tsx';
import { SharedWithYou } from './shared-with-you.tsx';
import { useSharedDrop } from './use-shared-drop.ts';

interface InPlace {
  readonly content: SharedContent;
  readonly undo: Undo;
}

/** Everything about sharing that is not a button: what comes in by address, drop and dialog, and what goes out. */
export function SharingProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const duet = useDuet();
  const share = usePageAddress().params[SHARE_PARAMETER];
  const [file, setFile] = useState<Received | null>(null);
  const [page, setPage] = useState<SharedPage | null>(null);
  const [inPlace, setInPlace] = useState<InPlace | null>(null);
  const [putAside, setPutAside] = useState<Received | null>(null);
  const fromLink = useMemo(
    () => (share === undefined ? null : receive('link', () => duet.share.read(share))),
    [share, duet],
  );
  const came = file ?? fromLink ?? putAside;
  const obstacle = useAppState((state) =>
    came === null || came.content === null ? null : obstacleToShared(state, came.content),
  );
  // A card that was closed to stop what runs there comes back when that has ended.
  const card = came === putAside && obstacle !== null ? null : came;

  const open = (chosen: File): void => {
    void receiveFile(chosen).then((received) => {
      setPage(null);
      setFile(received);
    });
  };
  useSharedDrop(open);

  /** A reload does not ask again. @param path  default: where the page is */
  const leave = (path: readonly string[] = readPageAddress(location.hash).path): void => {
    const { [SHARE_PARAMETER]: _share, ...params } = readPageAddress(location.hash).params;
    if (file === null) replacePageAddress({ path, params });
    else location.hash = writePageAddress({ path, params });
    setFile(null);
    setPutAside(null);
  };
  const close = (): void => {
    if (obstacle === null) leave();
    else setPutAside(came);
  };
  const used = (content: SharedContent, undo: Undo): void => {
    leave(pathOfShared(content));
    setInPlace({ content, undo });
  };

  return (
    <SharingContext value={setPage}>
      {children}
      <SharedWithYou received={card} onClose={close} onLeave={() => leave()} onUsed={used} />
      <ShareDialog page={page} onClose={() => setPage(null)} onFile={open} />
      {inPlace !== null && <InPlaceBar inPlace={inPlace} onClose={() => setInPlace(null)} />}
    </SharingContext>
  );
}

/** Says what was put in place, and takes it back. It covers nothing for ever: it can be closed. */
function InPlaceBar({ inPlace, onClose }: { readonly inPlace: InPlace; readonly onClose: () => void }): ReactElement {
  const { content, undo } = inPlace;
  // Under a run nothing is put back, as nothing is put in place.
  const obstacle = useAppState((state) => obstacleToShared(state, content));
  return (
    <div className="in-place" role="status">
      <span>In place: {content.title ?? nameOfShared(content)}</span>
      <Button
        disabled={obstacle !== null}
        onClick={() => {
          undo();
          onClose();
        }}
      >
        Undo
      </Button>
      <Button variant="default" onClick={onClose}>
        Close
      </Button>
    </div>
  );
}
